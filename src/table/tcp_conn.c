#include "table/tcp_conn.h"

/* ---- states ---------------------------------------------------------------------------------- */

enum endpoint {
    INACTIVE,
    SYN_SENT,
    SYN_ACK_SENT,
    PARTIAL,
    ESTABLISHED,
    CLOSED,
    RESET,
    RESET_AFTER_CLOSED
};

enum { ENDPOINTS = 8 };

_Static_assert(ENDPOINTS *ENDPOINTS == PM_TCP_STATES, "a state is that of two endpoints");

static enum endpoint endpoint_of(unsigned state, bool originator)
{
    return originator ? state / ENDPOINTS : state % ENDPOINTS;
}

static bool is_reset(enum endpoint endpoint)
{
    return endpoint == RESET || endpoint == RESET_AFTER_CLOSED;
}

static void reset(enum endpoint *from)
{
    *from = *from == CLOSED ? RESET_AFTER_CLOSED : RESET;
}

static void open_by_syn(enum endpoint *from, enum endpoint *to, bool originator, unsigned flags)
{
    if (originator && flags & PM_TCP_ACK)
        *from = SYN_ACK_SENT;
    else if (originator)
        *from = *to == ESTABLISHED ? ESTABLISHED : SYN_SENT;
    else {
        if (*to == SYN_SENT)
            *to = ESTABLISHED;
        *from = ESTABLISHED;
    }
}

/* The first packet of an endpoint. */
static void begin(enum endpoint *from, enum endpoint *to, bool originator,
                  const struct pm_tcp_packet *packet)
{
    unsigned flags = packet->flags;

    if (flags & PM_TCP_SYN)
        open_by_syn(from, to, originator, flags);
    if (flags & PM_TCP_FIN)
        *from = CLOSED;
    if (flags & PM_TCP_RST)
        reset(from);
    if (*from != INACTIVE || (!originator && packet->payload_len == 0 && *to == SYN_SENT))
        return; /* an ACK may come before the SYN+ACK */
    *from = flags & PM_TCP_ACK && *to == ESTABLISHED ? ESTABLISHED : PARTIAL;
}

static void go_on(enum endpoint *from, enum endpoint *to, const struct pm_tcp_packet *packet)
{
    unsigned flags = packet->flags;

    if ((flags & (PM_TCP_SYN | PM_TCP_ACK)) == PM_TCP_SYN && *from == PARTIAL && *to == INACTIVE)
        *from = SYN_SENT;
    if (flags & PM_TCP_FIN && !(flags & PM_TCP_RST)) {
        *from = CLOSED;
        if (*to == RESET_AFTER_CLOSED)
            *to = CLOSED; /* RST behind FIN is how some end a connection well */
    }
    if (flags & PM_TCP_RST)
        *from = RESET;
}

static void finish_opening(enum endpoint *from, const struct pm_tcp_packet *packet)
{
    if (packet->flags & PM_TCP_FIN)
        *from = CLOSED;
    if (packet->flags & PM_TCP_RST)
        reset(from);
}

/* What a packet of the originator or the other side makes of a state. */
static uint8_t next_state(unsigned state, bool originator, const struct pm_tcp_packet *packet)
{
    enum endpoint from = endpoint_of(state, originator), to = endpoint_of(state, !originator);

    switch (from) {
    case INACTIVE:
        begin(&from, &to, originator, packet);
        break;
    case SYN_SENT:
    case SYN_ACK_SENT:
        finish_opening(&from, packet);
        break;
    case PARTIAL:
    case ESTABLISHED:
        go_on(&from, &to, packet);
        break;
    case CLOSED:
        if (packet->flags & PM_TCP_RST && to != CLOSED)
            from = RESET_AFTER_CLOSED;
        break;
    case RESET:
    case RESET_AFTER_CLOSED:
        break;
    }
    return (uint8_t)(originator ? from * ENDPOINTS + to : to * ENDPOINTS + from);
}

