#include "journal.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WAIT_S = 20, LINE_MAX_SIZE = 120 };

struct journal {
    pthread_mutex_t lock;
    pthread_cond_t noted;
    char (*lines) [LINE_MAX_SIZE];
    size_t count, capacity;
};

void
journal_new (journal_t **self_p)
{
    journal_t *self = zooid_allocate (sizeof *self);
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->noted, NULL);
    *self_p = self;
}

void
journal_destroy (journal_t **self_p)
{
    journal_t *self = *self_p;
    if (!self)
        return;
    pthread_cond_destroy (&self->noted);
    pthread_mutex_destroy (&self->lock);
    free (self->lines);
    free (self);
    *self_p = NULL;
}

void
journal_note (journal_t *self, const char *format, ...)
{
    char line [LINE_MAX_SIZE];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (line, sizeof line, format, arguments);
    va_end (arguments);
    pthread_mutex_lock (&self->lock);
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 64;
        self->lines = realloc (self->lines, self->capacity * sizeof *self->lines);
        if (!self->lines)
            abort ();
    }
    memcpy (self->lines [self->count++], line, sizeof line);
    pthread_cond_broadcast (&self->noted);
    pthread_mutex_unlock (&self->lock);
}

//  With the lock.
static size_t
s_count (const journal_t *self, const char *line, size_t *ret_first)
{
    size_t count = 0;
    for (size_t i = 0; i < self->count; i++)
        if (strcmp (self->lines [i], line) == 0 && count++ == 0)
            *ret_first = i;
    return count;
}

bool
journal_wait (journal_t *self, const char *line, size_t times)
{
    struct timespec until;
    clock_gettime (CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    size_t first;
    int rc = 0;
    pthread_mutex_lock (&self->lock);
    while (s_count (self, line, &first) < times && rc == 0)
        rc = pthread_cond_timedwait (&self->noted, &self->lock, &until);
    bool came = s_count (self, line, &first) >= times;
    for (size_t i = 0; !came && i < self->count; i++)
        fprintf (stderr, "journal %zu: %s\n", i, self->lines [i]);
    pthread_mutex_unlock (&self->lock);
    return came;
}

size_t
journal_count (journal_t *self, const char *line)
{
    size_t first;
    pthread_mutex_lock (&self->lock);
    size_t count = s_count (self, line, &first);
    pthread_mutex_unlock (&self->lock);
    return count;
}

size_t
journal_place (journal_t *self, const char *line)
{
    size_t first = SIZE_MAX;
    pthread_mutex_lock (&self->lock);
    s_count (self, line, &first);
    pthread_mutex_unlock (&self->lock);
    return first;
}
