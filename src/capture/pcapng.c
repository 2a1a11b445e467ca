#include "capture/pcapng.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/work.h"
#include "capture/ahead.h"
#include "capture/option.h"

enum {
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    BLOCK_MOST = (128 << 20) + (128 << 10), /* Wireshark's limit; a stream must hold one whole */
    SECTION_LEAST = 28,
    CHAIN = 4,
    SEARCH_MOST = 1 << 20
};

enum { OPTION_TSRESOL = 9, OPTION_FCSLEN = 13, OPTION_TSOFFSET = 14 };
enum { OPTION_PACKET_FLAGS = 2 };

struct block {
    uint32_t type;
    uint32_t length; /* of all of it */
    const uint8_t *body;
    uint32_t body_bytes;
};

/* ---- blocks ---------------------------------------------------------------------------------- */

bool pm_pcapng_big_endian(const uint8_t *header)
{
    return pm_be32(header + 8) == BYTE_ORDER_MAGIC;
}

/* The byte order of a section header, which has at least 12 bytes. False: it is none. */
static bool read_byte_order(const uint8_t *header, bool *big)
{
    *big = pm_pcapng_big_endian(header);
    return *big || pm_le32(header + 8) == BYTE_ORDER_MAGIC;
}

/* Blocks that describe are looked at again when the run is proven (describe.h). */
static void mark(struct pm_walk *walk)
{
    if (!pm_marks_add(&walk->marks, walk->at))
        walk->status = PM_NO_MEMORY;
}

static enum pm_damage read_block(const struct pm_view *view, bool big, uint64_t at,
                                 struct block *block)
{
    const uint8_t *bytes = pm_view_at(view, at);
    uint64_t left = view->end - at;

    PM_WORK();
    if (left < PM_BLOCK_LEAST)
        return PM_CUT_HEADER;
    block->type = pm_read32(bytes, big);
    if (block->type == PM_BLOCK_SECTION && !read_byte_order(bytes, &big))
        return PM_BAD_SECTION;
    block->length = pm_read32(bytes + 4, big);
    if (block->length < PM_BLOCK_LEAST || block->length > BLOCK_MOST || block->length % 4 != 0)
        return PM_BAD_LENGTH;
    if (block->length > left)
        return PM_CUT_RECORD;
    if (pm_read32(bytes + block->length - 4, big) != block->length)
        return PM_BAD_LENGTH;
    block->body = bytes + 8;
    block->body_bytes = block->length - PM_BLOCK_LEAST;
    return PM_WHOLE;
}

/* What bytes are that cannot be a block: a file that was laid out in advance and not filled, or
 * damage. Only where a walk ends: it looks at all that is left. */
static enum pm_damage judge_block(const struct pm_view *view, uint64_t at)
{
    const uint8_t *bytes = pm_view_at(view, at), *end = pm_view_at(view, view->end);

    if (pm_le64(bytes) != 0)
        return PM_BAD_LENGTH;
    return pm_all_zero(bytes, end) ? PM_ZERO_TAIL : PM_ZERO_HOLE;
}

/* ---- sections and interfaces ----------------------------------------------------------------- */

/* The body: byte-order magic (4), major and minor version (2 + 2), section length (8), options. The
 * section length is not believed: every block is walked. */
static enum pm_damage begin_section(struct pm_walk *walk, const struct block *block)
{
    struct pm_section *section = &walk->section;
    bool big;

    pm_section_free(section);
    if (block->length < SECTION_LEAST || !read_byte_order(block->body - 8, &big))
        return PM_BAD_SECTION;
    mark(walk);
    section->big_endian = big;
    section->unreadable = pm_read16(block->body + 4, big) != 1;
    return PM_WHOLE;
}

