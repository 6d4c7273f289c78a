//  A ring under a lock: a dead letter is rare, and who looks is a person.
#include "dead.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PAYLOAD_KEPT = 4096 };

struct dead {
    pthread_mutex_t lock;
    zooid_arena_t **arenas;         //  One a letter
    zooid_dead_letter_t *letters;
    size_t limit, next, count;
};

void
dead_new (dead_t **self_p, size_t limit)
{
    dead_t *self = zooid_allocate (sizeof *self);
    pthread_mutex_init (&self->lock, NULL);
    self->limit = limit;
    self->arenas = zooid_allocate (limit * sizeof *self->arenas);
    self->letters = zooid_allocate (limit * sizeof *self->letters);
    *self_p = self;
}

void
dead_destroy (dead_t **self_p)
{
    dead_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    for (size_t i = 0; i < self->limit; i++)
        zooid_arena_destroy (&self->arenas [i]);
    free (self->arenas);
    free (self->letters);
    pthread_mutex_destroy (&self->lock);
    free (self);
}

static const char *
s_copy_text (zooid_arena_t *arena, const char *text)
{
    const char *copy = text ? zooid_arena_copy (arena, text, strlen (text)) : NULL;
    return copy ? copy : "";
}

static void
s_copy (zooid_arena_t *arena, const zooid_dead_letter_t *from, zooid_dead_letter_t *ret_to)
{
    size_t size = from->payload.size < PAYLOAD_KEPT ? from->payload.size : PAYLOAD_KEPT;
    const void *payload = size ? zooid_arena_copy (arena, from->payload.data, size) : NULL;
    *ret_to = (zooid_dead_letter_t) {
        .at_ms = from->at_ms,
        .actor = s_copy_text (arena, from->actor),
        .reason = s_copy_text (arena, from->reason),
        .topic = s_copy_text (arena, from->topic),
        .detail = s_copy_text (arena, from->detail),
        .payload = { payload, payload ? size : 0 },
    };
}

void
dead_put (dead_t *self, const zooid_dead_letter_t *letter)
{
    pthread_mutex_lock (&self->lock);
    zooid_arena_t **arena = &self->arenas [self->next];
    if (*arena)
        zooid_arena_reset (*arena);
    else
        zooid_arena_new (arena, 0);
    s_copy (*arena, letter, &self->letters [self->next]);
    self->next = (self->next + 1) % self->limit;
    if (self->count < self->limit)
        self->count++;
    pthread_mutex_unlock (&self->lock);
}

size_t
dead_list (dead_t *self, size_t limit, zooid_arena_t *arena, const zooid_dead_letter_t **ret_letters)
{
    pthread_mutex_lock (&self->lock);
    size_t count = limit < self->count ? limit : self->count;
    zooid_dead_letter_t *letters = zooid_arena_take (arena, (count ? count : 1) * sizeof *letters);
    if (!letters)
        count = 0;
    for (size_t i = 0; i < count; i++)
        s_copy (arena, &self->letters [(self->next + self->limit - 1 - i) % self->limit], &letters [i]);
    pthread_mutex_unlock (&self->lock);
    *ret_letters = letters;
    return count;
}
