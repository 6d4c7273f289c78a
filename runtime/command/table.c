#include "table.h"
#include "plain.h"

#include <assert.h>
#include <string.h>

enum { GAP = 2 };

void
table_init (table_t *self, zooid_arena_t *arena)
{
    *self = (table_t) { .arena = arena };
}

void
table_add_column (table_t *self, const char *title, bool is_text)
{
    assert (self->column_count < TABLE_COLUMNS_MAX && self->cell_count == self->column_count);
    self->is_text [self->column_count++] = is_text;
    table_add (self, title);
}

void
table_add (table_t *self, const char *text)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t plain = { 0 };
    if (self->cell_count == self->cell_capacity) {
        const char **before = self->cells;
        self->cell_capacity = self->cell_capacity ? 2 * self->cell_capacity : 64;
        self->cells = zooid_arena_take (self->arena, self->cell_capacity * sizeof *self->cells);
        if (self->cell_count)
            memcpy (self->cells, before, self->cell_count * sizeof *self->cells);
    }
    plain_append (&plain, text);
    const char *cell = zooid_arena_copy (self->arena, zooid_buffer_string (&plain), plain.size);
    size_t width = plain_width (cell), column = self->cell_count % self->column_count;
    if (width > self->widths [column])
        self->widths [column] = width;
    self->cells [self->cell_count++] = cell;
}

size_t
table_rows (const table_t *self)
{
    return self->column_count ? self->cell_count / self->column_count : 0;
}

void
table_write (const table_t *self, size_t row, size_t columns, zooid_buffer_t *out)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t line = { 0 };
    for (size_t i = 0; i < self->column_count; i++) {
        const char *cell = self->cells [row * self->column_count + i];
        int padding = (int) (self->widths [i] - plain_width (cell));
        bool is_last = i + 1 == self->column_count;
        if (self->is_text [i])
            zooid_buffer_format (&line, "%s%*s", cell, is_last ? 0 : padding, "");
        else
            zooid_buffer_format (&line, "%*s%s", padding, "", cell);
        if (!is_last)
            zooid_buffer_format (&line, "%*s", GAP, "");
    }
    const char *text = zooid_buffer_string (&line);
    zooid_buffer_append (out, text, columns ? plain_cut (text, columns) : line.size);
}
