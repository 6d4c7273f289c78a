//  table.h - a hash table from names to things that others own; many may read at once
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>

typedef struct table table_t;
void
    table_new (table_t **self_p);
void
    table_destroy (table_t **self_p);
//  name: borrowed until it is removed. It must not be there yet.
void
    table_insert (table_t *self, const char *name, void *item);
//  NULL: not there.
void *
    table_find (const table_t *self, const char *name);
//  What was there, or NULL.
void *
    table_remove (table_t *self, const char *name);
size_t
    table_count (const table_t *self);
//  Walk: *place begins at 0. NULL: the end.
void *
    table_next (const table_t *self, size_t *place);

#endif
