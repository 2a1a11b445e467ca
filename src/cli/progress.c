/* A progress bar on stderr: at most five times a second, and not before one second has passed. */
#include <stdio.h>
#include <unistd.h>

#include "base/now.h"
#include "cli/cli.h"

enum { BAR = 40 };

static double now_s(void)
{
    return (double)pm_now_ns() * 1e-9;
}

static void draw(void *context, uint64_t done, uint64_t all)
{
    struct cli_bar *bar = context;
    double now = now_s(), rate;
    int filled;

    if (now - bar->begin < 1.0 || now - bar->drawn < 0.2 || done == 0)
        return;
    bar->drawn = now;
    bar->visible = true;
    rate = (double)done / (now - bar->begin);
    if (all == 0) {
        fprintf(stderr, "\r%.0f MB  %.0f MB/s ", (double)done / 1e6, rate / 1e6);
        return;
    }
    filled = (int)(done * BAR / all);
    fprintf(stderr, "\r[%.*s%*s] %3d%%  %.0f MB/s  %.0f s left ", filled,
            "########################################", BAR - filled, "", (int)(done * 100 / all),
            rate / 1e6, (double)(all - done) / rate);
}

void cli_progress_begin(struct cli_request *request)
{
    bool wanted = request->progress == CLI_PROGRESS_ALWAYS ||
                  (request->progress == CLI_PROGRESS_AUTO && !request->quiet && isatty(2));

    request->bar.begin = now_s();
    request->options.progress_context = &request->bar;
    if (wanted)
        request->options.progress = draw;
}

void cli_progress_end(struct cli_request *request)
{
    if (request->bar.visible)
        fputs("\r\x1b[K", stderr);
    request->bar.visible = false;
}
