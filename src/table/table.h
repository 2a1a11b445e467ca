/*
 * The table contract. A table is one file that exports one constant descriptor; tables.c lists
 * them.
 *
 * A *counted* table sees packets: every worker has a state of its own for every run and calls
 * update on it; the states are merged in capture order. A *derived* table (hosts, pairs, services)
 * follows from other tables and costs nothing per packet: it has neither update nor merge.
 *
 * Life of a state:
 *
 *     init ─▶ (update | merge)* ─▶ settle ─▶ finish ─▶ packets, n_rows, emit, charts ─▶ free
 *             (one thread at a time)                   (read only: any thread)
 *
 * update counts the packets that come next. merge(into, from) means: from's packets come right
 * after into's in the capture; it leaves `from` fit for free alone. It is associative and a fresh
 * state is neutral, so the result depends neither on where a capture was cut nor on who merged what
 * first. All sums are of integers; what is no sum (a quotient, an order, a rank) waits for settle,
 * which runs once, after that of the tables it needs. Where others are derived from a table, what
 * only its own rows and charts want, as their order, may wait for finish. That runs once, too,
 * while the others are settled; or not at all, where the rows of a derived table are not wanted.
 *
 * To come, and why nothing here hinders it: save and load (a state is plain items without pointers
 * between them), a bound on memory (the engine sees every state), columns (a table's own list).
 */
#ifndef PM_TABLE_H
#define PM_TABLE_H

#include "base/error.h"
#include "base/hash.h"
#include "base/schema.h"
#include "decode/packet.h"

/* What all tables of an analysis share; immutable while workers run. */
struct pm_settings {
    struct pm_hash_key hash_key;
    int64_t intervals_ns[PM_INTERVALS_MOST]; /* 0: there are no more */
    int64_t origin_ns;
    uint64_t idle_timeout_ns;          /* UINT64_MAX: never */
    unsigned top;                      /* rows of charts that show the largest */
    enum pm_flow_columns flow_columns; /* that are shown */
    enum pm_flow_columns flow_details; /* that are counted: no fewer */
    uint32_t splt;         /* first packets of each flow that are kept, at most PM_SPLT_MOST */
    uint32_t edge_packets; /* of TCP, per flow, that a run keeps for the join */
    bool key_vlan;         /* these are part of what names a flow */
    bool key_tunnel;
};

/* What a merge must know about the left side, and what tables early in the list tell later ones. */
struct pm_joint {
    uint64_t packets_before;  /* add to packet numbers of the right side */
    uint32_t segments_before; /* written by flows: add to its segment numbers of the right side */
};

struct pm_set;

/* A picture of a table: at most PM_CHART_ROWS rows of its own, and the gnuplot script that reads
 * them as CSV from the file NAME.csv beside it. */
enum { PM_CHART_ROWS = 5000, PM_CHARTS_MAX = 5, PM_TABLE_NAME = 40 };

struct pm_chart {
    const char *name;
    const struct pm_column *columns; /* NULL: it has no rows of its own, but another chart's */
    size_t n_columns;
    void (*emit)(const void *state, struct pm_sink *sink);
    const char *script;
    enum pm_flow_columns flow_details; /* what flows must count for it */
};

struct pm_table {
    const char *name;
    const char *description;
    const struct pm_column *columns;
    size_t n_columns;
    const struct pm_chart *charts;
    size_t n_charts;                     /* at most PM_CHARTS_MAX */
    const struct pm_table *const *needs; /* tables it is derived from, NULL at the end; or NULL */
    enum pm_flow_columns flow_details;   /* what flows must count for it */
    bool on_request;                     /* only where it is named */
    const char *(*own_name)(const void *state); /* of one that no option names; NULL: its name */
    size_t state_bytes;

    /* A state is zeroed before. NULL: nothing more to do. */
    enum pm_status (*init)(void *state, const struct pm_settings *settings);
    void (*free)(void *state); /* of any state, even where init failed */

    /* Nothing will be merged in before this state: told to the one that all others are merged into,
     * before its first packet. NULL: it makes no difference. */
    void (*lead)(void *state);

    enum pm_status (*update)(void *state, struct pm_batch *batch);
    enum pm_status (*merge)(void *into, void *from, struct pm_joint *joint);

    /* Whether `from` can be merged into a state that leads and stay exact. If not, its packets must
     * be counted again, by update. NULL: always. */
    bool (*meets)(const void *into, const void *from);

    enum pm_status (*settle)(void *state, const struct pm_set *set);

    /* Touches nothing that other tables read. NULL: nothing is left to do. */
    enum pm_status (*finish)(void *state);

    uint64_t (*packets)(const void *state); /* it accounts for; every counted table says the same */
    uint64_t (*n_rows)(const void *state);
    size_t (*shown)(const void *state); /* how many of the columns, from the first; NULL: all */
    const char *(*remark)(const void *state); /* what summary.json should say of its rows, or NULL;
                                                 NULL: never anything */
    void (*emit)(const void *state, uint64_t begin, uint64_t end, struct pm_sink *sink);
};

/* The one list. Tables stand behind those that they need. */
extern const struct pm_table *const pm_tables[];
enum { PM_N_TABLES = 17 };

/* The states of all tables that are wanted, or needed by wanted ones. */
struct pm_set {
    const struct pm_settings *settings;
    void *states[PM_N_TABLES]; /* NULL: not in this set */
};

/* Bits by position in pm_tables. */
typedef uint32_t pm_table_mask;

/* `wanted` and all that it needs. */
pm_table_mask pm_tables_closure(pm_table_mask wanted);

/* Those that are made where none is named. */
pm_table_mask pm_tables_usual(void);

/* What flows must count for them. */
enum pm_flow_columns pm_tables_flow_details(pm_table_mask tables);

/* The position of a table's name, or -1. */
int pm_tables_find(const char *name, size_t length);

enum pm_status pm_set_init(struct pm_set *set, const struct pm_settings *settings,
                           pm_table_mask tables);
void pm_set_free(struct pm_set *set);
void pm_set_lead(struct pm_set *set);
/* Counts a batch in one table of the set; nothing where it is not of the set, or derived. For every
 * batch, the tables must be called in the order of the list. */
enum pm_status pm_set_update(struct pm_set *set, int table, struct pm_batch *batch);
bool pm_set_meets(const struct pm_set *into, const struct pm_set *from);
enum pm_status pm_set_merge(struct pm_set *into, struct pm_set *from, uint64_t packets_before);

/* The tables of the set that can be settled once `settled` are; they touch nothing in common. */
pm_table_mask pm_set_ready(const struct pm_set *set, pm_table_mask settled);
enum pm_status pm_set_settle(struct pm_set *set, int table);

/* Of a table that is settled; those that need it may be settled meanwhile. */
enum pm_status pm_set_finish(struct pm_set *set, int table);

/* What the file of a table of the set is called, without .csv. */
const char *pm_set_name(const struct pm_set *set, int table);

/* The state of one table, or NULL. */
const void *pm_set_state(const struct pm_set *set, const struct pm_table *table);

#endif
