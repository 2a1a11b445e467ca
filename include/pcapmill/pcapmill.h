/*
 * pcapmill: turns packet captures into exact tables, using every core.
 *
 * How to use it
 *
 *     struct pm_options options;
 *     struct pm_error error;
 *     struct pm_analysis *analysis;
 *     const char *paths[] = {"capture.pcap"};
 *
 *     pm_options_init(&options);
 *     if (pm_analyze(paths, 1, &options, &analysis, &error) != PM_OK)
 *         ... print error.message ...
 *     pm_table_csv(analysis, 0, &text, &n_bytes, &error);  // or a folder: pm_publication_begin()
 *     pm_analysis_free(analysis);
 *
 * Several captures are one traffic record, in the order given. The tables depend on the packets
 * and the options alone, never on the number of threads.
 *
 * Ownership: what a call returns belongs to the analysis and lives until pm_analysis_free().
 * Threads: calls on different analyses may run at the same time; calls on one may not.
 * Errors: every call that can fail returns enum pm_status, PM_OK being 0, and fills *error with
 * one sentence for people. After an error there is nothing to free.
 */
#ifndef PCAPMILL_H
#define PCAPMILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PM_API __attribute__((visibility("default")))
#else
#define PM_API
#endif

/* ---- errors ---------------------------------------------------------------------------- */

enum pm_status {
    PM_OK = 0,
    PM_NO_MEMORY,     /* an allocation failed */
    PM_IO,            /* a file could not be opened, read, written, or renamed */
    PM_NOT_A_CAPTURE, /* the input is no capture that pcapmill knows */
    PM_UNSUPPORTED,   /* the input or the option is known, but not built yet */
    PM_CHANGED,       /* the input shrank or was rewritten while it was read */
    PM_DAMAGED,       /* records are cut short or damaged, and options.strict was set */
    PM_EXISTS,        /* the output folder exists and may not be replaced */
    PM_LOCKED,        /* another run holds the lock of the output folder */
    PM_USAGE,         /* an argument is out of range */
    PM_STOPPED,       /* *options.stop became non-zero */
    PM_CHECK_FAILED,  /* the books do not balance: a fault in pcapmill */
    PM_RENDER         /* gnuplot could not draw a plot */
};

struct pm_error {
    enum pm_status status;
    char message[1024]; /* one sentence, no line feed, control bytes escaped */
};

/* ---- options --------------------------------------------------------------------------- */

/* Which IP header names the flow of a packet in a tunnel. */
enum pm_tunnels { PM_TUNNELS_OUTER, PM_TUNNELS_INNER };

/* The columns of flows: counts and how each flow ended; TCP too; lengths, gaps and the like too. */
enum pm_flow_columns { PM_FLOW_BASIC, PM_FLOW_TCP, PM_FLOW_ALL };

enum pm_origin { PM_ORIGIN_FIRST, PM_ORIGIN_EPOCH, PM_ORIGIN_TIME };

/* Bytes read so far, and in all; 0: not known, as of a pipe. Called from any worker, one at a time.
 */
typedef void (*pm_progress)(void *context, uint64_t done_bytes, uint64_t all_bytes);

enum { PM_INTERVALS_MOST = 4, PM_SPLT_MOST = 50, PM_DEDUP_MOST = 64 };

struct pm_options {
    unsigned threads;                        /* worker threads; 0: the CPUs this process may use */
    int64_t intervals_ns[PM_INTERVALS_MOST]; /* widths of rate bins: the first one > 0, and up to
                                                three more, each for a table of its own; 0: none */
    enum pm_origin origin;                   /* what rate bins are aligned to */
    int64_t origin_ns;                       /* with PM_ORIGIN_TIME: nanoseconds since the epoch */
    int64_t idle_timeout_ns;                 /* a longer silence ends a flow; 0: never */
    bool key_vlan;                           /* flows of different VLANs differ */
    bool key_tunnel; /* so do those of different tunnels; always with PM_TUNNELS_INNER */
    enum pm_flow_columns flow_columns;
    enum pm_tunnels tunnels;
    const char *tables;   /* names joined by ',', behind a '+' further ones; NULL: all but features,
                             splt, burstiness and packets; "": none */
    bool packets;         /* the per-packet table as well */
    unsigned splt;        /* the lengths and times of each flow's first packets as well: so many of
                             them, up to 50; 0: none (20 where tables names splt) */
    const char *filter;   /* keep only packets that match, as pcap-filter(7) says; NULL: all */
    unsigned dedup;       /* leave out a packet that equals one of so many before it, up to 64: the
                             captured bytes from the outermost IP header to the end of the IP
                             packet, or of the frame where there is none; 0: keep all */
    unsigned top;         /* rows of the plots' top lists, 1 to 5,000 */
    bool strict;          /* damaged records are an error (PM_DAMAGED) */
    pm_progress progress; /* or NULL */
    void *progress_context;
    const volatile int *stop; /* polled by every worker; NULL: never stop */

