/*
 * pcapgen: synthetic captures for benchmarks. Same arguments, same bytes.
 *
 *     pcapgen bigflows OUT     791,615 packets of 40,686 flows in 300 s, mean length 449 bytes: the
 *                              figures of the public capture bigFlows.pcap
 *     pcapgen flood N OUT      N flows of one packet: TCP SYNs of 60 bytes, one client port after
 *                              another
 *
 * bigflows draws the moment of each flow's first packet and, for every other packet, one of the
 * flows begun so far, old ones less and less often; five flows in six are TCP, with sequence
 * numbers that advance. OUT may be "-" for standard output. Ethernet, IPv4, microseconds.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    RECORD = 16,
    ETHERNET = 14,
    IP = 20,
    TCP = 20,
    FRAME_MIN = 60,
    FRAME_MAX = 1514,
    BUFFER = 1 << 20,
    START = 1361916000 /* 2013-02-26, the day of bigFlows.pcap */
};

struct flow {
    uint32_t client, server;
    uint16_t client_port, server_port;
    uint32_t seq[2]; /* next sequence number of client and server */
    uint64_t last_us;
    uint8_t proto;
    uint8_t begun;
};

struct generator {
    uint64_t state; /* of splitmix64 */
    int fd;
    size_t used;
    uint8_t buffer[BUFFER + RECORD + FRAME_MAX];
};

static uint64_t draw(struct generator *generator)
{
    uint64_t z = generator->state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static uint64_t draw_below(struct generator *generator, uint64_t n)
{
    return (uint64_t)((unsigned __int128)draw(generator) * n >> 64);
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void flush(struct generator *generator)
{
    for (size_t done = 0; done < generator->used;) {
        ssize_t n = write(generator->fd, generator->buffer + done, generator->used - done);

        if (n < 0)
            fail("pcapgen: cannot write");
        done += (size_t)n;
    }
    generator->used = 0;
}

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xffff);
}

static void put_ip(uint8_t *ip, const struct flow *flow, unsigned length, int reply)
{
    uint32_t sum = 0;

    memset(ip, 0, IP);
    ip[0] = 0x45;
    put16(ip + 2, length);
    ip[8] = 64;
    ip[9] = flow->proto;
    put32(ip + 12, reply ? flow->server : flow->client);
    put32(ip + 16, reply ? flow->client : flow->server);
    for (int i = 0; i < IP; i += 2)
        sum += (uint32_t)ip[i] << 8 | ip[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    put16(ip + 10, ~(sum + (sum >> 16)) & 0xffff);
}

static void put_transport(uint8_t *at, struct flow *flow, unsigned length, int reply)
{
    put16(at, reply ? flow->server_port : flow->client_port);
    put16(at + 2, reply ? flow->client_port : flow->server_port);
    if (flow->proto == 17) {
        put16(at + 4, length);
        put16(at + 6, 0);
        return;
    }
    put32(at + 4, flow->seq[reply]);
    put32(at + 8, flow->begun ? flow->seq[!reply] : 0);
    at[12] = TCP / 4 << 4;
    at[13] = flow->begun ? 0x10 : 0x02; /* ACK, or SYN */
    put16(at + 14, 65535);
    put32(at + 16, 0);
    flow->seq[reply] += flow->begun ? length - TCP : 1;
}

static void put_packet(struct generator *generator, struct flow *flow, uint64_t us, unsigned length)
{
    static const uint8_t ethernet[ETHERNET] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};
    uint8_t *at = generator->buffer + generator->used;
    uint32_t header[4] = {START + (uint32_t)(us / 1000000), (uint32_t)(us % 1000000), length,
                          length};
    int reply = flow->begun && draw(generator) & 1;

    memcpy(at, header, sizeof header);
    at += RECORD;
    memset(at + ETHERNET + IP, 0x2e, length - ETHERNET - IP);
    memcpy(at, ethernet, ETHERNET);
    put_ip(at + ETHERNET, flow, length - ETHERNET, reply);
    put_transport(at + ETHERNET + IP, flow, length - ETHERNET - IP, reply);
    flow->begun = 1;
    generator->used += RECORD + length;
    if (generator->used >= BUFFER)
        flush(generator);
}

