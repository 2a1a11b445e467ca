#include "report/heap.h"

const char *const pm_heap_names[PM_HEAP_PROTOCOLS] = {"TCP",  "UDP",    "SCTP",
                                                      "ICMP", "ICMPv6", "other"};

static const char *const columns_of[PM_HEAP_PROTOCOLS] = {"tcp_bps",  "udp_bps",    "sctp_bps",
                                                          "icmp_bps", "icmpv6_bps", "other_ip_bps"};

static void add_column(struct pm_heap *heap, const struct pm_sheet *rate, size_t begin, size_t end)
{
    double *sums = heap->sums[heap->n];

    sums[0] = 0;
    for (int i = 0; i < PM_HEAP_PROTOCOLS; i++) {
        size_t column = pm_sheet_column(rate, columns_of[i]);
        double sum = 0;

        for (size_t row = begin; row < end; row++)
            sum += pm_sheet_number(rate, row, column);
        heap->occurs[i] |= sum > 0;
        sums[i + 1] = sums[i] + sum / (double)(end - begin);
    }
    if (sums[PM_HEAP_PROTOCOLS] > heap->most)
        heap->most = sums[PM_HEAP_PROTOCOLS];
    heap->at[heap->n++] = pm_sheet_number(rate, begin, pm_sheet_column(rate, "since_s"));
}

void pm_heap_fill(struct pm_heap *heap, const struct pm_sheet *rate, size_t columns)
{
    size_t together = (rate->n_rows + columns - 1) / columns;

    *heap = (struct pm_heap){0};
    for (size_t row = 0; row < rate->n_rows; row += together)
        add_column(heap, rate, row, row + together < rate->n_rows ? row + together : rate->n_rows);
    if (heap->n > 1)
        heap->width_s = heap->at[1] - heap->at[0];
}
