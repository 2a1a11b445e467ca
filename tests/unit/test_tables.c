/* src/table: the rule of flows by hand, and for all tables at once: merging is associative, a fresh
 * state is neutral, and batches of any size give the same. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "table/all_tables.h"
#include "table/flows.h"
#include "write/csv.h"

enum { SYN = 2, ACK = 16, CLIENT = 40000, SERVER = 443, SECOND = 1000000000, MANY = 3000 };

static struct pm_settings settings(void)
{
    struct pm_settings settings = {
        .intervals_ns = {SECOND, SECOND / 10, INT64_C(60) * SECOND, 1000},
        .idle_timeout_ns = INT64_C(120) * SECOND,
        .flow_columns = PM_FLOW_ALL,
        .flow_details = PM_FLOW_ALL,
        .splt = 5,
        .edge_packets = UINT32_MAX};

    pm_hash_key_init(&settings.hash_key, 7);
    return settings;
}

/* ---- packets by hand ------------------------------------------------------------------------- */

/* A TCP packet at `seconds`, from the client or to it. */
static struct pm_packet tcp(int64_t seconds, int from_client, uint8_t flags, uint32_t seq)
{
    struct pm_packet packet = {.ts_ns = seconds * SECOND,
                               .timed = true,
                               .wire_len = 100,
                               .cap_len = 100,
                               .ip_len = 86,
                               .payload_len = 46,
                               .ip_version = 4,
                               .proto = PM_IPPROTO_TCP,
                               .word = PM_WORD_TCP,
                               .has_tcp = true,
                               .tcp_flags = flags,
                               .tcp_seq = seq,
                               .n_path = 1,
                               .path = {PM_LAYER_TCP}};

    packet.src.low = from_client ? 1 : 2;
    packet.dst.low = from_client ? 2 : 1;
    packet.src_port = from_client ? CLIENT : SERVER;
    packet.dst_port = from_client ? SERVER : CLIENT;
    return packet;
}

/* Counts packets [begin, end) in a run that began with packet `first`, in batches. */
static void count(struct pm_set *set, const struct pm_packet *packets, size_t first, size_t begin,
                  size_t end, size_t batch_packets)
{
    static struct pm_batch batch;

    for (size_t at = begin; at < end; at += batch.n) {
        batch.n = end - at < batch_packets ? end - at : batch_packets;
        memcpy(batch.packets, packets + at, batch.n * sizeof *packets);
        for (size_t i = 0; i < batch.n; i++)
            batch.packets[i].number = at + i - first;
        for (int table = 0; table < PM_N_TABLES; table++)
            assert_int_equal(pm_set_update(set, table, &batch), PM_OK);
    }
}

static void settle(struct pm_set *set)
{
    pm_table_mask settled = 0, ready;

    while ((ready = pm_set_ready(set, settled)) != 0)
        for (int i = 0; i < PM_N_TABLES; i++)
            if (ready >> i & 1) {
                assert_int_equal(pm_set_settle(set, i), PM_OK);
                settled |= 1u << i;
            }
    for (int i = 0; i < PM_N_TABLES; i++)
        if (settled >> i & 1)
            assert_int_equal(pm_set_finish(set, i), PM_OK);
}

/* The flows of packets that are counted as one run each: the hardest cut. */
static void expect_flows(const struct pm_packet *packets, size_t n, const uint64_t *first_packets,
                         size_t n_flows, uint16_t first_src_port)
{
    struct pm_settings common = settings();
    pm_table_mask flows = 1u << pm_tables_find("flows", 5);
    struct pm_set set;
    const void *state;

    assert_int_equal(pm_set_init(&set, &common, flows), PM_OK);
    for (size_t i = 0; i < n; i++) {
        struct pm_set one;

        assert_int_equal(pm_set_init(&one, &common, flows), PM_OK);
        count(&one, packets, i, i, i + 1, 1);
        assert_int_equal(pm_set_merge(&set, &one, i), PM_OK);
        pm_set_free(&one);
    }
    settle(&set);
    state = pm_set_state(&set, &pm_table_flows);
    assert_int_equal(pm_flows_count(state), n_flows);
    for (size_t i = 0; i < n_flows; i++)
        assert_int_equal(pm_flows_get(state, i)->first_packet, first_packets[i]);
    assert_int_equal(pm_flow_src_port(pm_flows_get(state, 0)), first_src_port);
    pm_set_free(&set);
}