const char *pm_tcp_conn_state(const struct pm_tcp_conn *conn, unsigned originator, bool payload)
{
    enum endpoint o = endpoint_of(conn->states[originator], true);
    enum endpoint r = endpoint_of(conn->states[originator], false);
    bool o_silent = o == INACTIVE || o == PARTIAL, r_silent = r == INACTIVE || r == PARTIAL;

    if (is_reset(r)) {
        if (o == SYN_SENT || o == SYN_ACK_SENT || (is_reset(o) && !payload))
            return "REJ";
        return o_silent ? "RSTRH" : "RSTR";
    }
    if (is_reset(o))
        return r_silent ? "RSTOS0" : "RSTO";
    if (o == CLOSED)
        return r == CLOSED ? "SF" : r_silent ? "SH" : "S2";
    if (r == CLOSED)
        return o_silent ? "SHR" : "S3";
    if (o == SYN_SENT && r == INACTIVE)
        return "S0";
    return o == ESTABLISHED && r == ESTABLISHED ? "S1" : "OTH";
}

/* ---- history --------------------------------------------------------------------------------- */

enum letter { SYN, SYN_ACK, ACK, DATA, FIN, RST, INCONSISTENT, MULTI, AGAIN, ZERO_WINDOW, NOTHING };

static const char names[] = "SHADFRIQTW";

enum { DIRECTION = 0x80, KINDS = 3 };

static enum letter letter_of(const struct pm_tcp_packet *packet)
{
    unsigned flags = packet->flags;

    switch (flags & (PM_TCP_SYN | PM_TCP_FIN | PM_TCP_RST)) {
    case 0:
        return packet->payload_len != 0 ? DATA : flags & PM_TCP_ACK ? ACK : NOTHING;
    case PM_TCP_SYN:
        return flags & PM_TCP_ACK ? SYN_ACK : SYN;
    case PM_TCP_FIN:
        return FIN;
    case PM_TCP_RST:
        return RST;
    default:
        return flags & PM_TCP_FIN && flags & PM_TCP_RST ? INCONSISTENT : MULTI;
    }
}

/* Of a FIN that of the FIN itself, behind what is sent with it. */
static uint32_t seq_of(const struct pm_tcp_packet *packet, enum letter letter)
{
    return letter == FIN ? packet->seq + packet->payload_len : packet->seq;
}

/* Letters that are told again where the sequence number is another one; SYN and SYN+ACK share it.
 */
static bool has_seq(enum letter letter, unsigned *kind)
{
    *kind = letter == FIN ? 1 : letter == RST ? 2 : 0;
    return letter == SYN || letter == SYN_ACK || letter == FIN || letter == RST;
}

/* Whether a letter is to be told, of all but those that are counted. */
static bool is_news(struct pm_tcp_told *told, enum letter letter, uint32_t seq)
{
    unsigned kind;
    bool with_seq = has_seq(letter, &kind);
    uint8_t bit = (uint8_t)(1u << (with_seq          ? kind
                                   : letter == ACK   ? KINDS
                                   : letter == DATA  ? KINDS + 1
                                   : letter == MULTI ? KINDS + 2
                                                     : KINDS + 3));
    bool news = !(told->seen & bit) || (with_seq && told->last_seq[kind] != seq);

    told->seen |= bit;
    if (with_seq)
        told->last_seq[kind] = seq;
    return news;
}

static void write_letter(struct pm_tcp_conn *conn, enum letter letter, unsigned direction)
{
    if (conn->n_letters < PM_TCP_HISTORY)
        conn->letters[conn->n_letters++] = (uint8_t)(letter | (direction ? DIRECTION : 0));
}

static bool is_counted(enum letter letter)
{
    return letter == AGAIN || letter == ZERO_WINDOW;
}

/* Told the first time, the 10th, the 100th, ... */
static void count_times(struct pm_tcp_conn *conn, enum letter letter, unsigned direction,
                        uint64_t times)
{
    uint64_t *count = &conn->times[direction][letter == ZERO_WINDOW], before = *count;

    *count += times;
    for (uint64_t mark = 1; mark <= *count; mark *= 10) /* fewer than 10^19 packets */
        if (mark > before)
            write_letter(conn, letter, direction);
}

/* `value`: the sequence number, or how often. */
static void happen(struct pm_tcp_conn *conn, enum letter letter, unsigned direction, uint32_t value)
{
    if (is_counted(letter))
        count_times(conn, letter, direction, value);
    else if (is_news(&conn->told[direction], letter, value))
        write_letter(conn, letter, direction);
}

