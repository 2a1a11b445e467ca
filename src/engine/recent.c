#include "engine/recent.h"

#include <stdlib.h>

struct pm_recent *pm_recent_new(unsigned width)
{
    struct pm_recent *recent = calloc(1, sizeof *recent);

    if (recent != NULL)
        recent->width = width;
    return recent;
}

/* Frames that were cut short are told apart by what they were on the wire. Of IP packets the header
 * says that. */
static XXH128_hash_t hash_packet(const struct pm_hash_key *key, const struct pm_record *record,
                                 struct pm_ip_bytes ip)
{
    const uint8_t *bytes = ip.at != NULL ? ip.at : record->data;
    size_t n_bytes = ip.at != NULL ? ip.n : record->cap_len;
    XXH128_hash_t hash = XXH3_128bits_withSecret(bytes, n_bytes, key->secret, sizeof key->secret);

    if (ip.at == NULL)
        hash.low64 += record->wire_len;
    return hash;
}

/* Counted from the latest, which is 0. */
static XXH128_hash_t packet_back(const struct pm_recent *recent, uint32_t back)
{
    return recent->packets[(recent->next + recent->width - 1 - back) % recent->width];
}

bool pm_recent_add(struct pm_recent *recent, const struct pm_hash_key *key,
                   const struct pm_record *record, struct pm_ip_bytes ip)
{
    XXH128_hash_t hash = hash_packet(key, record, ip);
    bool seen = false;

    for (uint32_t i = 0; i < recent->n; i++)
        seen |= XXH128_isEqual(recent->packets[i], hash);
    recent->packets[recent->next] = hash;
    recent->next = (recent->next + 1) % recent->width;
    recent->n += recent->n < recent->width;
    return seen;
}

bool pm_recent_equal(const struct pm_recent *a, const struct pm_recent *b)
{
    if (a->n != b->n)
        return false;
    for (uint32_t back = 0; back < a->n; back++)
        if (!XXH128_isEqual(packet_back(a, back), packet_back(b, back)))
            return false;
    return true;
}