static void one_connection_is_one_flow(void **state)
{
    struct pm_packet packets[] = {tcp(0, 1, SYN, 99), tcp(0, 0, SYN | ACK, 500),
                                  tcp(120, 1, ACK, 100), tcp(240, 0, ACK, 501)};

    (void)state;
    expect_flows(packets, 4, (uint64_t[]){0}, 1, CLIENT);
}

static void a_silence_ends_a_flow_and_keeps_its_source(void **state)
{
    struct pm_packet packets[] = {tcp(0, 1, ACK, 100), tcp(120, 0, ACK, 500),
                                  tcp(122, 1, ACK, 101)};

    (void)state;
    packets[1].ts_ns++; /* 1 ns more than 120 s is the first silence */
    expect_flows(packets, 3, (uint64_t[]){0, 1}, 2, CLIENT);
}

static void a_step_back_is_no_silence(void **state)
{
    struct pm_packet packets[] = {tcp(1000, 1, ACK, 100), tcp(10, 0, ACK, 500),
                                  tcp(20, 1, ACK, 101)};

    (void)state;
    expect_flows(packets, 3, (uint64_t[]){0}, 1, CLIENT);
}

static void a_new_connection_ends_a_flow(void **state)
{
    struct pm_packet packets[] = {tcp(0, 1, SYN, 99), tcp(1, 1, SYN, 99), /* sent again */
                                  tcp(2, 0, SYN | ACK, 7), tcp(3, 1, SYN, 5000)};

    (void)state;
    expect_flows(packets, 4, (uint64_t[]){0, 3}, 2, CLIENT);
}

static void a_syn_behind_its_first_segment_is_none(void **state)
{
    struct pm_packet packets[] = {tcp(0, 1, ACK, 100), tcp(0, 1, SYN, 99)}; /* out of order */

    (void)state;
    expect_flows(packets, 2, (uint64_t[]){0}, 1, CLIENT);
}

static void a_syn_ack_comes_from_the_other_side(void **state)
{
    struct pm_packet packets[] = {tcp(0, 0, SYN | ACK, 7), tcp(0, 1, ACK, 100)};

    (void)state;
    expect_flows(packets, 2, (uint64_t[]){0}, 1, CLIENT);
}

static void a_later_fragment_joins_its_first(void **state)
{
    struct pm_packet packets[] = {tcp(0, 1, ACK, 100), tcp(1, 1, 0, 0), tcp(40, 1, 0, 0)};

    (void)state;
    packets[0].fragments = true;
    for (int i = 0; i < 3; i++)
        packets[i].fragment_id = 9;
    for (int i = 1; i < 3; i++) {
        packets[i].fragment_offset = 1480;
        packets[i].has_tcp = false;
        packets[i].src_port = packets[i].dst_port = 0;
    }
    /* The last one comes 40 s behind the first fragment: too late, and so without ports. */
    expect_flows(packets, 3, (uint64_t[]){0, 2}, 2, CLIENT);
}

/* ---- the laws, on random packets ------------------------------------------------------------- */

static uint64_t next_random(uint64_t *random)
{
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    return *random >> 33;
}

/* Few addresses and ports, so that flows end, go on, and fragments find each other. */
static struct pm_packet random_packet(uint64_t *random, int64_t *now)
{
    static const uint8_t flags[] = {ACK, ACK, ACK, ACK, ACK, SYN, SYN | ACK, SYN | ACK, ACK | 1, 4};
    struct pm_packet packet = tcp(0, (int)(next_random(random) & 1), 0, 0);
    uint64_t kind = next_random(random) % 16;

    *now += next_random(random) % 50 == 0 ? INT64_C(130) * SECOND
                                          : (int64_t)(next_random(random) % SECOND) - SECOND / 8;
    packet.ts_ns = *now;
    packet.timed = next_random(random) % 64 != 0;
    packet.src_port = (uint16_t)(packet.src_port + next_random(random) % 2);
    packet.tcp_flags = flags[next_random(random) % PM_COUNT(flags)];
    packet.tcp_window = (uint16_t)next_random(random);
    packet.tcp_mss = (uint16_t)next_random(random);
    packet.tcp_window_scale = (uint8_t)(next_random(random) % 15);
    packet.ttl = (uint8_t)next_random(random);
    packet.dscp = (uint8_t)(next_random(random) % 64);
    packet.payload_len = (uint32_t)(next_random(random) % 1400);
    packet.tcp_seq = (uint32_t)(next_random(random) % 3);
    packet.wire_len = 60 + (uint32_t)(next_random(random) % 5) * 100000;
    packet.fragment_id = (uint32_t)(next_random(random) % 2);
    packet.anomalies = next_random(random) % 32 == 0;
    packet.path[0] = (uint8_t)(PM_LAYER_ETH + kind % 3);
    if (kind == 0)
        packet.fragments = true;
    if (kind == 1) {
        packet.fragment_offset = 8;
        packet.src_port = packet.dst_port = 0;
        packet.has_tcp = false;
        packet.tcp_flags = 0;
    }
    if (kind == 2)
        packet = (struct pm_packet){.ts_ns = *now, .timed = true, .word = PM_WORD_NON_IP};
    return packet;
}

