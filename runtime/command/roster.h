//  roster.h - the actors of all nodes that run, with their figures, at one time
#ifndef ROSTER_H
#define ROSTER_H

#include "nodes.h"
#include "table.h"

//  More are left out, which is said: no table of so many is read.
enum { ROSTER_MAX = 2000 };

typedef enum { ROSTER_SILENT, ROSTER_DOWN, ROSTER_DEGRADED, ROSTER_HEALTHY } roster_state_t;

typedef struct {
    const char *name, *node, *module, *why;
    roster_state_t state;
    int64_t waiting, bytes, in, handled, asks, restarts, refused, dropped, dead;
    int64_t read_at_ms;
    bool rated;                 //  There was one to compare with:
    double in_rate, handled_rate;       //  a second
    zooid_bytes_t whole;        //  All that the node told of it, as msgpack of the JSON
} roster_row_t;

typedef struct {
    zooid_arena_t *arena;
    roster_row_t *rows;         //  By node and name, until they are sorted
    size_t count;
    bool is_cut;
} roster_t;

//  Ask who is there. 0; -errno: `nodes->why`.
int
    roster_new (roster_t **self_p, nodes_t *nodes);
void
    roster_destroy (roster_t **self_p);
//  Rates since `before`, another reading of the same nodes, sorted or not.
void
    roster_rate (roster_t *self, roster_t *before);

//  ---- columns

typedef struct {
    const char *name;           //  In lower case; its title is in upper case
    char key;                   //  Sorts by it in `zooid top`: a letter of its name
    bool is_text;               //  Sorted from A; numbers from the largest, states from the worst
} roster_column_t;

//  NULL: there is none such.
const roster_column_t *
    roster_find_column (const char *name);
void
    roster_sort (roster_t *self, const roster_column_t *column, bool reversed);
//  A row for each actor, with the columns of these names, up to NULL. The table is empty.
void
    roster_fill (const roster_t *self, const char *const *names, table_t *table);
//  "healthy"
const char *
    roster_state_name (roster_state_t state);
//  A number of bytes, short: "512", "1.5K".
void
    roster_write_size (int64_t bytes, char *text, size_t size);

#endif
