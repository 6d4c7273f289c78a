//  Blocks in a chain, the one that is being filled in front. Blocks double up to BLOCK_MAX; what is larger than that
//  gets a block of its own behind the front one. A reset keeps one ordinary block, so that an arena which is used turn
//  after turn asks the system for nothing.
#include <zooid/bytes.h>

#include "arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = _Alignof (max_align_t), BLOCK_MIN = 1024, BLOCK_MAX = 64 * 1024 };

typedef struct block block_t;
struct block {
    block_t *next;
    size_t size;        //  Of data
    _Alignas (max_align_t) uint8_t data [];
};

struct zooid_arena {
    block_t *front;
    size_t used;        //  Of the front block
    size_t taken;
    size_t limit;
};

void
zooid_arena_new (zooid_arena_t **self_p, size_t limit)
{
    zooid_arena_t *self = zooid_allocate (sizeof *self);
    self->limit = limit ? limit : PTRDIFF_MAX;
    *self_p = self;
}

void
zooid_arena_destroy (zooid_arena_t **self_p)
{
    assert (self_p);
    zooid_arena_t *self = *self_p;
    if (!self)
        return;
    while (self->front) {
        block_t *block = self->front;
        self->front = block->next;
        free (block);
    }
    free (self);
    *self_p = NULL;
}

static block_t *
s_new_block (size_t size)
{
    size_t whole;
    block_t *block = __builtin_add_overflow (size, sizeof (block_t), &whole) ? NULL : malloc (whole);
    if (block) {
        block->next = NULL;
        block->size = size;
    }
    return block;
}

//  A large piece stands behind the front block, which goes on being filled.
static void *
s_take_large (zooid_arena_t *self, size_t size)
{
    block_t *block = s_new_block (size);
    if (!block)
        return NULL;
    if (self->front) {
        block->next = self->front->next;
        self->front->next = block;
    }
    else {
        self->front = block;
        self->used = size;
    }
    return block->data;
}

static void *
s_take_fresh (zooid_arena_t *self, size_t size)
{
    size_t wanted = self->front ? self->front->size * 2 : BLOCK_MIN;
    if (wanted > BLOCK_MAX)
        wanted = BLOCK_MAX;
    block_t *block = s_new_block (wanted < size ? size : wanted);
    if (!block)
        return NULL;
    block->next = self->front;
    self->front = block;
    self->used = size;
    return block->data;
}

void *
arena_grab (zooid_arena_t *self, size_t size)
{
    size_t rounded;
    if (__builtin_add_overflow (size ? size : 1, ALIGNMENT - 1, &rounded))
        return NULL;
    rounded &= ~(size_t) (ALIGNMENT - 1);
    if (rounded > self->limit - self->taken)
        return NULL;

    void *piece;
    if (self->front && rounded <= self->front->size - self->used) {
        piece = self->front->data + self->used;
        self->used += rounded;
    }
    else
        piece = rounded > BLOCK_MAX ? s_take_large (self, rounded) : s_take_fresh (self, rounded);
    if (piece)
        self->taken += rounded;
    return piece;
}

void *
zooid_arena_take (zooid_arena_t *self, size_t size)
{
    void *piece = arena_grab (self, size);
    return piece ? memset (piece, 0, size) : NULL;
}

char *
zooid_arena_copy (zooid_arena_t *self, const void *data, size_t size)
{
    char *copy = size == SIZE_MAX ? NULL : arena_grab (self, size + 1);
    if (!copy)
        return NULL;
    if (size)
        memcpy (copy, data, size);
    copy [size] = 0;
    return copy;
}

char *
zooid_arena_format (zooid_arena_t *self, const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    int size = vsnprintf (NULL, 0, format, arguments);
    va_end (arguments);
    char *text = size < 0 ? NULL : arena_grab (self, (size_t) size + 1);
    if (!text)
        return NULL;
    va_start (arguments, format);
    vsnprintf (text, (size_t) size + 1, format, arguments);
    va_end (arguments);
    return text;
}

void
zooid_arena_reset (zooid_arena_t *self)
{
    block_t *kept = NULL;
    while (self->front) {
        block_t *block = self->front;
        self->front = block->next;
        if (block->size <= BLOCK_MAX && (!kept || block->size > kept->size)) {
            free (kept);
            kept = block;
        }
        else
            free (block);
    }
    if (kept)
        kept->next = NULL;
    self->front = kept;
    self->used = 0;
    self->taken = 0;
}
