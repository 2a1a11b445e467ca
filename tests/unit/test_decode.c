/* src/decode: from bytes to packets, and the name of everything that is refused. */
#include "unit.h"

#include "decode/decode.h"

enum { ETHERNET = 1, RAW = 101, IP4 = 0x0800, IP6 = 0x86dd, VLAN = 0x8100, QINQ = 0x88a8 };

/* Decodes a record; the short way for usual packets must say what the general one says. */
static struct pm_packet decode_record(const struct pm_record *record)
{
    struct pm_packet packet, any;
    struct pm_ip_bytes ip = pm_decode(record, 7, PM_TUNNELS_OUTER, &packet);
    struct pm_ip_bytes any_ip = pm_decode_any(record, 7, PM_TUNNELS_OUTER, &any);

    assert_memory_equal(&packet, &any, sizeof packet);
    assert_true(ip.at == any_ip.at && ip.n == any_ip.n);
    return packet;
}

/* Decodes `bytes`, of which the first `cap_len` were captured. */
static struct pm_packet decode_cut(const struct bytes *bytes, size_t cap_len, uint16_t link_type)
{
    struct pm_record record = {.data = bytes->at,
                               .ts_ns = 1,
                               .cap_len = (uint32_t)cap_len,
                               .wire_len = (uint32_t)bytes->n,
                               .link_type = link_type};
    return decode_record(&record);
}

static struct pm_packet decode(const struct bytes *bytes)
{
    return decode_cut(bytes, bytes->n, ETHERNET);
}

static void put_ethernet(struct bytes *bytes, uint16_t type)
{
    static const uint8_t addresses[12] = {2};

    put(bytes, addresses, sizeof addresses);
    put16(bytes, type, 1);
}

/* 10.0.0.1 to 10.0.0.2; `fragment` is the field of flags and offset. */
static void put_ip4(struct bytes *bytes, uint8_t proto, uint16_t payload, uint16_t fragment)
{
    put16(bytes, 0x4500 | 46 << 2, 1); /* DSCP 46 */
    put16(bytes, (uint16_t)(20 + payload), 1);
    put16(bytes, 77, 1);
    put16(bytes, fragment, 1);
    put16(bytes, (uint16_t)(64 << 8 | proto), 1);
    put16(bytes, 0, 1);
    put32(bytes, 0x0a000001, 1);
    put32(bytes, 0x0a000002, 1);
}

static void put_ip6(struct bytes *bytes, uint8_t next_header, uint16_t payload)
{
    uint8_t address[16] = {0x20, 0x01};

    put32(bytes, 0x60000000, 1);
    put16(bytes, payload, 1);
    put16(bytes, (uint16_t)(next_header << 8 | 63), 1);
    for (uint8_t i = 1; i <= 2; i++) {
        address[15] = i;
        put(bytes, address, sizeof address);
    }
}

static void put_udp(struct bytes *bytes, uint16_t length, size_t data)
{
    static const uint8_t zeros[2048];

    put16(bytes, 5353, 1);
    put16(bytes, 53, 1);
    put16(bytes, length, 1);
    put16(bytes, 0, 1);
    put(bytes, zeros, data);
}

static void put_tcp(struct bytes *bytes, uint8_t header_words, uint8_t flags)
{
    put16(bytes, 40000, 1);
    put16(bytes, 443, 1);
    put32(bytes, 1000, 1);
    put32(bytes, 2000, 1);
    put16(bytes, (uint16_t)(header_words << 12 | flags), 1);
    put16(bytes, 512, 1);
    put32(bytes, 0, 1);
}

static void expect_path(const struct pm_packet *packet, const uint8_t *path, size_t n)
{
    assert_int_equal(packet->n_path, n);
    assert_memory_equal(packet->path, path, n);
}

static int has(const struct pm_packet *packet, enum pm_anomaly anomaly)
{
    return packet->anomalies >> anomaly & 1;
}

static void udp_over_ip4(void **state)
{
    static const uint8_t path[] = {PM_LAYER_ETH, PM_LAYER_IP, PM_LAYER_UDP};
    struct bytes bytes = {0};
    struct pm_packet packet;

    (void)state;
    put_ethernet(&bytes, IP4);
    put_ip4(&bytes, PM_IPPROTO_UDP, 18, 0);
    put_udp(&bytes, 18, 10 + 8); /* and 8 bytes of Ethernet's padding */
    packet = decode(&bytes);
    assert_int_equal(packet.anomalies, 0);
    assert_int_equal(packet.ip_version, 4);
    assert_int_equal(packet.src.low, 0x0a000001);
    assert_int_equal(packet.dst.low, 0x0a000002);
    assert_int_equal(packet.ip_len, 38);
    assert_int_equal(packet.payload_len, 10);
    assert_int_equal(packet.src_port, 5353);
    assert_int_equal(packet.dst_port, 53);
    assert_int_equal(packet.ttl, 64);
    assert_int_equal(packet.dscp, 46);
    assert_int_equal(packet.word, PM_WORD_UDP);
    expect_path(&packet, path, sizeof path);
}