static void read_option(struct pm_interface *interface, const struct pm_options_walk *option)
{
    unsigned code = option->code;
    const uint8_t *value = option->value;

    if (code != OPTION_TSRESOL && code != OPTION_TSOFFSET && code != OPTION_FCSLEN)
        return;
    if (option->length != (code == OPTION_TSOFFSET ? 8 : 1)) {
        interface->odd_option = true;
    } else if (code == OPTION_TSRESOL) {
        interface->binary = value[0] & 0x80;
        interface->exponent = value[0] & 0x7f;
        interface->has_time = interface->exponent <= (interface->binary ? 63 : 19);
    } else if (code == OPTION_TSOFFSET) {
        interface->offset_s = (int64_t)pm_read64(value, option->big);
    } else {
        interface->fcs_bytes = value[0] < 8 ? value[0] : value[0] / 8; /* written in both units */
    }
}

static uint64_t power_of_ten(unsigned exponent)
{
    uint64_t power = 1;

    while (exponent-- > 0)
        power *= 10;
    return power;
}

/* The body: link type (2), reserved (2), snap length (4), options. */
static enum pm_damage add_interface(struct pm_walk *walk, const struct block *block)
{
    bool big = walk->section.big_endian;
    struct pm_options_walk options = {
        .at = block->body + 8, .end = block->body + block->body_bytes, .big = big};
    struct pm_interface interface = {.has_time = true, .exponent = 6};

    if (block->body_bytes < 8)
        return PM_BAD_LENGTH;
    interface.link_type = pm_read16(block->body, big);
    interface.snap_len = pm_read32(block->body + 4, big);
    while (pm_option_next(&options))
        read_option(&interface, &options);
    if (options.overrun)
        return PM_BAD_LENGTH;
    if (interface.has_time && !interface.binary)
        interface.scale = power_of_ten((unsigned)abs(interface.exponent - 9));
    mark(walk);
    if (!pm_section_add(&walk->section, &interface))
        walk->status = PM_NO_MEMORY;
    return PM_WHOLE;
}

/* ---- packets --------------------------------------------------------------------------------- */

/* Units of the interface since the epoch, in nanoseconds; what is finer is cut off. */
static bool tell_time(const struct pm_interface *interface, uint64_t units, int64_t *ts_ns)
{
    unsigned exponent = interface->exponent;
    __int128 ns;

    if (!interface->has_time)
        return false;
    if (interface->binary)
        ns = (__int128)((unsigned __int128)units * 1000000000 >> exponent);
    else if (exponent <= 9)
        ns = (__int128)units * interface->scale;
    else
        ns = units / interface->scale;
    ns += (__int128)interface->offset_s * 1000000000;
    *ts_ns = (int64_t)ns;
    return ns >= INT64_MIN && ns <= INT64_MAX;
}

static void fill_record(struct pm_record *record, bool big, const struct pm_interface *interface,
                        const uint8_t *data, uint32_t cap_len, uint32_t orig_len)
{
    *record = (struct pm_record){.data = data,
                                 .cap_len = cap_len,
                                 .wire_len = orig_len > cap_len ? orig_len : cap_len,
                                 .link_type = interface->link_type,
                                 .fcs_bytes = interface->fcs_bytes,
                                 .big_endian = big};
    if (cap_len > orig_len)
        record->oddities |= PM_RECORD_CAP_OVER_ORIG;
    if (interface->snap_len != 0 && cap_len > interface->snap_len)
        record->oddities |= PM_RECORD_OVER_SNAPLEN;
    if (cap_len == 0)
        record->oddities |= PM_RECORD_EMPTY;
    if (interface->odd_option)
        record->oddities |= PM_RECORD_OPTION;
}

/* A packet of an interface that the section does not have is passed over. */
static const struct pm_interface *find_interface(struct pm_walk *walk, uint32_t number)
{
    if (number < walk->section.n_interfaces)
        return &walk->section.interfaces[number];
    if (walk->skipped++ == 0)
        walk->first_skipped = walk->at;
    return NULL;
}

/* Options of a packet, of which its flags may say the length of its frame check sequence. What they
 * overrun is passed over: the packet itself is whole. */
