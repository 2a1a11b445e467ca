/* F3: the decoder. Input: link type (2), bytes on the wire more than captured (2), the frame. */
#include "fuzz.h"

#include "base/bytes.h"
#include "decode/decode.h"

static void check(const struct pm_packet *packet, const struct pm_record *record)
{
    HOLDS(packet->wire_len == record->wire_len && packet->cap_len == record->cap_len);
    HOLDS(packet->payload_len <= packet->wire_len);
    HOLDS(packet->n_path <= PM_PATH_MAX && packet->word < PM_N_WORDS);
    HOLDS(packet->ip_version == 0 || packet->ip_version == 4 || packet->ip_version == 6);
    HOLDS((packet->ip_version == 0) == (packet->word == PM_WORD_NON_IP));
    HOLDS(packet->has_tcp || packet->tcp_flags == 0);
    HOLDS(packet->anomalies >> PM_N_ANOMALIES == 0);
    for (int i = 0; i < PM_PATH_MAX; i++)
        HOLDS(packet->path[i] < PM_N_LAYERS && (i < packet->n_path) == (packet->path[i] != 0));
}

/* The short way for usual packets gives what the general one does. */
static void check_short_way(const struct pm_packet *packet, const struct pm_record *record,
                            enum pm_tunnels tunnels)
{
    struct pm_packet any;

    pm_decode_any(record, 0, tunnels, &any);
    HOLDS(memcmp(packet, &any, sizeof any) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pm_packet outer, inner;
    struct pm_record record = {.timed = true};
    uint8_t *frame;

    if (size < 4)
        return 0;
    frame = guarded(data + 4, size - 4);
    record.data = frame;
    record.link_type = pm_le16(data);
    record.cap_len = (uint32_t)(size - 4);
    record.wire_len = record.cap_len + pm_le16(data + 2);
    begin_work();
    pm_decode(&record, 0, PM_TUNNELS_OUTER, &outer);
    pm_decode(&record, 0, PM_TUNNELS_INNER, &inner);
    end_work(size, 1);
    check(&outer, &record);
    check(&inner, &record);
    check_short_way(&outer, &record, PM_TUNNELS_OUTER);
    check_short_way(&inner, &record, PM_TUNNELS_INNER);
    HOLDS(memcmp(outer.path, inner.path, sizeof outer.path) ==
          0); /* the contract's rule either way */
    free(frame);
    return 0;
}