static void tcp_behind_two_tags(void **state)
{
    static const uint8_t path[] = {PM_LAYER_ETH, PM_LAYER_IEEE8021AD, PM_LAYER_VLAN, PM_LAYER_IPV6,
                                   PM_LAYER_TCP};
    struct bytes bytes = {0};
    struct pm_packet packet;

    (void)state;
    put_ethernet(&bytes, QINQ);
    put16(&bytes, 0x2000 | 100, 1);
    put16(&bytes, VLAN, 1);
    put16(&bytes, 200, 1);
    put16(&bytes, IP6, 1);
    put_ip6(&bytes, PM_IPPROTO_TCP, 20);
    put_tcp(&bytes, 5, 0x12);
    packet = decode(&bytes);
    assert_int_equal(packet.anomalies, 0);
    assert_int_equal(packet.vlan_id, 100);
    assert_int_equal(packet.ip_len, 60);
    assert_int_equal(packet.ttl, 63);
    assert_int_equal(packet.tcp_flags, 0x12);
    assert_int_equal(packet.tcp_seq, 1000);
    assert_int_equal(packet.tcp_ack, 2000);
    assert_int_equal(packet.tcp_window, 512);
    assert_int_equal(packet.payload_len, 0);
    expect_path(&packet, path, sizeof path);
}

static void a_short_snap_length_changes_no_length(void **state)
{
    struct bytes bytes = {0};
    struct pm_packet whole, cut;

    (void)state;
    put_ethernet(&bytes, IP4);
    put_ip4(&bytes, PM_IPPROTO_UDP, 1008, 0);
    put_udp(&bytes, 1008, 1000);
    whole = decode(&bytes);
    cut = decode_cut(&bytes, 42, ETHERNET);
    assert_int_equal(whole.payload_len, 1000);
    assert_int_equal(cut.payload_len, 1000);
    assert_int_equal(cut.anomalies, 0);
    cut = decode_cut(&bytes, 38, ETHERNET); /* the ports are there, the length is not */
    assert_int_equal(cut.src_port, 5353);
    assert_int_equal(cut.payload_len, 1000);
    assert_true(has(&cut, PM_ANOMALY_UDP_CUT));
    bytes.at[34 + 4] = 900 >> 8; /* 900 of the 1,008 bytes: 6 captured ones say so */
    bytes.at[34 + 5] = 900 & 255;
    cut = decode_cut(&bytes, 40, ETHERNET);
    assert_int_equal(cut.payload_len, 892);
    cut = decode_cut(&bytes, 39, ETHERNET);
    assert_int_equal(cut.payload_len, 1000);
}

static void fragments(void **state)
{
    struct bytes first = {0}, later = {0}, six = {0};
    struct pm_packet packet;

    (void)state;
    put_ethernet(&first, IP4);
    put_ip4(&first, PM_IPPROTO_UDP, 24, 0x2000);
    put_udp(&first, 2000, 16);
    packet = decode(&first);
    assert_true(packet.fragments);
    assert_int_equal(packet.src_port, 5353);
    assert_int_equal(packet.payload_len, 16);
    assert_int_equal(packet.anomalies, 0); /* longer than this fragment, as it must be */

    put_ethernet(&later, IP4);
    put_ip4(&later, PM_IPPROTO_UDP, 24, 3);
    put_udp(&later, 0, 16);
    packet = decode(&later);
    assert_false(packet.fragments);
    assert_int_equal(packet.fragment_offset, 24);
    assert_int_equal(packet.fragment_id, 77);
    assert_int_equal(packet.src_port, 0);
    assert_int_equal(packet.payload_len, 24);

    put_ethernet(&six, IP6);
    put_ip6(&six, PM_IPPROTO_HOPOPT, 8 + 8 + 16);
    put32(&six, (uint32_t)PM_IPPROTO_FRAGMENT << 24, 1); /* hop-by-hop: 8 bytes */
    put32(&six, 0, 1);
    put16(&six, PM_IPPROTO_UDP << 8, 1); /* fragment header: offset 8, more to come */
    put16(&six, 9, 1);
    put32(&six, 0xabcd1234, 1);
    put_udp(&six, 0, 8);
    packet = decode(&six);
    assert_int_equal(packet.proto, PM_IPPROTO_UDP);
    assert_int_equal(packet.fragment_offset, 8);
    assert_int_equal(packet.fragment_id, 0xabcd1234);
    assert_int_equal(packet.payload_len, 16);
}

