/* The descriptors of all tables, for the list and for tables derived from others. */
#ifndef PM_ALL_TABLES_H
#define PM_ALL_TABLES_H

#include "table/table.h"

extern const struct pm_table pm_table_rates;
extern const struct pm_table pm_table_rates_second;
extern const struct pm_table pm_table_rates_third;
extern const struct pm_table pm_table_rates_fourth;
extern const struct pm_table pm_table_flows;
extern const struct pm_table pm_table_pairs;
extern const struct pm_table pm_table_hosts;
extern const struct pm_table pm_table_services;
extern const struct pm_table pm_table_protocols;
extern const struct pm_table pm_table_sizes;
extern const struct pm_table pm_table_gaps;
extern const struct pm_table pm_table_stats;
extern const struct pm_table pm_table_features;
extern const struct pm_table pm_table_splt;
extern const struct pm_table pm_table_burstiness;
extern const struct pm_table pm_table_anomalies;
extern const struct pm_table pm_table_packets;

/* The gnuplot scripts of the charts: src/table/charts/NAME.gp, embedded by CMake. */
extern const char pm_script_rate[];
extern const char pm_script_rate_stacked[];
extern const char pm_script_packet_rate[];
extern const char pm_script_lengths[];
extern const char pm_script_flow_sizes[];
extern const char pm_script_flow_durations[];
extern const char pm_script_concurrent_flows[];
extern const char pm_script_handshakes[];
extern const char pm_script_tcp_outcomes[];
extern const char pm_script_top_hosts[];
extern const char pm_script_top_services[];
extern const char pm_script_pair_map[];
extern const char pm_script_gaps[];

#endif
