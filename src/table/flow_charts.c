#include "table/flow_charts.h"

#include "base/number.h"
#include "table/all_tables.h"
#include "table/flow_survey.h"
#include "table/flows.h"

/* ---- how many are at least so large, so long ------------------------------------------------- */

/* The complementary distribution, a row per log-linear bin that holds a flow: its lower edge and
 * the share of flows at or above it. */
static void emit_distribution(const uint64_t bins[PM_LOGLINEAR_BINS], uint64_t n_flows,
                              struct pm_sink *sink,
                              void (*put_edge)(struct pm_sink *sink, uint64_t edge))
{
    uint64_t above = n_flows;

    for (unsigned bin = 0; bin < PM_LOGLINEAR_BINS; bin++) {
        if (bins[bin] == 0)
            continue;
        put_edge(sink, pm_loglinear_low(bin));
        pm_put(sink, above);
        pm_put_fixed9(sink, pm_round_divide((__int128)above * 1000000000, n_flows));
        pm_end_row(sink);
        above -= bins[bin];
    }
}

static void put_seconds(struct pm_sink *sink, uint64_t ns)
{
    pm_put_fixed9(sink, ns);
}

static void emit_sizes(const void *flows, struct pm_sink *sink)
{
    const struct pm_flow_survey *survey = pm_flows_survey(flows);

    emit_distribution(survey->sizes, survey->flows, sink, pm_put);
}

static void emit_durations(const void *flows, struct pm_sink *sink)
{
    const struct pm_flow_survey *survey = pm_flows_survey(flows);

    emit_distribution(survey->durations, survey->flows, sink, put_seconds);
}

static const struct pm_column size_columns[] = {
    {"wire_bytes", PM_CELL_INTEGER, "bytes", "a size"},
    {"flows", PM_CELL_INTEGER, "", "flows at least that large"},
    {"share", PM_CELL_FIXED9, "", "their share of all flows"},
};

static const struct pm_column duration_columns[] = {
    {"duration_s", PM_CELL_FIXED9, "s", "a duration"},
    {"flows", PM_CELL_INTEGER, "", "flows that last at least that long"},
    {"share", PM_CELL_FIXED9, "", "their share of all flows"},
};

/* ---- how many there are at a time ------------------------------------------------------------ */

/* Rows at most, each 2^n ns long: about as many as a picture has columns. */
enum { MOMENTS = 1024 };

static uint64_t since_first(const struct pm_flow_survey *survey, int64_t ts)
{
    return (uint64_t)ts - (uint64_t)survey->first_ts;
}

/* The least n with which all of the time has no more moments of 2^n ns. */
static unsigned moment_shift(const struct pm_flow_survey *survey)
{
    unsigned shift = 0;

    while (since_first(survey, survey->last_ts) >> shift >= MOMENTS)
        shift++;
    return shift;
}

/* In each moment the flows that began by its end and had not ended before it; moments without a
 * change are left out between the first and the last one. */
static void emit_concurrent(const void *flows, struct pm_sink *sink)
{
    const struct pm_flow_survey *survey = pm_flows_survey(flows);
    int64_t changes[MOMENTS + 1] = {0}, alive = 0;
    unsigned shift = moment_shift(survey);
    size_t last = since_first(survey, survey->last_ts) >> shift;

    for (uint64_t i = 0; i < survey->flows; i++) {
        const struct pm_segment *flow = pm_flows_get(flows, i);

        if (!flow->timed)
            continue;
        changes[since_first(survey, pm_segment_min_ts(flow)) >> shift]++;
        changes[(since_first(survey, pm_segment_max_ts(flow)) >> shift) + 1]--;
    }
    for (size_t i = 0; survey->timed && i <= last; i++) {
        alive += changes[i];
        if (changes[i] == 0 && i != last)
            continue;
        pm_put_fixed9(sink, survey->first_ts + ((__int128)i << shift));
        pm_put_fixed9(sink, (__int128)i << shift);
        pm_put(sink, (uint64_t)alive);
        pm_end_row(sink);
    }
}

static const struct pm_column concurrent_columns[] = {
    {"utc_s", PM_CELL_FIXED9, "s", "start of a moment, in seconds since the epoch"},
    {"since_s", PM_CELL_FIXED9, "s", "the same since the first row"},
    {"flows", PM_CELL_INTEGER, "", "flows that began by its end and did not end before it"},
};

/* ---- how long both halves of handshakes take ------------------------------------------------- */