static void read_packet_flags(struct pm_record *record, struct pm_options_walk options)
{
    while (pm_option_next(&options))
        if (options.code == OPTION_PACKET_FLAGS && options.length == 4) {
            uint8_t fcs_bytes = pm_read32(options.value, options.big) >> 5 & 15;

            if (fcs_bytes != 0)
                record->fcs_bytes = fcs_bytes;
        }
}

/* Enhanced packet: interface (4), time (4 + 4), captured and original length (4 + 4), data.
 * Old packet block: interface (2), drops (2), and on as above. */
static enum pm_damage read_packet(struct pm_walk *walk, const struct block *block,
                                  struct pm_record *record, size_t *n)
{
    bool big = walk->section.big_endian;
    const uint8_t *body = block->body;
    const struct pm_interface *interface;
    uint32_t cap_len, data_bytes;
    uint64_t units;

    if (block->body_bytes < 20)
        return PM_BAD_LENGTH;
    cap_len = pm_read32(body + 12, big);
    if (cap_len > block->body_bytes - 20)
        return PM_BAD_LENGTH;
    interface = find_interface(walk, block->type == PM_BLOCK_OLD_PACKET ? pm_read16(body, big)
                                                                        : pm_read32(body, big));
    if (interface == NULL)
        return PM_WHOLE;
    fill_record(record, big, interface, body + 20, cap_len, pm_read32(body + 16, big));
    units = (uint64_t)pm_read32(body + 4, big) << 32 | pm_read32(body + 8, big);
    record->timed = tell_time(interface, units, &record->ts_ns);
    if (!record->timed) {
        record->ts_ns = 0;
        record->oddities |= PM_RECORD_TIME_RANGE;
    }
    data_bytes = (cap_len + 3u) / 4 * 4;
    if (data_bytes < block->body_bytes - 20)
        read_packet_flags(record, (struct pm_options_walk){.at = body + 20 + data_bytes,
                                                           .end = body + block->body_bytes,
                                                           .big = big});
    ++*n;
    return PM_WHOLE;
}

/* Simple packet: original length (4), data, of interface 0, without time. The captured length is
 * what its snap length and the block leave. */
static enum pm_damage read_simple_packet(struct pm_walk *walk, const struct block *block,
                                         struct pm_record *record, size_t *n)
{
    const struct pm_interface *interface;
    uint32_t orig_len, cap_len;

    if (block->body_bytes < 4)
        return PM_BAD_LENGTH;
    interface = find_interface(walk, 0);
    if (interface == NULL)
        return PM_WHOLE;
    orig_len = pm_read32(block->body, walk->section.big_endian);
    cap_len = block->body_bytes - 4;
    if (cap_len > orig_len)
        cap_len = orig_len;
    if (interface->snap_len != 0 && cap_len > interface->snap_len)
        cap_len = interface->snap_len;
    fill_record(record, walk->section.big_endian, interface, block->body + 4, cap_len, orig_len);
    record->oddities |= PM_RECORD_NO_TIME;
    ++*n;
    return PM_WHOLE;
}

/* Blocks of other kinds, custom ones and secrets among them, are passed over by their length. */
static inline enum pm_damage take_block(struct pm_walk *walk, const struct block *block,
                                        struct pm_record *record, size_t *n)
{
    if (block->type == PM_BLOCK_SECTION)
        return begin_section(walk, block);
    if (walk->section.unreadable)
        return PM_WHOLE;
    switch (block->type) {
    case PM_BLOCK_PACKET:
    case PM_BLOCK_OLD_PACKET:
        return read_packet(walk, block, record, n);
    case PM_BLOCK_SIMPLE_PACKET:
        return read_simple_packet(walk, block, record, n);
    case PM_BLOCK_INTERFACE:
        return add_interface(walk, block);
    case PM_BLOCK_STATISTICS:
        mark(walk);
        return PM_WHOLE;
    default:
        return PM_WHOLE;
    }
}

