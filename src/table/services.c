/* services: TCP, UDP and SCTP flows by the port they go to, derived from the flows. */
#include "table/services.h"

#include <stdio.h>

#include "base/keyed.h"
#include "base/sorted.h"
#include "table/all_tables.h"
#include "table/flows.h"

struct service_key {
    uint32_t word; /* enum pm_word */
    uint32_t port;
};

struct service {
    struct service_key key;
    uint64_t flows;
    uint64_t clients;
    uint64_t servers;
    uint64_t packets;
    uint64_t wire_bytes;
    uint64_t ip_bytes;
    uint64_t payload_bytes;
};

/* An address that was a client or a server of a service: all key. */
struct party {
    struct pm_address ip;
    uint16_t ip_version;
    uint16_t server;
    uint16_t word;
    uint16_t port;
};

struct services {
    const struct pm_settings *settings;
    struct pm_keyed services;
    struct pm_keyed parties;
    struct pm_sorted sorted; /* settled */
};

_Static_assert(sizeof(struct party) == 24, "hashed and compared as bytes");

const char *pm_service_find(enum pm_word word, uint16_t port)
{
    unsigned protocol = word == PM_WORD_TCP   ? PM_SERVICE_TCP
                        : word == PM_WORD_UDP ? PM_SERVICE_UDP
                                              : PM_SERVICE_SCTP;
    uint32_t low = 0, high = pm_n_service_names;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (pm_service_names[middle].port < port)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < pm_n_service_names && pm_service_names[low].port == port; low++)
        if (pm_service_names[low].protocols & protocol)
            return pm_service_names[low].name;
    return "";
}

/* Counts a party that is new to its service. */
static enum pm_status add_party(struct services *services, const struct party *party,
                                uint64_t *count)
{
    uint64_t known = services->parties.index.used;

    if (pm_keyed_put(&services->parties, party, sizeof *party) == NULL)
        return PM_NO_MEMORY;
    *count += services->parties.index.used - known;
    return PM_OK;
}

static enum pm_status add_flow(struct services *services, const struct pm_segment *flow,
                               enum pm_word word)
{
    struct service_key key = {word, pm_flow_dst_port(flow)};
    struct party client = {.ip = pm_flow_src(flow),
                           .ip_version = flow->key.ip_version,
                           .word = (uint16_t)word,
                           .port = pm_flow_dst_port(flow)};
    struct party server = client;
    struct service *service = pm_keyed_put(&services->services, &key, sizeof key);

    if (service == NULL)
        return PM_NO_MEMORY;
    service->flows++;
    for (unsigned i = 0; i < 2; i++) {
        service->packets += flow->counts[i].packets;
        service->wire_bytes += flow->counts[i].wire_bytes;
        service->ip_bytes += flow->counts[i].ip_bytes;
        service->payload_bytes += flow->counts[i].payload_bytes;
    }
    server.ip = pm_flow_dst(flow);
    server.server = true;
    PM_TRY(add_party(services, &client, &service->clients));
    return add_party(services, &server, &service->servers);
}

static uint64_t service_bytes(const void *item)
{
    return ((const struct service *)item)->wire_bytes;
}

static int compare_services(const void *x, const void *y)
{
    const struct service_key *a = x, *b = y;

    if (a->word != b->word)
        return a->word < b->word ? -1 : 1;
    return (a->port > b->port) - (a->port < b->port);
}

static const struct pm_order most_bytes_first = {service_bytes, NULL, compare_services};

static enum pm_status services_settle(void *state, const struct pm_set *set)
{
    const void *flows = pm_set_state(set, &pm_table_flows);
    struct services *services = state;
    uint64_t n_flows = pm_flows_count(flows);

    if (!pm_index_reserve(&services->parties.index, n_flows / 8)) /* or more: then it grows */
        return PM_NO_MEMORY;
    for (uint64_t i = 0; i < n_flows; i++) {
        const struct pm_segment *flow = pm_flows_get(flows, i);
        enum pm_word word = pm_word_of(flow->key.proto);

        if (word == PM_WORD_TCP || word == PM_WORD_UDP || word == PM_WORD_SCTP)
            PM_TRY(add_flow(services, flow, word));
    }
    return pm_sorted_init(&services->sorted, &services->services.items, &most_bytes_first)
               ? PM_OK
               : PM_NO_MEMORY;
}

