//  Open addressing, linear probing, FNV-1a; removal moves later ones back, so that there are no tombstones. czmq's zhashx
//  remembers its last look-up in the table itself, which two readers may not do at once.
#include "table.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zooid/result.h>

typedef struct {
    const char *name;
    void *item;
    uint64_t hash;
} cell_t;

struct table {
    cell_t *cells;
    size_t count, capacity;
};

void
table_new (table_t **self_p)
{
    table_t *self = zooid_allocate (sizeof *self);
    self->capacity = 64;
    self->cells = zooid_allocate (self->capacity * sizeof *self->cells);
    *self_p = self;
}

void
table_destroy (table_t **self_p)
{
    if (*self_p) {
        free ((*self_p)->cells);
        free (*self_p);
    }
    *self_p = NULL;
}

static uint64_t
s_hash (const char *name)
{
    uint64_t hash = UINT64_C (0xcbf29ce484222325);
    for (; *name; name++)
        hash = (hash ^ (uint8_t) *name) * UINT64_C (0x100000001b3);
    return hash;
}

//  Where the name is, or the empty cell where it would be.
static size_t
s_find_place (const table_t *self, const char *name, uint64_t hash)
{
    size_t place = hash & (self->capacity - 1);
    while (self->cells [place].name
           && (self->cells [place].hash != hash || strcmp (self->cells [place].name, name) != 0))
        place = (place + 1) & (self->capacity - 1);
    return place;
}

static void
s_grow (table_t *self)
{
    cell_t *old = self->cells;
    size_t capacity = self->capacity;
    self->capacity *= 2;
    self->cells = zooid_allocate (self->capacity * sizeof *self->cells);
    for (size_t i = 0; i < capacity; i++)
        if (old [i].name)
            self->cells [s_find_place (self, old [i].name, old [i].hash)] = old [i];
    free (old);
}

void
table_insert (table_t *self, const char *name, void *item)
{
    if (self->count * 4 >= self->capacity * 3)
        s_grow (self);
    uint64_t hash = s_hash (name);
    size_t place = s_find_place (self, name, hash);
    assert (!self->cells [place].name);
    self->cells [place] = (cell_t) { name, item, hash };
    self->count++;
}

void *
table_find (const table_t *self, const char *name)
{
    return self->cells [s_find_place (self, name, s_hash (name))].item;
}

void *
table_remove (table_t *self, const char *name)
{
    size_t hole = s_find_place (self, name, s_hash (name));
    void *item = self->cells [hole].item;
    if (!self->cells [hole].name)
        return NULL;
    size_t mask = self->capacity - 1;
    for (size_t next = (hole + 1) & mask; self->cells [next].name; next = (next + 1) & mask)
        //  One that would still be found from its home across the hole stays.
        if (((next - self->cells [next].hash) & mask) >= ((next - hole) & mask)) {
            self->cells [hole] = self->cells [next];
            hole = next;
        }
    self->cells [hole] = (cell_t) { 0 };
    self->count--;
    return item;
}

size_t
table_count (const table_t *self)
{
    return self->count;
}

void *
table_next (const table_t *self, size_t *place)
{
    while (*place < self->capacity) {
        const cell_t *cell = &self->cells [(*place)++];
        if (cell->name)
            return cell->item;
    }
    return NULL;
}