void pm_tcp_conn_add(struct pm_tcp_conn *conn, const struct pm_tcp_packet *packet,
                     struct pm_tcp_finding finding)
{
    enum letter letter = letter_of(packet);

    for (unsigned originator = 0; originator < 2; originator++)
        conn->states[originator] =
            next_state(conn->states[originator], packet->direction == originator, packet);
    if (letter != NOTHING)
        happen(conn, letter, packet->direction, seq_of(packet, letter));
    if (finding.zero_window)
        happen(conn, ZERO_WINDOW, packet->direction, 1);
    if (finding.retransmission)
        happen(conn, AGAIN, packet->direction, 1);
}

/* ---- stretches ------------------------------------------------------------------------------- */

void pm_tcp_stretch_init(struct pm_tcp_stretch *stretch)
{
    *stretch = (struct pm_tcp_stretch){0};
    for (unsigned state = 0; state < PM_TCP_STATES; state++)
        stretch->map[0][state] = stretch->map[1][state] = (uint8_t)state;
}

static void move_all(struct pm_tcp_stretch *stretch, const struct pm_tcp_packet *packet)
{
    bool inactive = false;

    for (unsigned originator = 0; originator < 2; originator++)
        for (unsigned state = 0; state < PM_TCP_STATES; state++) {
            uint8_t *to = &stretch->map[originator][state];

            *to = next_state(*to, packet->direction == originator, packet);
            inactive |= endpoint_of(*to, packet->direction == originator) == INACTIVE;
        }
    stretch->moved[packet->direction] = !inactive;
}

/* Notes what may be told behind some past: what the stretch itself has told is behind none. */
static void note(struct pm_tcp_stretch *stretch, enum letter letter, unsigned direction,
                 uint32_t value)
{
    uint8_t code = (uint8_t)(letter | (direction ? DIRECTION : 0));

    if (is_counted(letter)) {
        if (stretch->n != 0 && stretch->letters[stretch->n - 1] == code) {
            stretch->values[stretch->n - 1]++;
            return;
        }
    } else if (!is_news(&stretch->told[direction], letter, value)) {
        return;
    }
    if (stretch->n == PM_TCP_HAPPENINGS_MOST) {
        stretch->overflowed = true;
        return;
    }
    stretch->letters[stretch->n] = code;
    stretch->values[stretch->n++] = value;
}

void pm_tcp_stretch_add(struct pm_tcp_stretch *stretch, const struct pm_tcp_packet *packet,
                        struct pm_tcp_finding finding)
{
    enum letter letter = letter_of(packet);

    if (packet->flags & (PM_TCP_SYN | PM_TCP_FIN | PM_TCP_RST) ||
        !stretch->moved[packet->direction])
        move_all(stretch, packet);
    if (letter != NOTHING)
        note(stretch, letter, packet->direction, seq_of(packet, letter));
    if (finding.zero_window)
        note(stretch, ZERO_WINDOW, packet->direction, 1);
    if (finding.retransmission)
        note(stretch, AGAIN, packet->direction, 1);
}

void pm_tcp_conn_join(struct pm_tcp_conn *conn, const struct pm_tcp_stretch *stretch)
{
    for (unsigned originator = 0; originator < 2; originator++)
        conn->states[originator] = stretch->map[originator][conn->states[originator]];
    for (unsigned i = 0; i < stretch->n; i++)
        happen(conn, stretch->letters[i] & ~DIRECTION, stretch->letters[i] / DIRECTION,
               stretch->values[i]);
}

/* ---- as text --------------------------------------------------------------------------------- */

void pm_tcp_conn_history(const struct pm_tcp_conn *conn, unsigned originator, bool flipped,
                         char text[PM_TCP_HISTORY_TEXT])
{
    char *out = text;

    if (flipped)
        *out++ = '^';
    for (unsigned i = 0; i < conn->n_letters; i++) {
        unsigned direction = conn->letters[i] / DIRECTION;
        char name = names[conn->letters[i] & ~DIRECTION];

        *out++ = direction == originator ? name : (char)(name + ('a' - 'A'));
    }
    *out = '\0';
}
