//  A binary heap of entry numbers; an entry knows its place in the heap, so that stopping one is a swap and a sift.
//  What most timers do is be stopped (deadlines of asks that were answered).
#include "timer.h"

#include <assert.h>
#include <stdlib.h>
#include <zooid/result.h>

typedef struct {
    int64_t at_ms;
    uint64_t order;
    timer_fn *fire;
    void *owner, *state;
    uint32_t generation;
    uint32_t place;             //  In the heap; of a free entry the next free one
} entry_t;

struct timers {
    entry_t *entries;
    uint32_t *heap;
    uint32_t entry_count, heap_count, capacity, first_free;
    uint64_t order;
};

#define NONE UINT32_MAX

void
timers_new (timers_t **self_p)
{
    timers_t *self = zooid_allocate (sizeof *self);
    self->first_free = NONE;
    *self_p = self;
}

void
timers_destroy (timers_t **self_p)
{
    timers_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    free (self->entries);
    free (self->heap);
    free (self);
}

static bool
s_before (const timers_t *self, uint32_t a, uint32_t b)
{
    const entry_t *x = &self->entries [a], *y = &self->entries [b];
    return x->at_ms != y->at_ms ? x->at_ms < y->at_ms : x->order < y->order;
}

static void
s_place (timers_t *self, uint32_t place, uint32_t index)
{
    self->heap [place] = index;
    self->entries [index].place = place;
}

static void
s_sift_up (timers_t *self, uint32_t place)
{
    uint32_t index = self->heap [place];
    while (place > 0 && s_before (self, index, self->heap [(place - 1) / 2])) {
        s_place (self, place, self->heap [(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    s_place (self, place, index);
}

static void
s_sift_down (timers_t *self, uint32_t place)
{
    uint32_t index = self->heap [place];
    for (;;) {
        uint32_t child = 2 * place + 1;
        if (child >= self->heap_count)
            break;
        if (child + 1 < self->heap_count && s_before (self, self->heap [child + 1], self->heap [child]))
            child++;
        if (!s_before (self, self->heap [child], index))
            break;
        s_place (self, place, self->heap [child]);
        place = child;
    }
    s_place (self, place, index);
}

static void
s_grow (timers_t *self)
{
    if (self->entry_count < self->capacity)
        return;
    self->capacity = self->capacity ? 2 * self->capacity : 64;
    self->entries = realloc (self->entries, self->capacity * sizeof *self->entries);
    self->heap = realloc (self->heap, self->capacity * sizeof *self->heap);
    assert (self->entries && self->heap);
}

uint64_t
timers_start (timers_t *self, int64_t at_ms, timer_fn *fire, void *owner, void *state)
{
    uint32_t index = self->first_free;
    if (index == NONE) {
        s_grow (self);
        index = self->entry_count++;
        self->entries [index].generation = 0;
    }
    else
        self->first_free = self->entries [index].place;
    entry_t *entry = &self->entries [index];
    *entry = (entry_t) { .at_ms = at_ms, .order = self->order++, .fire = fire, .owner = owner, .state = state,
                         .generation = entry->generation + 1 };
    self->heap [self->heap_count] = index;
    entry->place = self->heap_count++;
    s_sift_up (self, entry->place);
    return (uint64_t) entry->generation << 32 | index;
}

static void
s_remove (timers_t *self, uint32_t index)
{
    uint32_t place = self->entries [index].place;
    uint32_t last = self->heap [--self->heap_count];
    if (last != index) {
        s_place (self, place, last);
        s_sift_up (self, place);
        s_sift_down (self, self->entries [last].place);
    }
    self->entries [index].fire = NULL;
    self->entries [index].place = self->first_free;
    self->first_free = index;
}

void
timers_stop (timers_t *self, uint64_t handle)
{
    uint32_t index = (uint32_t) handle;
    if (handle == 0 || index >= self->entry_count)
        return;
    entry_t *entry = &self->entries [index];
    if (entry->fire && entry->generation == handle >> 32)
        s_remove (self, index);
}

size_t
timers_fire (timers_t *self, int64_t now_ms)
{
    //  One that a firing timer starts for this very moment waits for the next call: a loop of them can not hold the turn.
    uint64_t until = self->order;
    size_t fired = 0;
    while (self->heap_count > 0) {
        uint32_t index = self->heap [0];
        entry_t entry = self->entries [index];
        if (entry.at_ms > now_ms || entry.order >= until)
            break;
        s_remove (self, index);
        entry.fire (entry.owner, entry.state);
        fired++;
    }
    return fired;
}

int64_t
timers_next_ms (const timers_t *self)
{
    return self->heap_count > 0 ? self->entries [self->heap [0]].at_ms : -1;
}
