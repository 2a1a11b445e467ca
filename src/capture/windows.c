#include "capture/windows.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { FRONT_USUAL = 1 << 16 }; /* room before a window for the end of the one before */

struct buffer {
    uint8_t *memory;
    size_t front; /* bytes of room before the window */
    size_t room;  /* and for the window */
    size_t n;     /* bytes in the window */
    bool last;
    bool full; /* filled, and not given back; guarded by the lock */
    enum pm_status status;
};

struct pm_windows {
    struct pm_stream *stream;
    struct buffer buffers[2];
    unsigned next;       /* the buffer that is handed out next */
    bool handed;         /* the other one is in the caller's hands */
    struct pm_view view; /* what the caller has: at first the head */
    pthread_t thread;
    bool threaded; /* false: the system gave no thread, and windows are filled when asked for */
    pthread_mutex_t lock;
    pthread_cond_t moved; /* some `full` did, or `quit` */
    bool quit;
};

static void fill(struct pm_windows *windows, struct buffer *buffer)
{
    buffer->status =
        pm_stream_read(windows->stream, buffer->memory + buffer->front, buffer->room, &buffer->n);
    buffer->last = windows->stream->ended || buffer->status != PM_OK;
}

/* The thread: fills the buffers in turn, each once it is free, up to the end of the stream. */
static void *fill_all(void *windows_pointer)
{
    struct pm_windows *windows = windows_pointer;
    unsigned turn = 0;
    bool last = false;

    pthread_mutex_lock(&windows->lock);
    while (!last && !windows->quit) {
        struct buffer *buffer = &windows->buffers[turn];

        if (buffer->full) {
            pthread_cond_wait(&windows->moved, &windows->lock);
            continue;
        }
        pthread_mutex_unlock(&windows->lock);
        fill(windows, buffer);
        pthread_mutex_lock(&windows->lock);
        last = buffer->last;
        buffer->full = true;
        pthread_cond_signal(&windows->moved);
        turn ^= 1;
    }
    pthread_mutex_unlock(&windows->lock);
    return NULL;
}

/* What the buffer holds is kept; neither room may shrink. */
static bool allocate(struct buffer *buffer, size_t front, size_t room)
{
    uint8_t *memory = malloc(front + room);

    if (memory == NULL)
        return false;
    if (buffer->memory != NULL)
        memcpy(memory + front, buffer->memory + buffer->front, buffer->n);
    free(buffer->memory);
    buffer->memory = memory;
    buffer->front = front;
    buffer->room = room;
    return true;
}

/* A record is longer than a window: the next windows grow with it, so that all that is ever copied
 * of it stays in proportion to its length. */
static bool grow(struct buffer *buffer, size_t kept)
{
    return allocate(buffer, kept, kept / 2 > buffer->room ? kept / 2 : buffer->room);
}

struct pm_windows *pm_windows_begin(struct pm_stream *stream, size_t window_bytes,
                                    const uint8_t *head, size_t n_head)
{
    struct pm_windows *windows = calloc(1, sizeof *windows);

    if (windows == NULL)
        return NULL;
    windows->stream = stream;
    windows->view = (struct pm_view){.bytes = head, .end = n_head};
    pthread_mutex_init(&windows->lock, NULL);
    pthread_cond_init(&windows->moved, NULL);
    if (!allocate(&windows->buffers[0], FRONT_USUAL, window_bytes) ||
        !allocate(&windows->buffers[1], FRONT_USUAL, window_bytes)) {
        pm_windows_end(windows);
        return NULL;
    }
    windows->threaded = pthread_create(&windows->thread, NULL, fill_all, windows) == 0;
    return windows;
}

void pm_windows_end(struct pm_windows *windows)
{
    if (windows->threaded) {
        pm_source_abandon(windows->stream->source);
        pthread_mutex_lock(&windows->lock);
        windows->quit = true;
        pthread_cond_signal(&windows->moved);
        pthread_mutex_unlock(&windows->lock);
        pthread_join(windows->thread, NULL);
    }
    pthread_mutex_destroy(&windows->lock);
    pthread_cond_destroy(&windows->moved);
    free(windows->buffers[0].memory);
    free(windows->buffers[1].memory);
    free(windows);
}

static void wait_until_full(struct pm_windows *windows, struct buffer *buffer)
{
    if (!windows->threaded) {
        fill(windows, buffer);
        return;
    }
    pthread_mutex_lock(&windows->lock);
    while (!buffer->full)
        pthread_cond_wait(&windows->moved, &windows->lock);
    pthread_mutex_unlock(&windows->lock);
}

/* Puts the end of the window before in front of a buffer, which the thread may still be filling. */
static void carry(const struct pm_windows *windows, struct buffer *buffer, size_t kept)
{
    if (kept != 0)
        memcpy(buffer->memory + buffer->front - kept,
               pm_view_at(&windows->view, windows->view.end - kept), kept);
}

/* The thread may fill the buffer of the window before. */
static void give_back(struct pm_windows *windows)
{
    if (!windows->handed)
        return;
    pthread_mutex_lock(&windows->lock);
    windows->buffers[windows->next ^ 1].full = false;
    pthread_cond_signal(&windows->moved);
    pthread_mutex_unlock(&windows->lock);
}

enum pm_status pm_windows_next(struct pm_windows *windows, uint64_t keep, struct pm_view *view)
{
    struct buffer *buffer = &windows->buffers[windows->next];
    size_t kept = windows->view.end - keep;
    bool fits = kept <= buffer->front;

    if (fits) { /* before the wait: else the thread would stand still until this one is awake */
        carry(windows, buffer, kept);
        give_back(windows);
    }
    wait_until_full(windows, buffer);
    if (buffer->status != PM_OK)
        return buffer->status;
    if (!fits) {
        if (!grow(buffer, kept))
            return PM_NO_MEMORY;
        carry(windows, buffer, kept);
        give_back(windows);
    }
    windows->next ^= 1;
    windows->handed = true;
    *view = windows->view = (struct pm_view){.bytes = buffer->memory + buffer->front - kept,
                                             .begin = keep,
                                             .end = windows->view.end + buffer->n,
                                             .last = buffer->last};
    return PM_OK;
}
