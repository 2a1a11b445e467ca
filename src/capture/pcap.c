#include "capture/pcap.h"

#include "base/bytes.h"
#include "base/work.h"
#include "capture/ahead.h"

enum {
    FILE_HEADER = 24,
    CAP_LEN_USUAL = 262144,   /* libpcap's and Wireshark's limit for most link types */
    CAP_LEN_MOST = 128 << 20, /* Wireshark's limit for the one with the longest packets */
    LINKTYPE_FCS_PRESENT = 1 << 26,
};

static const struct variant {
    uint32_t magic;
    uint32_t fraction_unit_ns;
    uint32_t extra_file_header;
    uint32_t extra_record_header;
} variants[] = {
    {0xa1b2c3d4, 1000, 0, 0}, {0xa1b23c4d, 1, 0, 0},
    {0xa1b2cd34, 1000, 0, 8}, /* modified by A. Kuznetzov: interface, protocol, packet type */
    {0x1c0001ab, 1000, 4, 0}, /* Ixia, µs and ns: the length of all records follows the header */
    {0x1c0001ac, 1, 4, 0},
};

static const struct {
    uint32_t magic;
    const char *what;
} strangers[] = {
    {0x504b0304, "a zip archive: unpack it first"},
    {0x02214c18, "compressed with an old version of lz4: unpack it first"},
    {0xa12b3c4d, "a Navtel capture, a format that is not read"},
    {0xa1b234cd, "a capture of the reserved format a1b234cd, which is not read"},
};

/* ---- the file header ---------------------------------------------------------------------- */

static const struct variant *find_variant(const uint8_t *bytes, bool *big_endian)
{
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        *big_endian = pm_be32(bytes) == variants[i].magic;
        if (*big_endian || pm_le32(bytes) == variants[i].magic)
            return &variants[i];
    }
    return NULL;
}

static enum pm_status refuse(const uint8_t *bytes, uint64_t n_bytes, const char *path,
                             struct pm_error *error)
{
    for (size_t i = 0; n_bytes >= 4 && i < sizeof strangers / sizeof *strangers; i++)
        if (pm_be32(bytes) == strangers[i].magic || pm_le32(bytes) == strangers[i].magic)
            return pm_fail(error, PM_UNSUPPORTED, "'%s' is %s", path, strangers[i].what);
    return pm_fail(error, PM_NOT_A_CAPTURE,
                   "'%s' is not a packet capture: it begins with no known pcap header", path);
}

bool pm_pcap_is_modified(const uint8_t *bytes, uint64_t n_bytes)
{
    bool big;
    const struct variant *variant = n_bytes >= 4 ? find_variant(bytes, &big) : NULL;

    return variant != NULL && variant->extra_record_header != 0;
}

/* The modified format as A. Kuznetzov's patch of 1999-10-29 has it is read; that of 1999-09-15 has
 * 4 bytes more in each record header, which the first records tell. */
static bool is_older_patch(const struct pm_pcap *pcap, const uint8_t *bytes, uint64_t n_bytes)
{
    struct pm_view head = {.bytes = bytes, .end = n_bytes, .last = n_bytes < PM_PCAP_HEAD_MODIFIED};
    struct pm_pcap older = *pcap;

    older.record_header_bytes += 4;
    return pm_pcap_is_modified(bytes, n_bytes) &&
           !pm_pcap_chain_starts(pcap, &head, pcap->header_bytes) &&
           pm_pcap_chain_starts(&older, &head, pcap->header_bytes);
}

/* Version 2.4 is today's; 2.0 to 2.3 and 543.0 differ in the order of the lengths. */
static bool known_version(unsigned major, unsigned minor, enum pm_length_order *lengths)
{
    *lengths = PM_LENGTHS_IN_ORDER;
    if (major == 543 && minor == 0) {
        *lengths = PM_LENGTHS_SWAPPED;
        return true;
    }
    if (major != 2 || minor > 4)
        return false;
    if (minor < 3)
        *lengths = PM_LENGTHS_SWAPPED;
    else if (minor == 3)
        *lengths = PM_LENGTHS_EITHER;
    return true;
}

