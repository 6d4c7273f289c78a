//  dead.h - the last dead letters of the process
#ifndef DEAD_H
#define DEAD_H

#include <zooid/directory.h>

typedef struct dead dead_t;
void
    dead_new (dead_t **self_p, size_t limit);
void
    dead_destroy (dead_t **self_p);
//  Copied; the oldest makes room. [any]
void
    dead_put (dead_t *self, const zooid_dead_letter_t *letter);
//  Newest first, copied to the arena. [any]
size_t
    dead_list (dead_t *self, size_t limit, zooid_arena_t *arena, const zooid_dead_letter_t **ret_letters);

#endif
