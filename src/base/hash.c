#include "base/hash.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

/* splitmix64 (Steele, Lea, Flood 2014): spreads one word over the whole secret. */
static uint64_t next_word(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

void pm_hash_key_init(struct pm_hash_key *key, uint64_t seed)
{
    if (seed == 0 && getrandom(key->secret, sizeof key->secret, 0) == (ssize_t)sizeof key->secret)
        return;
    if (seed == 0)
        seed = (uint64_t)time(NULL) ^ (uintptr_t)key; /* no random numbers: still not fixed */
    for (size_t at = 0; at < sizeof key->secret; at += sizeof seed) {
        uint64_t word = next_word(&seed);

        memcpy(key->secret + at, &word, sizeof word);
    }
}

_Static_assert(sizeof(struct pm_hash_key) % sizeof(uint64_t) == 0, "the secret is whole words");