static char *all_text(const struct pm_set *set)
{
    char *all = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&all, &n);

    for (int i = 0; i < PM_N_TABLES; i++) {
        struct pm_rows rows = {.columns = pm_tables[i]->columns,
                               .n_columns = pm_tables[i]->n_columns,
                               .n_rows = pm_tables[i]->n_rows(set->states[i]),
                               .emit = pm_tables[i]->emit,
                               .context = set->states[i]};
        struct pm_text text;

        assert_int_equal(pm_csv_format(&rows, 0, rows.n_rows, &text), PM_OK);
        fwrite(text.bytes, 1, text.n_bytes, out);
        free(text.bytes);
    }
    fclose(out);
    return all;
}

enum { FROM_LEFT, FROM_RIGHT, COUNTED_ON, N_WAYS };

/* Runs a, b, c of the packets, cut at two places: merged from the left, from the right, or c
 * counted on in what became of a and b; with fresh states between (`fresh`), and a told that it
 * leads or not. */
static char *merged(const struct pm_packet *packets, const size_t cuts[4], int way, bool fresh,
                    bool leads, size_t batch_packets)
{
    struct pm_settings common = settings();
    struct pm_set sets[3], nothing;
    char *text;

    for (int i = 0; i < 3; i++) {
        assert_int_equal(pm_set_init(&sets[i], &common, (1u << PM_N_TABLES) - 1), PM_OK);
        if (leads && i == 0)
            pm_set_lead(&sets[i]);
        count(&sets[i], packets, cuts[i], cuts[i], cuts[i + 1], batch_packets);
    }
    if (fresh) {
        assert_int_equal(pm_set_init(&nothing, &common, (1u << PM_N_TABLES) - 1), PM_OK);
        assert_int_equal(pm_set_merge(&sets[1], &nothing, cuts[2] - cuts[1]), PM_OK);
        pm_set_free(&nothing);
    }
    if (way == FROM_RIGHT) {
        assert_int_equal(pm_set_merge(&sets[1], &sets[2], cuts[2] - cuts[1]), PM_OK);
        assert_int_equal(pm_set_merge(&sets[0], &sets[1], cuts[1]), PM_OK);
    } else {
        assert_int_equal(pm_set_merge(&sets[0], &sets[1], cuts[1]), PM_OK);
        if (way == COUNTED_ON)
            count(&sets[0], packets, 0, cuts[2], cuts[3], batch_packets);
        else
            assert_int_equal(pm_set_merge(&sets[0], &sets[2], cuts[2]), PM_OK);
    }
    settle(&sets[0]);
    text = all_text(&sets[0]);
    for (int i = 0; i < 3; i++)
        pm_set_free(&sets[i]);
    return text;
}

/* Whether a run of n connections of one five-tuple, of which none keeps its packets for the join,
 * can be joined with what is before it. */
static bool connections_meet(size_t n)
{
    static struct pm_packet packets[2 * MANY];
    struct pm_settings common = settings();
    struct pm_set before, run;
    bool meets;

    common.edge_packets = 0;
    for (size_t i = 0; i < n; i++) {
        packets[2 * i] = tcp(0, 1, SYN, (uint32_t)i * 1000);
        packets[2 * i + 1] = tcp(0, 1, ACK, (uint32_t)i * 1000 + 1);
    }
    assert_int_equal(pm_set_init(&before, &common, (1u << PM_N_TABLES) - 1), PM_OK);
    assert_int_equal(pm_set_init(&run, &common, (1u << PM_N_TABLES) - 1), PM_OK);
    pm_set_lead(&before);
    count(&run, packets, 0, 0, 2 * n, PM_BATCH_MAX);
    meets = pm_set_meets(&before, &run);
    pm_set_free(&before);
    pm_set_free(&run);
    return meets;
}