/* The link type field: type in 16 bits, 10 reserved, FCS present, its length in 16-bit words. */
static bool read_link_type(struct pm_pcap *pcap, uint32_t field)
{
    pcap->link_type = (uint16_t)field;
    if (field & LINKTYPE_FCS_PRESENT)
        pcap->fcs_bytes = (uint8_t)((field >> 28) * 2);
    return (field >> 16 & 0x3ff) == 0;
}

enum pm_status pm_pcap_open(struct pm_pcap *pcap, const uint8_t *bytes, uint64_t n_bytes,
                            const char *path, struct pm_error *error)
{
    bool big;
    const struct variant *variant = n_bytes >= 4 ? find_variant(bytes, &big) : NULL;
    unsigned major, minor;

    if (variant == NULL)
        return refuse(bytes, n_bytes, path, error);
    if (n_bytes < FILE_HEADER + variant->extra_file_header)
        return pm_fail(error, PM_NOT_A_CAPTURE,
                       "'%s' ends inside its file header: it holds no packet", path);
    *pcap = (struct pm_pcap){
        .header_bytes = FILE_HEADER + variant->extra_file_header,
        .record_header_bytes = 16 + variant->extra_record_header,
        .fraction_unit_ns = variant->fraction_unit_ns,
        .snap_len = pm_read32(bytes + 16, big),
        .magic_bytes = pm_le32(bytes),
        .version_bytes = pm_le32(bytes + 4),
        .big_endian = big,
    };
    pcap->cap_len_max = pcap->snap_len < CAP_LEN_MOST ? pcap->snap_len : CAP_LEN_MOST;
    if (pcap->cap_len_max < CAP_LEN_USUAL)
        pcap->cap_len_max = CAP_LEN_USUAL;
    major = pm_read16(bytes + 4, big);
    minor = pm_read16(bytes + 6, big);
    if (!known_version(major, minor, &pcap->lengths))
        return pm_fail(error, PM_NOT_A_CAPTURE,
                       "'%s' is a pcap file of version %u.%u: only 2.0 to 2.4 are known", path,
                       major, minor);
    if (!read_link_type(pcap, pm_read32(bytes + 20, big)))
        return pm_fail(
            error, PM_NOT_A_CAPTURE,
            "'%s' uses reserved bits of the link type: it was written wrongly or damaged", path);
    if (is_older_patch(pcap, bytes, n_bytes))
        return pm_fail(error, PM_UNSUPPORTED,
                       "'%s' has the record headers of an old SuSE Linux (28 bytes), which are not "
                       "read: rewrite it with editcap first",
                       path);
    return PM_OK;
}

/* ---- records ------------------------------------------------------------------------------ */

/* A record of length 0 is rare, and often none: a file that was laid out in advance and not filled,
 * or another file header. Two headers of zeros in a row are no packets. */
static __attribute__((noinline)) enum pm_damage judge_empty(const struct pm_pcap *pcap,
                                                            const struct pm_view *view, uint64_t at)
{
    const uint8_t *here = pm_view_at(view, at), *end = pm_view_at(view, view->end);
    uint32_t two_headers = 2 * pcap->record_header_bytes;

    if (pm_le32(here) == pcap->magic_bytes && pm_le32(here + 4) == pcap->version_bytes)
        return PM_SECOND_HEADER;
    if (view->end - at < two_headers)
        return view->last ? PM_WHOLE : PM_CUT_RECORD;
    if (!pm_all_zero(here, here + two_headers))
        return PM_WHOLE;
    return pm_all_zero(here, end) ? PM_ZERO_TAIL : PM_ZERO_HOLE;
}

static inline void order_lengths(const struct pm_pcap *pcap, uint32_t *cap_len, uint32_t *orig_len)
{
    if (pcap->lengths == PM_LENGTHS_SWAPPED ||
        (pcap->lengths == PM_LENGTHS_EITHER && *cap_len > *orig_len)) {
        uint32_t first = *cap_len;

        *cap_len = *orig_len;
        *orig_len = first;
    }
}