/* The halves of a handshake: to the side that answers and back, and to the side that asks. */
struct halves {
    uint64_t bins[2][PM_LOGLINEAR_BINS];
    uint64_t n[2];
};

static void count_handshake(struct halves *halves, const struct pm_handshake *handshake)
{
    uint64_t times[] = {pm_handshake_syn_to_syn_ack(handshake),
                        pm_handshake_syn_ack_to_ack(handshake)};

    for (unsigned half = 0; half < 2; half++)
        if (times[half] != 0) {
            halves->bins[half][pm_loglinear_bin(times[half])]++;
            halves->n[half]++;
        }
}

/* A row per log-linear bin that holds a time: its upper edge, and the share of times up to it. */
static void emit_handshakes(const void *flows, struct pm_sink *sink)
{
    uint64_t n_flows = pm_flows_count(flows), below[2] = {0};
    struct halves halves = {0};

    for (uint64_t i = 0; i < n_flows; i++) {
        const struct pm_segment *flow = pm_flows_get(flows, i);
        struct pm_details room;

        if (flow->key.proto == PM_IPPROTO_TCP)
            count_handshake(&halves,
                            &pm_flows_details(flows, flow, &room)->handshakes[flow->src_direction]);
    }
    for (unsigned bin = 0; bin < PM_LOGLINEAR_BINS; bin++) {
        if (halves.bins[0][bin] == 0 && halves.bins[1][bin] == 0)
            continue;
        put_seconds(sink, pm_loglinear_high(bin));
        for (unsigned half = 0; half < 2; half++) {
            below[half] += halves.bins[half][bin];
            pm_put_fixed9(
                sink, halves.n[half] == 0
                          ? 0
                          : pm_round_divide((__int128)below[half] * 1000000000, halves.n[half]));
        }
        pm_end_row(sink);
    }
}

static const struct pm_column handshake_columns[] = {
    {"rtt_s", PM_CELL_FIXED9, "s", "a time"},
    {"server_share", PM_CELL_FIXED9, "", "share of the answers to SYNs that came within it"},
    {"client_share", PM_CELL_FIXED9, "", "share of the answers to SYN+ACKs that came within it"},
};

/* ---- what becomes of TCP's flows ------------------------------------------------------------- */

static void emit_outcomes(const void *flows, struct pm_sink *sink)
{
    static const char *const names[PM_OUTCOMES] = {[PM_OUTCOME_CLOSED] = "closed",
                                                   [PM_OUTCOME_RESET] = "reset",
                                                   [PM_OUTCOME_REFUSED] = "refused",
                                                   [PM_OUTCOME_UNANSWERED] = "unanswered",
                                                   [PM_OUTCOME_OPEN] = "open"};
    const uint64_t *outcomes = pm_flows_survey(flows)->outcomes;
    uint64_t all = 0;

    for (int outcome = 0; outcome < PM_OUTCOMES; outcome++)
        all += outcomes[outcome];
    for (int outcome = 0; outcome < PM_OUTCOMES && all != 0; outcome++) {
        pm_put_word(sink, names[outcome]);
        pm_put(sink, outcomes[outcome]);
        pm_end_row(sink);
    }
}

static const struct pm_column outcome_columns[] = {
    {"outcome", PM_CELL_WORD, "",
     "closed: FIN from both sides; reset: RST; refused: an RST answers the SYN; unanswered: "
     "neither "
     "an answer to the SYN nor an ACK of one; open: none of these"},
    {"flows", PM_CELL_INTEGER, "", "flows of TCP"},
};

/* ---- all ------------------------------------------------------------------------------------- */

const struct pm_chart pm_flow_charts[PM_N_FLOW_CHARTS] = {
    {"flow_sizes", size_columns, PM_COUNT(size_columns), emit_sizes, pm_script_flow_sizes},
    {"flow_durations", duration_columns, PM_COUNT(duration_columns), emit_durations,
     pm_script_flow_durations},
    {"concurrent_flows", concurrent_columns, PM_COUNT(concurrent_columns), emit_concurrent,
     pm_script_concurrent_flows},
    {"handshakes", handshake_columns, PM_COUNT(handshake_columns), emit_handshakes,
     pm_script_handshakes, .flow_details = PM_FLOW_TCP},
    {"tcp_outcomes", outcome_columns, PM_COUNT(outcome_columns), emit_outcomes,
     pm_script_tcp_outcomes},
};
