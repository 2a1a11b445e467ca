#include "engine/twins.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 1 << 16 };

struct twin {
    struct pm_input *input;
    XXH128_hash_t hash; /* of the file's bytes; zeros where it was not needed */
};

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_sizes(const void *a_twin, const void *b_twin)
{
    const struct pm_input *a = ((const struct twin *)a_twin)->input;
    const struct pm_input *b = ((const struct twin *)b_twin)->input;
    int order = compare_numbers(a->packed_bytes, b->packed_bytes);

    return order != 0 ? order : compare_numbers(a->packets, b->packets);
}

/* Equal ones in the order in which they were given. */
static int compare_bytes(const void *a_twin, const void *b_twin)
{
    const struct twin *a = a_twin, *b = b_twin;
    int order = XXH128_cmp(&a->hash, &b->hash);

    return order != 0 ? order : (a->input > b->input) - (a->input < b->input);
}

static bool hash_open_file(int fd, const volatile int *stop, XXH128_hash_t *hash)
{
    XXH3_state_t state;
    char block[BLOCK];
    struct stat about;
    ssize_t n = -1;

    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
        return false;
    XXH3_128bits_reset(&state);
    while ((stop == NULL || *stop == 0) && (n = read(fd, block, sizeof block)) > 0)
        XXH3_128bits_update(&state, block, (size_t)n);
    *hash = XXH3_128bits_digest(&state);
    return n == 0;
}

static bool hash_file(const char *path, const volatile int *stop, XXH128_hash_t *hash)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* not to wait for a FIFO's writer */
    bool done;

    if (fd < 0)
        return false;
    done = hash_open_file(fd, stop, hash);
    close(fd);
    return done;
}

/* `twins` are of one size. */
static void match(struct twin *twins, size_t n, const volatile int *stop)
{
    size_t files = 0, first = 0;

    for (size_t i = 0; i < n; i++)
        if (hash_file(twins[i].input->path, stop, &twins[i].hash))
            twins[files++] = twins[i];
    qsort(twins, files, sizeof *twins, compare_bytes);
    for (size_t i = 1; i < files; i++)
        if (XXH128_isEqual(twins[i].hash, twins[first].hash))
            twins[i].input->same_as = twins[first].input->path;
        else
            first = i;
}

enum pm_status pm_engine_find_twins(struct pm_analysis *analysis)
{
    size_t n = analysis->n_inputs, end;
    struct twin *twins = calloc(n, sizeof *twins);

    if (twins == NULL)
        return PM_NO_MEMORY;
    for (size_t i = 0; i < n; i++)
        twins[i].input = &analysis->inputs[i];
    qsort(twins, n, sizeof *twins, compare_sizes);
    for (size_t begin = 0; begin < n; begin = end) {
        for (end = begin + 1; end < n && compare_sizes(&twins[begin], &twins[end]) == 0; end++)
            ;
        if (end - begin > 1 && twins[begin].input->packets != 0)
            match(twins + begin, end - begin, analysis->options.stop);
    }
    free(twins);
    return PM_OK;
}