/* Rare: one branch for all of them. */
static inline uint32_t find_oddities(const struct pm_pcap *pcap, uint64_t fraction_ns,
                                     uint32_t cap_len, uint32_t orig_len)
{
    bool fraction = fraction_ns >= 1000000000, over_orig = cap_len > orig_len;
    bool over_snaplen = pcap->snap_len != 0 && cap_len > pcap->snap_len, empty = cap_len == 0;

    if (__builtin_expect(!(fraction | over_orig | over_snaplen | empty), 1))
        return 0;
    return (fraction ? PM_RECORD_FRACTION : 0) | (over_orig ? PM_RECORD_CAP_OVER_ORIG : 0) |
           (over_snaplen ? PM_RECORD_OVER_SNAPLEN : 0) | (empty ? PM_RECORD_EMPTY : 0);
}

/* Reads the record at `at` and says where the next one begins. */
static inline enum pm_damage read_record(const struct pm_pcap *pcap, const struct pm_view *view,
                                         bool big, uint64_t at, struct pm_record *record,
                                         uint64_t *next)
{
    const uint8_t *header = pm_view_at(view, at);
    uint64_t left = view->end - at, fraction_ns;
    uint32_t cap_len, orig_len;

    PM_WORK();
    if (left < pcap->record_header_bytes)
        return PM_CUT_HEADER;
    fraction_ns = (uint64_t)pm_read32(header + 4, big) * pcap->fraction_unit_ns;
    cap_len = pm_read32(header + 8, big);
    orig_len = pm_read32(header + 12, big);
    order_lengths(pcap, &cap_len, &orig_len);
    if (cap_len > pcap->cap_len_max)
        return PM_BAD_LENGTH;
    if (cap_len > left - pcap->record_header_bytes)
        return PM_CUT_RECORD;
    if (cap_len == 0) {
        enum pm_damage damage = judge_empty(pcap, view, at);

        if (damage != PM_WHOLE)
            return damage;
    }
    record->data = header + pcap->record_header_bytes;
    record->ts_ns = (int64_t)pm_read32(header, big) * 1000000000 + (int64_t)fraction_ns;
    record->cap_len = cap_len;
    record->wire_len = orig_len > cap_len ? orig_len : cap_len;
    record->oddities = find_oddities(pcap, fraction_ns, cap_len, orig_len);
    record->link_type = pcap->link_type;
    record->fcs_bytes = pcap->fcs_bytes;
    record->timed = true;
    record->big_endian = big;
    *next = at + pcap->record_header_bytes + cap_len;
    return PM_WHOLE;
}

/* Works on copies, which stay in registers: for all the compiler knows, a record could be one of
 * them. Cost: 6 ns a record in a cache; with what it takes to bring it there 40 ns, of a file in
 * the page cache (bench: walk). */
static inline __attribute__((always_inline)) size_t walk_records(const struct pm_pcap *pcap_pointer,
                                                                 bool big, struct pm_walk *walk,
                                                                 struct pm_record *records,
                                                                 size_t max)
{
    const struct pm_pcap pcap = *pcap_pointer;
    const struct pm_view view = *walk->view;
    const bool fetched = walk->fetched;
    const uint8_t *ahead = pm_view_at(&view, walk->at);
    enum pm_damage damage = walk->damage;
    uint64_t at = walk->at, end = walk->end;
    size_t n = 0;

    while (n < max && at < end && damage == PM_WHOLE) {
        damage = read_record(&pcap, &view, big, at, &records[n], &at);
        n += damage == PM_WHOLE;
        if (!fetched)
            ahead = pm_prefetch_ahead(ahead, pm_view_at(&view, at));
    }
    walk->at = at;
    if (damage != walk->damage)
        pm_walk_stop(walk, damage);
    return n;
}

size_t pm_pcap_walk(const struct pm_pcap *pcap, struct pm_walk *walk, struct pm_record *records,
                    size_t max)
{
    return pcap->big_endian ? walk_records(pcap, true, walk, records, max)
                            : walk_records(pcap, false, walk, records, max);
}