static void begin_flow(struct generator *generator, struct flow *flow)
{
    static const uint16_t ports[] = {80, 443, 53, 22, 25, 993, 8080, 5060};

    *flow = (struct flow){.client = 0x0a000000 | (uint32_t)draw_below(generator, 1 << 14),
                          .server = 0xc0000200 + (uint32_t)draw_below(generator, 1 << 13),
                          .client_port = (uint16_t)(1024 + draw_below(generator, 64512)),
                          .server_port = ports[draw_below(generator, 8)],
                          .seq = {(uint32_t)draw(generator), (uint32_t)draw(generator)},
                          .proto = draw_below(generator, 6) == 0 ? 17 : 6};
}

/* Half the frames bear no data, a fifth are full, the rest lie between: 449 bytes in the mean. */
static unsigned draw_length(struct generator *generator)
{
    uint64_t kind = draw_below(generator, 100);

    if (kind < 52)
        return FRAME_MIN;
    return kind < 72 ? FRAME_MAX : FRAME_MIN + (unsigned)draw_below(generator, 702);
}

static void bigflows(struct generator *generator)
{
    enum { PACKETS = 791615, FLOWS = 40686, SECONDS = 300, SILENCE_MOST = 100000000 };
    struct flow *flows = calloc(FLOWS, sizeof *flows);
    uint64_t begun = 0;

    if (flows == NULL)
        fail("pcapgen");
    for (uint64_t i = 0; i < PACKETS; i++) {
        uint64_t us = i * SECONDS * 1000000 / PACKETS, back, which;

        if (begun == 0 || draw_below(generator, PACKETS - i) < FLOWS - begun) {
            which = begun++;
            begin_flow(generator, &flows[which]);
        } else {
            back = draw_below(generator, begun); /* the lower of two: recent flows more often */
            which = draw_below(generator, begun);
            which = begun - 1 - (back < which ? back : which);
            if (us - flows[which].last_us > SILENCE_MOST)
                which = begun - 1; /* that flow is over: no silence cuts a flow in two */
        }
        flows[which].last_us = us;
        put_packet(generator, &flows[which], us, draw_length(generator));
    }
    free(flows);
}

static void flood(struct generator *generator, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        /* The port counts on and the address takes over, so that no two flows are one. */
        struct flow flow = {.client = 0x0b000000 + (uint32_t)(i / 60000),
                            .server = 0xc0000201,
                            .client_port = (uint16_t)(1024 + i % 60000),
                            .server_port = 80,
                            .seq = {(uint32_t)draw(generator), 0},
                            .proto = 6};

        put_packet(generator, &flow, i, FRAME_MIN);
    }
}

static void put_file_header(struct generator *generator)
{
    static const uint32_t header[6] = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1};

    memcpy(generator->buffer, header, sizeof header);
    generator->used = sizeof header;
}

/* Decimal digits alone; what else stands there ends the program. */
static uint64_t read_count(const char *text)
{
    char *end;
    uint64_t count = strtoull(text, &end, 10);

    if (*text >= '0' && *text <= '9' && *end == '\0')
        return count;
    fprintf(stderr, "pcapgen: flood takes a number of flows, not '%s'\n", text);
    exit(2);
}

int main(int argc, char **argv)
{
    static struct generator generator = {.state = 7};
    int is_flood = argc == 4 && strcmp(argv[1], "flood") == 0;
    const char *out = argv[argc - 1];
    uint64_t n_flows = is_flood ? read_count(argv[2]) : 0;

    if (!is_flood && !(argc == 3 && strcmp(argv[1], "bigflows") == 0)) {
        fputs("usage: pcapgen bigflows OUT | pcapgen flood N OUT\n", stderr);
        return 2;
    }
    generator.fd = strcmp(out, "-") == 0
                       ? STDOUT_FILENO
                       : open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (generator.fd < 0)
        fail(out);
    put_file_header(&generator);
    if (is_flood)
        flood(&generator, n_flows);
    else
        bigflows(&generator);
    flush(&generator);
    if (close(generator.fd) != 0)
        fail(out);
    return 0;
}
