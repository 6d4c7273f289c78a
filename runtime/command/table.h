//  table.h - rows of texts, in columns as wide as they need
#ifndef TABLE_H
#define TABLE_H

#include <zooid/bytes.h>

enum { TABLE_COLUMNS_MAX = 24 };

//  Embedded; everything is in the arena. The last column is not padded.
typedef struct {
    zooid_arena_t *arena;
    size_t column_count;
    size_t widths [TABLE_COLUMNS_MAX];
    bool is_text [TABLE_COLUMNS_MAX];       //  On the left; numbers are on the right
    const char **cells;
    size_t cell_count, cell_capacity;
} table_t;

void
    table_init (table_t *self, zooid_arena_t *arena);
//  Before the first cell. The titles are row 0.
void
    table_add_column (table_t *self, const char *title, bool is_text);
//  The next cell of the row, or the first of the next row. It may come from anywhere.
void
    table_add (table_t *self, const char *text);
size_t
    table_rows (const table_t *self);
//  Append a row, without a line break, cut at `columns`; 0: whole.
void
    table_write (const table_t *self, size_t row, size_t columns, zooid_buffer_t *out);

#endif
