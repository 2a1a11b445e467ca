/*
 * The floor: how long it takes THREADS threads to read every byte of a mapped file.
 *
 * usage: floor THREADS FILE
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { THREADS_MAX = 64 };

struct part {
    const uint8_t *begin;
    size_t n_words;
    uint64_t sum;
    pthread_t thread;
};

static void *add_up(void *part_pointer)
{
    struct part *part = part_pointer;

    for (size_t i = 0; i < part->n_words; i++) {
        uint64_t word;

        memcpy(&word, part->begin + i * sizeof word, sizeof word);
        part->sum += word;
    }
    return NULL;
}

int main(int argc, char **argv)
{
    struct part parts[THREADS_MAX] = {{0}};
    int n = argc == 3 ? atoi(argv[1]) : 0, fd = argc == 3 ? open(argv[2], O_RDONLY) : -1;
    struct stat found;
    const uint8_t *bytes;
    uint64_t sum = 0;

    if (n < 1 || n > THREADS_MAX || fd < 0 || fstat(fd, &found) != 0)
        return 2;
    bytes = mmap(NULL, (size_t)found.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return 2;
    for (int i = 0; i < n; i++) {
        size_t words = (size_t)found.st_size / sizeof(uint64_t);

        parts[i].begin = bytes + words / (size_t)n * (size_t)i * sizeof(uint64_t);
        parts[i].n_words = words / (size_t)n;
        if (pthread_create(&parts[i].thread, NULL, add_up, &parts[i]) != 0)
            return 2;
    }
    for (int i = 0; i < n; i++) {
        pthread_join(parts[i].thread, NULL);
        sum += parts[i].sum;
    }
    munmap((void *)bytes, (size_t)found.st_size);
    printf("%016llx\n", (unsigned long long)sum); /* so that it cannot be left out */
    return 0;
}
