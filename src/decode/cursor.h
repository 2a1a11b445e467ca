/*
 * The part of a packet that is not decoded yet. Bounds are checked here and nowhere else: a decoder
 * asks for the bytes of a header and gets NULL where they were not captured.
 *
 * Two ends matter and differ: `cap` says what may be read, `wire` says what was there to be sent.
 * Decisions about lengths use `wire`, so that a capture cut to short snap lengths gives the same
 * answers.
 */
#ifndef PM_CURSOR_H
#define PM_CURSOR_H

#include "decode/packet.h"

struct pm_cursor {
    const uint8_t *at;
    uint32_t cap;  /* captured bytes left */
    uint32_t wire; /* bytes left on the wire; >= cap */
    struct pm_packet *packet;
    struct pm_packet *shadow; /* takes what must not reach the packet: headers inside a tunnel */
    bool inner;               /* the innermost IP header is wanted, not the outermost */
    bool path_ended;          /* a transport was reached */
    uint8_t tags;             /* VLAN tags so far */
    uint8_t layers;           /* headers so far */
    const uint8_t *ip;        /* the outermost IP packet, and what was captured of it */
    uint32_t ip_cap;
};

static inline const uint8_t *pm_cursor_need(const struct pm_cursor *cursor, uint32_t n)
{
    return cursor->cap >= n ? cursor->at : NULL;
}

static inline void pm_cursor_skip(struct pm_cursor *cursor, uint32_t n)
{
    uint32_t captured = n < cursor->cap ? n : cursor->cap;

    cursor->at += captured;
    cursor->cap -= captured;
    cursor->wire -= n < cursor->wire ? n : cursor->wire;
}

/* What lies behind the next n bytes of the wire is a trailer and no longer counts. */
static inline void pm_cursor_limit(struct pm_cursor *cursor, uint32_t n)
{
    if (cursor->wire > n)
        cursor->wire = n;
    if (cursor->cap > n)
        cursor->cap = n;
}

/* A header begins, which the path names. */
static inline void pm_cursor_enter(struct pm_cursor *cursor, enum pm_layer layer)
{
    struct pm_packet *packet = cursor->packet;

    cursor->layers++;
    if (!cursor->path_ended && packet->n_path < PM_PATH_MAX)
        packet->path[packet->n_path++] = (uint8_t)layer;
}

#endif