/* Each of many connections would look at all before it: that run is walked again instead. */
static void many_connections_of_one_five_tuple(void **state)
{
    (void)state;
    assert_true(connections_meet(5));
    assert_false(connections_meet(MANY));
}

/* A sink has room for the cells of every row. */
static void columns_fit_a_sink(void **state)
{
    (void)state;
    for (int i = 0; i < PM_N_TABLES; i++)
        assert_in_range(pm_tables[i]->n_columns, 1, PM_COLUMNS_MAX);
}

static void merging_is_associative(void **state)
{
    static struct pm_packet packets[MANY];
    uint64_t random = 42;
    int64_t now = SECOND;
    char *whole;

    (void)state;
    for (size_t i = 0; i < MANY; i++)
        packets[i] = random_packet(&random, &now);
    whole = merged(packets, (size_t[]){0, MANY, MANY, MANY}, 0, false, false, PM_BATCH_MAX);
    for (int round = 0; round < 300; round++) {
        size_t x = next_random(&random) % (MANY + 1), y = next_random(&random) % (MANY + 1);
        size_t cuts[] = {0, x < y ? x : y, x < y ? y : x, MANY};
        char *text = merged(packets, cuts, round % N_WAYS, round & 1, round & 2,
                            1 + (size_t)round % PM_BATCH_MAX);

        assert_string_equal(text, whole);
        free(text);
    }
    free(whole);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static uint64_t rates_rows(const struct pm_packet *packets, size_t n)
{
    struct pm_settings common = settings();
    int rates = pm_tables_find("rates", 5);
    struct pm_set set;
    uint64_t rows;

    assert_int_equal(pm_set_init(&set, &common, 1u << rates), PM_OK);
    count(&set, packets, 0, 0, n, n);
    settle(&set);
    rows = pm_tables[rates]->n_rows(set.states[rates]);
    pm_set_free(&set);
    return rows;
}

static void empty_bins_are_written_unless_too_many(void **state)
{
    struct pm_packet near[] = {tcp(0, 1, ACK, 1), tcp(99999, 1, ACK, 1)};
    struct pm_packet far[] = {tcp(0, 1, ACK, 1), tcp(100000, 1, ACK, 1)};

    (void)state;
    assert_int_equal(rates_rows(near, 2), 100000);
    assert_int_equal(rates_rows(far, 2), 2);
}

static void every_table_says_what_it_is(void **state)
{
    (void)state;
    for (int i = 0; i < PM_N_TABLES; i++) {
        assert_non_null(pm_tables[i]->description);
        assert_in_range(pm_tables[i]->n_charts, 0, PM_CHARTS_MAX);
        for (size_t column = 0; column < pm_tables[i]->n_columns; column++) {
            const char *name = pm_tables[i]->columns[column].name;
            size_t length = strlen(name);

            assert_in_range(length, 1, 30);
            assert_in_range(name[0], 'a', 'z');
            assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"), length);
            assert_true(*pm_tables[i]->columns[column].description != '\0');
        }
    }
}

/* As where there was no memory to begin it. */
static void a_state_that_was_not_begun_is_freed(void **state)
{
    (void)state;
    for (int i = 0; i < PM_N_TABLES; i++) {
        void *zeroed = calloc(1, pm_tables[i]->state_bytes);

        assert_non_null(zeroed);
        if (pm_tables[i]->free != NULL)
            pm_tables[i]->free(zeroed);
        free(zeroed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_connection_is_one_flow),
        cmocka_unit_test(a_silence_ends_a_flow_and_keeps_its_source),
        cmocka_unit_test(a_step_back_is_no_silence),
        cmocka_unit_test(a_new_connection_ends_a_flow),
        cmocka_unit_test(a_syn_behind_its_first_segment_is_none),
        cmocka_unit_test(a_syn_ack_comes_from_the_other_side),
        cmocka_unit_test(a_later_fragment_joins_its_first),
        cmocka_unit_test(many_connections_of_one_five_tuple),
        cmocka_unit_test(columns_fit_a_sink),
        cmocka_unit_test(merging_is_associative),
        cmocka_unit_test(empty_bins_are_written_unless_too_many),
        cmocka_unit_test(every_table_says_what_it_is),
        cmocka_unit_test(a_state_that_was_not_begun_is_freed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
