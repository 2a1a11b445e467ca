/* pcapmill report: the pages of folders, written anew. */
#include "cli/cli.h"

int cli_report(int argc, char **argv)
{
    struct cli_request request = cli_parse(argc, argv, CLI_REPORT);
    int status = EXIT_COMPLETE;
    struct pm_error error;

    for (int i = 0; i < request.n_paths && status == EXIT_COMPLETE; i++)
        if (pm_report_write(request.paths[i], &error) != PM_OK)
            status = cli_fail(&error);
    cli_free(&request);
    return status;
}
