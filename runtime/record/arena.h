//  arena.h - memory from an arena that its taker fills whole
#ifndef ARENA_H
#define ARENA_H

#include <zooid/bytes.h>

//  As zooid_arena_take, but not zeroed.
void *
    arena_grab (zooid_arena_t *self, size_t size);

#endif