size_t pm_pcapng_walk(struct pm_walk *walk, struct pm_record *records, size_t max)
{
    const struct pm_view view = *walk->view;
    const uint8_t *ahead = pm_view_at(&view, walk->at);
    size_t n = 0;

    while (n < max && walk->at < walk->end && walk->damage == PM_WHOLE && walk->status == PM_OK) {
        struct block block;
        enum pm_damage damage = read_block(&view, walk->section.big_endian, walk->at, &block);

        if (damage == PM_WHOLE)
            damage = take_block(walk, &block, &records[n], &n);
        else if (damage == PM_BAD_LENGTH)
            damage = judge_block(&view, walk->at);
        if (damage != PM_WHOLE) {
            pm_walk_stop(walk, damage);
            break;
        }
        walk->at += block.length;
        if (!walk->fetched)
            ahead = pm_prefetch_ahead(ahead, pm_view_at(&view, walk->at));
    }
    return n;
}

/* ---- opening --------------------------------------------------------------------------------- */

bool pm_pcapng_claims(const uint8_t *bytes, uint64_t n_bytes)
{
    return n_bytes >= 4 && pm_le32(bytes) == PM_BLOCK_SECTION;
}

enum pm_status pm_pcapng_check(const uint8_t *bytes, uint64_t n_bytes, const char *path,
                               struct pm_error *error)
{
    bool big;

    if (n_bytes < SECTION_LEAST)
        return pm_fail(error, PM_NOT_A_CAPTURE,
                       "'%s' ends inside its section header: it holds no packet", path);
    if (!read_byte_order(bytes, &big))
        return pm_fail(error, PM_NOT_A_CAPTURE,
                       "'%s' begins as pcapng does, but without its byte-order magic", path);
    if (pm_read16(bytes + 12, big) != 1)
        return pm_fail(error, PM_NOT_A_CAPTURE,
                       "'%s' is a pcapng file of version %u: only 1 is known", path,
                       pm_read16(bytes + 12, big));
    return PM_OK;
}

/* ---- guessing -------------------------------------------------------------------------------- */

/* A block starts where a chain of CHAIN blocks does, or a shorter one that ends with the file. As
 * with pcap (guess.c) that is a guess: packets can hold blocks. */
static bool chain_starts(const struct pm_view *view, bool big, uint64_t at)
{
    for (int link = 0; link < CHAIN; link++) {
        struct block block;
        enum pm_damage damage;

        if (at == view->end)
            return link > 0;
        damage = read_block(view, big, at, &block);
        if (damage == PM_CUT_HEADER || damage == PM_CUT_RECORD)
            return link > 0 && !view->last;
        if (damage != PM_WHOLE)
            return false;
        at += block.length;
    }
    return true;
}

bool pm_pcapng_guess(const struct pm_view *view, struct pm_span span, bool big_endian,
                     uint64_t *begin)
{
    uint64_t end = span.end - span.begin < SEARCH_MOST ? span.end : span.begin + SEARCH_MOST;

    for (uint64_t at = (span.begin + 3) / 4 * 4; at < end; at += 4)
        if (chain_starts(view, big_endian, at)) {
            *begin = at;
            return true;
        }
    return false;
}

static bool holds_packet(uint32_t type)
{
    return type == PM_BLOCK_PACKET || type == PM_BLOCK_SIMPLE_PACKET || type == PM_BLOCK_OLD_PACKET;
}

uint64_t pm_pcapng_glance(const struct pm_view *view, struct pm_span span, bool big_endian)
{
    for (uint64_t at = (span.begin + 3) / 4 * 4; at < span.end; at += 4) {
        struct block block;

        PM_WORK();
        if (view->end - at < PM_BLOCK_LEAST)
            break;
        if (holds_packet(pm_read32(pm_view_at(view, at), big_endian)) &&
            read_block(view, big_endian, at, &block) == PM_WHOLE)
            return at;
    }
    return span.end;
}