static void what_is_refused_has_a_name(void **state)
{
    struct bytes bytes = {0}, bad = {0}, tags = {0}, length = {0}, udp = {0}, tcp = {0};
    struct pm_packet packet;

    (void)state;
    put_ethernet(&bytes, IP4);
    put_ip4(&bytes, PM_IPPROTO_TCP, 20, 0);
    put_tcp(&bytes, 5, 2);
    packet = decode_cut(&bytes, 13, ETHERNET);
    assert_true(has(&packet, PM_ANOMALY_LINK_CUT));
    packet = decode_cut(&bytes, 33, ETHERNET);
    assert_true(has(&packet, PM_ANOMALY_IP_CUT));
    assert_int_equal(packet.word, PM_WORD_NON_IP);
    packet = decode_cut(&bytes, 49, ETHERNET);
    assert_true(has(&packet, PM_ANOMALY_TCP_CUT));
    assert_int_equal(packet.dst_port, 443);
    assert_int_equal(packet.tcp_flags, 0);
    packet = decode_cut(&bytes, 47, ETHERNET); /* 13 bytes of TCP: the data offset is among them */
    assert_int_equal(packet.payload_len, 0);
    packet = decode_cut(&bytes, bytes.n, 147); /* a link type for private use */
    assert_true(has(&packet, PM_ANOMALY_LINK_UNKNOWN));

    bad = bytes;
    bad.at[14] = 0x44; /* a header of 16 bytes */
    packet = decode(&bad);
    assert_true(has(&packet, PM_ANOMALY_IP_BAD));
    assert_int_equal(packet.ip_version, 0);
    bad = bytes;
    bad.at[17] = 0; /* length 0: a segment for the card to cut */
    packet = decode(&bad);
    assert_true(has(&packet, PM_ANOMALY_TSO_LEN0));
    assert_int_equal(packet.ip_len, 40);
    bad = bytes;
    bad.at[17] = 200;
    packet = decode(&bad);
    assert_true(has(&packet, PM_ANOMALY_IP_OVER_WIRE));
    assert_int_equal(packet.ip_len, 200);
    assert_int_equal(packet.payload_len, 0);

    put_ethernet(&length, VLAN);
    put16(&length, 1, 1);
    put16(&length, 0, 1); /* an 802.3 length of 0 */
    packet = decode(&length);
    assert_true(has(&packet, PM_ANOMALY_LINK_CUT));

    put_ethernet(&tags, VLAN);
    for (int i = 0; i < 9; i++) {
        put16(&tags, (uint16_t)i, 1);
        put16(&tags, VLAN, 1);
    }
    packet = decode(&tags);
    assert_true(has(&packet, PM_ANOMALY_TOO_MANY_TAGS));

    put_ethernet(&udp, IP4);
    put_ip4(&udp, PM_IPPROTO_UDP, 8, 0);
    put_udp(&udp, 7, 0);
    packet = decode(&udp);
    assert_true(has(&packet, PM_ANOMALY_UDP_BAD));
    put_ethernet(&tcp, IP4);
    put_ip4(&tcp, PM_IPPROTO_TCP, 20, 0);
    put_tcp(&tcp, 4, 2);
    packet = decode(&tcp);
    assert_true(has(&packet, PM_ANOMALY_TCP_BAD));
}

static void raw_and_llc(void **state)
{
    static const uint8_t snap[] = {0xaa, 0xaa, 3, 0, 0, 0, 8, 0};
    static const uint8_t raw_path[] = {PM_LAYER_RAW, PM_LAYER_IPV6, PM_LAYER_UDP};
    static const uint8_t llc_path[] = {PM_LAYER_ETH, PM_LAYER_LLC, PM_LAYER_IP, PM_LAYER_UDP};
    struct bytes raw = {0}, llc = {0};
    struct pm_packet packet;

    (void)state;
    put_ip6(&raw, PM_IPPROTO_UDP, 8);
    put_udp(&raw, 8, 0);
    packet = decode_cut(&raw, raw.n, RAW);
    expect_path(&packet, raw_path, sizeof raw_path);
    put_ethernet(&llc, 36);
    put(&llc, snap, sizeof snap);
    put_ip4(&llc, PM_IPPROTO_UDP, 8, 0);
    put_udp(&llc, 8, 0);
    packet = decode(&llc);
    expect_path(&packet, llc_path, sizeof llc_path);
}

