#include "decode/decode.h"

#include <string.h>

#include "base/work.h"
#include "decode/steps.h"
#include "decode/usual.h"

enum { LAYERS_MAX = 16 };

static uint32_t record_anomalies(uint32_t oddities)
{
    uint32_t anomalies = 0;

    if (oddities & PM_RECORD_FRACTION)
        anomalies |= UINT32_C(1) << PM_ANOMALY_TS_FRACTION;
    if (oddities & PM_RECORD_CAP_OVER_ORIG)
        anomalies |= UINT32_C(1) << PM_ANOMALY_CAP_OVER_ORIG;
    if (oddities & PM_RECORD_OVER_SNAPLEN)
        anomalies |= UINT32_C(1) << PM_ANOMALY_OVER_SNAPLEN;
    if (oddities & PM_RECORD_EMPTY)
        anomalies |= UINT32_C(1) << PM_ANOMALY_EMPTY;
    if (oddities & PM_RECORD_NO_TIME)
        anomalies |= UINT32_C(1) << PM_ANOMALY_NO_TIMESTAMP;
    if (oddities & PM_RECORD_TIME_RANGE)
        anomalies |= UINT32_C(1) << PM_ANOMALY_TS_RANGE;
    if (oddities & PM_RECORD_OPTION)
        anomalies |= UINT32_C(1) << PM_ANOMALY_INTERFACE_OPTION;
    return anomalies;
}

static struct pm_step choose_ip(struct pm_cursor *cursor)
{
    const uint8_t *ip = pm_cursor_need(cursor, 1);

    if (ip == NULL) {
        pm_packet_mark(cursor->packet, PM_ANOMALY_IP_CUT);
        return pm_step_end();
    }
    return ip[0] >> 4 == 6 ? pm_decode_ip6(cursor) : pm_decode_ip4(cursor);
}

static struct pm_step take_step(struct pm_cursor *cursor, struct pm_step step)
{
    PM_WORK();
    switch (step.kind) {
    case PM_STEP_LINK:
        return pm_decode_link(cursor, step.type);
    case PM_STEP_ETHERNET:
        return pm_decode_ethernet(cursor);
    case PM_STEP_ETHERTYPE:
        return pm_decode_ethertype(cursor, step.type);
    case PM_STEP_LLC:
        return pm_decode_llc(cursor);
    case PM_STEP_SNAP:
        return pm_decode_snap(cursor);
    case PM_STEP_PPP:
        return pm_decode_ppp(cursor);
    case PM_STEP_IP:
        return choose_ip(cursor);
    case PM_STEP_IP4:
        return pm_decode_ip4(cursor);
    case PM_STEP_IP6:
        return pm_decode_ip6(cursor);
    case PM_STEP_AH:
        return pm_decode_ah(cursor);
    case PM_STEP_GRE:
        return pm_decode_gre(cursor);
    case PM_STEP_UDP_TUNNEL:
        return pm_decode_udp_tunnel(cursor, step.type);
    case PM_STEP_END:
        break;
    }
    return pm_step_end();
}

/* What was found behind the outermost IP header is none of the packet's, but for the tunnel's
 * number, its place in the path and what is wrong with it. */
static void take_from_shadow(struct pm_packet *packet, const struct pm_packet *shadow)
{
    packet->n_path = shadow->n_path;
    memcpy(packet->path, shadow->path, sizeof packet->path);
    packet->anomalies |= shadow->anomalies;
    packet->tunnel_id = shadow->tunnel_id;
    packet->tunnel_both_ways = shadow->tunnel_both_ways;
}

struct pm_ip_bytes pm_decode_any(const struct pm_record *record, uint64_t number,
                                 enum pm_tunnels tunnels, struct pm_packet *packet)
{
    struct pm_packet shadow; /* written and read only inside tunnels */
    struct pm_cursor cursor = {.at = record->data,
                               .cap = record->cap_len,
                               .wire = record->wire_len,
                               .packet = packet,
                               .shadow = &shadow,
                               .inner = tunnels == PM_TUNNELS_INNER};
    struct pm_step step;

    pm_packet_begin(packet, record, number);
    if (record->oddities != 0)
        packet->anomalies = record_anomalies(record->oddities);
    if (record->fcs_bytes != 0 && record->wire_len >= record->fcs_bytes)
        pm_cursor_limit(&cursor, record->wire_len - record->fcs_bytes);
    step = pm_decode_link(&cursor, record->link_type);
    while (step.kind != PM_STEP_END && cursor.layers < LAYERS_MAX)
        step = take_step(&cursor, step);
    if (step.kind != PM_STEP_END)
        pm_packet_mark(packet, PM_ANOMALY_TOO_MANY_LAYERS);
    if (cursor.packet != packet)
        take_from_shadow(packet, cursor.packet);
    return (struct pm_ip_bytes){cursor.ip, cursor.ip_cap};
}

struct pm_ip_bytes pm_decode(const struct pm_record *record, uint64_t number,
                             enum pm_tunnels tunnels, struct pm_packet *packet)
{
    if (pm_decode_usual(record, number, tunnels, packet))
        return pm_usual_ip(record, packet);
    return pm_decode_any(record, number, tunnels, packet);
}

/* Cost: 10 ns a usual packet, 45 any other one (pcapmill bench: decode). */
void pm_decode_all(const struct pm_record *records, size_t n, uint64_t number,
                   enum pm_tunnels tunnels, struct pm_packet *packets)
{
    for (size_t i = 0; i < n; i++)
        if (!pm_decode_usual(&records[i], number + i, tunnels, &packets[i]))
            pm_decode_any(&records[i], number + i, tunnels, &packets[i]);
}