/* ---- the table ------------------------------------------------------------------------------- */

static const struct pm_column columns[] = {
    {"protocol", PM_CELL_WORD, "", "TCP, UDP or SCTP"},
    {"port", PM_CELL_INTEGER, "", "dst_port of the flows"},
    {"service", PM_CELL_WORD, "", "its name in the IANA registry, or empty"},
    {"flows", PM_CELL_INTEGER, "", "flows to it"},
    {"clients", PM_CELL_INTEGER, "", "distinct src_ip"},
    {"servers", PM_CELL_INTEGER, "", "distinct dst_ip"},
    {"packets", PM_CELL_INTEGER, "packets", "both ways"},
    {"wire_bytes", PM_CELL_INTEGER, "bytes", "frame lengths on the wire, both ways"},
    {"ip_bytes", PM_CELL_INTEGER, "bytes", "IP lengths, both ways"},
    {"payload_bytes", PM_CELL_INTEGER, "bytes", "behind the transport header, both ways"},
};

static uint64_t services_rows(const void *state)
{
    return ((const struct services *)state)->sorted.n;
}

static void services_emit(const void *state, uint64_t begin, uint64_t end, struct pm_sink *sink)
{
    const struct services *services = state;

    for (uint64_t row = begin; row < end; row++) {
        const struct service *service = pm_sorted_at(&services->sorted, row);

        pm_put_word(sink, pm_word_names[service->key.word]);
        pm_put(sink, service->key.port);
        pm_put_word(sink, pm_service_find(service->key.word, (uint16_t)service->key.port));
        pm_put(sink, service->flows);
        pm_put(sink, service->clients);
        pm_put(sink, service->servers);
        pm_put(sink, service->packets);
        pm_put(sink, service->wire_bytes);
        pm_put(sink, service->ip_bytes);
        pm_put(sink, service->payload_bytes);
        pm_end_row(sink);
    }
}

/* ---- chart: the services with the most bytes ------------------------------------------------- */

static const struct pm_column top_columns[] = {
    {"service", PM_CELL_WORD, "", "protocol, port, and name where it has one"},
    {"wire_bytes", PM_CELL_INTEGER, "bytes", "both ways"},
    {"flows", PM_CELL_INTEGER, "", "flows to it"},
};

static void emit_top(const void *state, struct pm_sink *sink)
{
    const struct services *services = state;

    for (uint64_t row = 0; row < services->sorted.n && row < services->settings->top; row++) {
        const struct service *service = pm_sorted_at(&services->sorted, row);
        char label[64];

        snprintf(label, sizeof label, "%s/%u %s", pm_word_names[service->key.word],
                 service->key.port,
                 pm_service_find(service->key.word, (uint16_t)service->key.port));
        pm_put_word(sink, label);
        pm_put(sink, service->wire_bytes);
        pm_put(sink, service->flows);
        pm_end_row(sink);
    }
}

static const struct pm_chart charts[] = {
    {"top_services", top_columns, PM_COUNT(top_columns), emit_top, pm_script_top_services},
};

static enum pm_status services_init(void *state, const struct pm_settings *settings)
{
    struct services *services = state;

    services->settings = settings;
    return pm_keyed_init(&services->services, &settings->hash_key, sizeof(struct service)) &&
                   pm_keyed_init(&services->parties, &settings->hash_key, sizeof(struct party))
               ? PM_OK
               : PM_NO_MEMORY;
}

static void services_free(void *state)
{
    struct services *services = state;

    pm_keyed_free(&services->services);
    pm_keyed_free(&services->parties);
    pm_sorted_free(&services->sorted);
}

static const struct pm_table *const needs[] = {&pm_table_flows, NULL};

const struct pm_table pm_table_services = {
    .name = "services",
    .description = "TCP, UDP and SCTP flows by destination port, the most bytes first",
    .columns = columns,
    .n_columns = PM_COUNT(columns),
    .charts = charts,
    .n_charts = PM_COUNT(charts),
    .needs = needs,
    .state_bytes = sizeof(struct services),
    .init = services_init,
    .free = services_free,
    .settle = services_settle,
    .n_rows = services_rows,
    .emit = services_emit,
};
