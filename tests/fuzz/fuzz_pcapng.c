/* F2: the pcapng reader, against a plain count of its packets. */
#include "fuzz.h"

#include "base/bytes.h"
#include "capture/capture.h"

enum { BATCH = 3, SECTION = 0x0a0d0d0a, MAGIC = 0x1a2b3c4d };

/* What walks: packets that are told and skipped, and where it ends. */
struct outcome {
    uint64_t packets, skipped, at;
};

static struct outcome walk_view(const struct pm_view *view)
{
    struct pm_walk walk = {.view = view, .end = view->end};
    struct pm_record records[BATCH];
    struct outcome outcome = {0};
    size_t n;

    while ((n = pm_pcapng_walk(&walk, records, BATCH)) != 0) {
        for (size_t i = 0; i < n; i++) {
            HOLDS(records[i].data >= view->bytes &&
                  records[i].data + records[i].cap_len <= view->bytes + view->end);
            HOLDS(records[i].timed || records[i].ts_ns == 0);
        }
        HOLDS(walk.at > outcome.at);
        outcome.at = walk.at;
        outcome.packets += n;
    }
    HOLDS(walk.damage != PM_WHOLE || walk.at == view->end);
    outcome.at = walk.at;
    outcome.skipped = walk.skipped;
    pm_walk_end(&walk);
    return outcome;
}

/* The options of an interface lie inside its block. */
static bool options_fit(const uint8_t *at, const uint8_t *end, bool big)
{
    while (end - at >= 4 && pm_read16(at, big) != 0) {
        if (pm_read16(at + 2, big) > end - at - 4)
            return false;
        at += 4 + (pm_read16(at + 2, big) + 3) / 4 * 4;
    }
    return true;
}

static struct outcome count_plainly(const uint8_t *bytes, uint64_t size)
{
    struct outcome outcome = {0};
    uint32_t interfaces = 0;
    bool big = false, readable = true;

    while (size - outcome.at >= 12) {
        const uint8_t *block = bytes + outcome.at;
        uint32_t type = pm_read32(block, big), length, body;

        if (type == SECTION && pm_be32(block + 8) != MAGIC && pm_le32(block + 8) != MAGIC)
            break;
        if (type == SECTION)
            big = pm_be32(block + 8) == MAGIC;
        length = pm_read32(block + 4, big);
        if (length < 12 || length % 4 != 0 || length > (128 << 20) + (128 << 10) ||
            length > size - outcome.at || pm_read32(block + length - 4, big) != length)
            break;
        body = length - 12;
        if (type == SECTION) {
            if (length < 28)
                break;
            interfaces = 0;
            readable = pm_read16(block + 12, big) == 1;
        } else if (readable && type == 1) {
            if (body < 8 || !options_fit(block + 16, block + 8 + body, big))
                break;
            interfaces++;
        } else if (readable && type == 3) {
            if (body < 4)
                break;
            outcome.packets += interfaces > 0;
            outcome.skipped += interfaces == 0;
        } else if (readable && (type == 2 || type == 6)) {
            uint32_t number;

            if (body < 20 || pm_read32(block + 20, big) > body - 20)
                break;
            number = type == 2 ? pm_read16(block + 8, big) : pm_read32(block + 8, big);
            outcome.packets += number < interfaces;
            outcome.skipped += number >= interfaces;
        }
        outcome.at += length;
    }
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = guarded(data, size);
    struct pm_view view = {.bytes = bytes, .end = size, .last = true};
    struct pm_error error;

    if (pm_pcapng_claims(bytes, size) && pm_pcapng_check(bytes, size, "fuzz", &error) == PM_OK) {
        struct outcome found, expected = count_plainly(bytes, size);
        uint64_t begin;

        begin_work();
        found = walk_view(&view);
        end_work(size, 1);
        HOLDS(found.packets == expected.packets && found.skipped == expected.skipped);
        HOLDS(found.at == expected.at);
        begin_work();
        if (pm_pcapng_guess(&view, (struct pm_span){size / 2, size}, false, &begin))
            HOLDS(begin >= size / 2 && begin < size);
        end_work(size, 1);
    }
    free(bytes);
    return 0;
}