/* The same datagram under other links; each `before` is what stands before IPv4. */
static void other_links(void **state)
{
    static const struct {
        uint16_t link_type;
        size_t n;
        uint8_t before[24];
        size_t n_path;
        uint8_t path[8];
    } cases[] = {
        {113, 16, {0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0}, 1, {PM_LAYER_SLL}},
        {276, 20, {8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2}, 1, {PM_LAYER_SLL}},
        {0, 4, {2, 0, 0, 0}, 1, {PM_LAYER_NULL}},
        {0, 4, {0, 0, 0, 2}, 1, {PM_LAYER_NULL}},
        {108, 4, {0, 0, 0, 2}, 1, {PM_LAYER_NULL}},
        {9, 4, {0xff, 3, 0, 0x21}, 1, {PM_LAYER_PPP}},
        {50, 1, {0x21}, 1, {PM_LAYER_PPP}},
        {50, 4, {0x0f, 0, 8, 0}, 1, {PM_LAYER_CHDLC}},
        {104, 4, {0x0f, 0, 8, 0}, 1, {PM_LAYER_CHDLC}},
        {107, 4, {0x18, 0x41, 3, 0xcc}, 1, {PM_LAYER_FR}},
        {107, 10, {0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0}, 1, {PM_LAYER_FR}},
        {107, 4, {0x18, 0x41, 8, 0}, 1, {PM_LAYER_FR}},
        {ETHERNET,
         22,
         {2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0x88, 0x64, 0x11, 0, 0, 7, 0, 40, 0, 0x21},
         3,
         {PM_LAYER_ETH, PM_LAYER_PPPOES, PM_LAYER_PPP}},
        {ETHERNET,
         22,
         {2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0x88, 0x47, 0, 1, 0, 64, 0, 2, 1, 64},
         2,
         {PM_LAYER_ETH, PM_LAYER_MPLS}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes bytes = {0};
        struct pm_packet packet;

        put(&bytes, cases[i].before, cases[i].n);
        put_ip4(&bytes, PM_IPPROTO_UDP, 18, 0);
        put_udp(&bytes, 18, 10);
        packet = decode_cut(&bytes, bytes.n, cases[i].link_type);
        assert_int_equal(packet.anomalies, 0);
        assert_int_equal(packet.src_port, 5353);
        assert_int_equal(packet.payload_len, 10);
        assert_int_equal(packet.n_path, cases[i].n_path + 2);
        assert_memory_equal(packet.path, cases[i].path, cases[i].n_path);
        packet = decode_cut(&bytes, cases[i].n / 2, cases[i].link_type);
        assert_true(has(&packet, PM_ANOMALY_LINK_CUT) || cases[i].n == 1);
    }
}

/* Whatever the bytes hold, decoding reads only what was captured (AddressSanitizer watches) and
 * lengths stay within the wire. */
static void any_bytes(void **state)
{
    uint64_t random = 1;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct bytes bytes = {.n = (size_t)(round % 200)};
        uint8_t exact[200];
        struct pm_record record = {.data = exact + 200 - bytes.n,
                                   .cap_len = (uint32_t)bytes.n,
                                   .wire_len = (uint32_t)bytes.n + (uint32_t)(round % 3) * 700,
                                   .link_type = ETHERNET};
        struct pm_packet packet;

        for (size_t i = 0; i < bytes.n; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            exact[200 - bytes.n + i] = (uint8_t)(random >> 56);
        }
        if (bytes.n > 14) /* steer it past the link */
            memcpy(exact + 200 - bytes.n + 12, round & 1 ? "\x08\x00\x45" : "\x86\xdd\x60", 3);
        packet = decode_record(&record);
        assert_true(packet.payload_len <= record.wire_len);
    }
}

/* Tables have room for names of so many letters. */
static void names_of_layers_are_short(void **state)
{
    (void)state;
    for (int layer = PM_LAYER_END + 1; layer < PM_N_LAYERS; layer++)
        assert_in_range(strlen(pm_layer_names[layer]), 1, PM_LAYER_NAME_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(udp_over_ip4),
        cmocka_unit_test(tcp_behind_two_tags),
        cmocka_unit_test(a_short_snap_length_changes_no_length),
        cmocka_unit_test(fragments),
        cmocka_unit_test(what_is_refused_has_a_name),
        cmocka_unit_test(raw_and_llc),
        cmocka_unit_test(other_links),
        cmocka_unit_test(any_bytes),
        cmocka_unit_test(names_of_layers_are_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
