/* Signals: the one file of the program with a mutable global. */
#include <signal.h>
#include <stddef.h>

#include "cli/cli.h"

static volatile int caught;

static void on_stop(int number)
{
    caught = number;
}

static void on_sigbus(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (pm_handle_sigbus(info->si_addr))
        return;
    signal(number, SIG_DFL); /* no capture of ours: let it end the program */
}

void cli_catch_signals(void)
{
    static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction stop = {.sa_handler = on_stop};
    struct sigaction bus = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO};
    struct sigaction before;

    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
        if (sigaction(stops[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(stops[i], &stop, NULL);
    sigaction(SIGBUS, &bus, NULL);
}

const volatile int *cli_stop_flag(void)
{
    return &caught;
}

void cli_raise_caught(void)
{
    if (caught == 0)
        return;
    signal(caught, SIG_DFL);
    raise(caught);
}