    bool measure; /* note what every stage costs: pm_stage_get() */

    /* For tests. The tables do not depend on them. */
    uint64_t run_bytes;     /* bytes of capture per run; 0: one run per thread */
    uint64_t window_bytes;  /* bytes of a stream that are read ahead of the work, or of a file that
                               are read at once; 0: as is good */
    unsigned batch_packets; /* 1 to 256; 0: 256 */
    uint32_t
        edge_packets;   /* of TCP, per flow, that a run keeps for the join with what lies before */
    uint64_t hash_seed; /* key of the hash tables; 0: drawn at random */
};

/* The defaults of the command line. */
PM_API void pm_options_init(struct pm_options *options);

/* ---- analysis -------------------------------------------------------------------------- */

struct pm_analysis;

/* Reads the captures and builds the tables. A path is that of a file or a FIFO, or "-" for standard
 * input. Uses options->threads threads and returns when all of
 * them have ended. Time: linear in the bytes of the captures. */
PM_API enum pm_status pm_analyze(const char *const *paths, size_t n_paths,
                                 const struct pm_options *options, struct pm_analysis **analysis,
                                 struct pm_error *error);

PM_API void pm_analysis_free(struct pm_analysis *analysis);

enum { PM_DAMAGES_MAX = 3 };

/* What is wrong with the records of a capture. */
struct pm_input_damage {
    const char *kind;
    uint64_t offset;          /* in bytes from the start: where reading stopped, or skipped first */
    uint64_t left_bytes;      /* from there to the end, where it stopped; else 0 */
    uint64_t skipped_packets; /* where it went on */
};

/* What a pcapng says of its own making: at most 1,000 sections and interfaces. Texts are as they
 * stand in the file, the first 1,024 bytes of each, and NULL where there is none. */
struct pm_section_info {
    const char *hardware;
    const char *os;
    const char *application;
    const char *comment;
};

struct pm_interface_info {
    size_t section; /* the index of its section */
    const char *name;
    const char *description;
    const char *comment;
    uint32_t link_type;
    uint32_t snap_len; /* 0: none */
    bool counted;      /* the capturing program gave these counters */
    uint64_t received_packets;
    uint64_t dropped_packets; /* by the interface and by the system */
};

/* What was read of one capture. Texts may hold any byte that a path may hold. Bytes and offsets are
 * those of the capture unpacked. */
struct pm_input {
    const char *path;
    const char *format;      /* "pcap" or "pcapng" */
    const char *compression; /* "gzip", "zstd", "xz", "lz4", "bzip2", or NULL */
    uint32_t link_type;      /* the LINKTYPE_ number of tcpdump.org; of the first interface */
    uint64_t packed_bytes;   /* as they lie in the file */
    uint64_t file_bytes;
    uint64_t header_bytes;
    uint64_t record_bytes; /* records with their headers */
    uint64_t left_bytes;   /* not read, because of damage */
    uint64_t packets;
    const char *same_as; /* the path of an earlier input with the very same bytes, or NULL */
    size_t n_sections;
    const struct pm_section_info *sections;
    size_t n_interfaces;
    const struct pm_interface_info *interfaces;
    size_t n_damages; /* 0: the capture is whole */
    struct pm_input_damage damages[PM_DAMAGES_MAX];
};

struct pm_summary {
    uint64_t packets;           /* that were kept, as are those of all that follows */
    uint64_t filtered_packets;  /* that did not match the filter */
    uint64_t duplicate_packets; /* that were left out as duplicates */
    uint64_t wire_bytes;
    uint64_t captured_bytes;
    uint64_t timed_packets; /* packets that bear a time */
    int64_t first_ts_ns;    /* the earliest and the latest time, 0 where there is none */
    int64_t last_ts_ns;
    int64_t origin_ns; /* where rate bin 0 starts */
    bool ordered;      /* no packet is older than the one before it */
    bool damaged;      /* some input is */
    size_t n_inputs;
    const struct pm_input *inputs;
};

PM_API const struct pm_summary *pm_analysis_summary(const struct pm_analysis *analysis);

/* ---- tables ---------------------------------------------------------------------------- */

enum pm_cell {
    PM_CELL_INTEGER, /* signed, 64 bits */
    PM_CELL_TIME,    /* the same: nanoseconds since the epoch, UTC */
    PM_CELL_FIXED6,  /* a decimal with six places */
    PM_CELL_FIXED9,  /* a decimal with nine places */
    PM_CELL_WORD,    /* one of few words; never needs quotes */
    PM_CELL_ADDRESS  /* IPv4 dotted or IPv6 as in RFC 5952; empty where there is none */
};

struct pm_column {
    const char *name; /* ^[a-z][a-z0-9_]{0,29}$ */
    enum pm_cell cell;
    const char *unit; /* "" where the number has none */
    const char *description;
    const char *title; /* what it is called where it was published first, or NULL */
};

struct pm_table_info {
    const char *name;
    const char *description;
    const struct pm_column *columns;
    size_t n_columns;
    uint64_t rows;
};

/* The tables of an analysis, in the order of the list. Index: 0 to count - 1. */
PM_API size_t pm_table_count(const struct pm_analysis *analysis);
PM_API struct pm_table_info pm_table_get(const struct pm_analysis *analysis, size_t table);

/* One table as CSV text, header and all: n_bytes and a zero. *text is for the caller to free(). As
 * Arrow: pcapmill/arrow.h. */
PM_API enum pm_status pm_table_csv(const struct pm_analysis *analysis, size_t table, char **text,
                                   size_t *n_bytes, struct pm_error *error);

/* ---- output ---------------------------------------------------------------------------- */

struct pm_output {
    const char *folder; /* its parent folder must exist */
    bool force;         /* replace it, if it is empty or holds pcapmill's summary.json */
    int64_t wait_ns;    /* how long to wait for its lock; 0: not at all */
    const char *render; /* "svg", "png", "none", or NULL: svg where gnuplot is found */
    int summary_fd;     /* summary.json is written there too, before the folder appears; 0: not */
    const volatile int *stop; /* polled while waiting and writing; NULL: never stop */
};

struct pm_publication;

/* Takes the lock of the folder and makes one beside it to work in. Comes before the analysis, so
 * that a run that cannot publish does no work. The output must outlive the publication. */
PM_API enum pm_status pm_publication_begin(const struct pm_output *output,
                                           struct pm_publication **publication,
                                           struct pm_error *error);

/* Writes every table, summary.json, what tells programs of the tables, the plots' data and scripts
 * and, rendered, their pictures, and the report. The folder appears whole, by one rename, or not at
 * all. Once per publication. */
PM_API enum pm_status pm_publication_publish(struct pm_publication *publication,
                                             struct pm_analysis *analysis, struct pm_error *error);

/* Releases the lock, and removes what was not published. NULL is fine. */
PM_API void pm_publication_end(struct pm_publication *publication);

/* Writes report.html and report.txt of a published folder anew, of the files in it. */
PM_API enum pm_status pm_report_write(const char *folder, struct pm_error *error);

/* summary.json as text, for the caller to free(); NULL: no memory. It lists the tables that were
 * published. */
PM_API char *pm_analysis_json(const struct pm_analysis *analysis);

/* ---- measuring ------------------------------------------------------------------------- */

/* A stage of the work, in the order in which packets pass it. */
struct pm_stage {
    const char *name;
    const char *table; /* of a stage that is done for every table; else NULL */
    uint64_t ns;       /* that all threads together spent in it so far */
    bool wall;         /* no such sum, but the time on the wall until a point is reached: "merged",
                          until the packets of all runs are joined */
};

/* Of an analysis with options.measure, else 0. Writing is measured once the folder is published. */
PM_API size_t pm_stage_count(const struct pm_analysis *analysis);
PM_API struct pm_stage pm_stage_get(const struct pm_analysis *analysis, size_t stage);

/* ---- this library ---------------------------------------------------------------------- */

PM_API const char *pm_version(void);

/* How many threads work where options.threads is 0: the CPUs that this process may use, by its
 * affinity and its cgroup. */
PM_API unsigned pm_threads_usual(void);

/* An access to a mapped capture that shrank raises SIGBUS. A program that may meet such files
 * installs a handler and calls this first: true where the address lay in a capture, which now reads
 * as zeros and will be reported as PM_CHANGED. Async-signal-safe. */
PM_API bool pm_handle_sigbus(void *address);

#ifdef __cplusplus
}
#endif

#endif
