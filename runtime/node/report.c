//  A list that is sorted only when it is read: a topology is looked at by several passes, and the reader wants the
//  order of the file. Files keep the order in which they were first named.
#include "report.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES_MAX = 256 };

typedef struct {
    size_t file;            //  Index in the order of first naming
    size_t sequence;
    place_t at;
    char *text;
} entry_t;

struct report {
    entry_t entries [ENTRIES_MAX];
    size_t count;
    size_t more;            //  Past the maximum
    zooid_buffer_t text;
};

void
report_new (report_t **self_p)
{
    *self_p = zooid_allocate (sizeof **self_p);
}

void
report_destroy (report_t **self_p)
{
    report_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++)
        free (self->entries [i].text);
    zooid_buffer_fini (&self->text);
    free (self);
    *self_p = NULL;
}

static bool
s_same_file (const char *a, const char *b)
{
    return a == b || (a && b && strcmp (a, b) == 0);
}

static size_t
s_file_index (const report_t *self, const char *file)
{
    size_t next = 0;
    for (size_t i = 0; i < self->count; i++) {
        if (s_same_file (self->entries [i].at.file, file))
            return self->entries [i].file;
        if (self->entries [i].file >= next)
            next = self->entries [i].file + 1;
    }
    return next;
}

void
report_add (report_t *self, place_t at, const char *format, ...)
{
    ZOOID_CLEANUP (zooid_release) char *text = NULL;
    va_list arguments;
    va_start (arguments, format);
    int size = vasprintf (&text, format, arguments);
    va_end (arguments);
    if (size < 0) {
        text = NULL;
        return;
    }
    for (char *next = text; *next; next++)
        if (iscntrl ((unsigned char) *next))
            *next = ' ';
    for (size_t i = 0; i < self->count; i++) {
        const entry_t *entry = &self->entries [i];
        if (s_same_file (entry->at.file, at.file) && entry->at.line == at.line && entry->at.column == at.column
            && strcmp (entry->text, text) == 0)
            return;
    }
    if (self->count == ENTRIES_MAX) {
        self->more++;
        return;
    }
    size_t file = s_file_index (self, at.file);
    self->entries [self->count] = (entry_t) { .file = file, .sequence = self->count, .at = at, .text = text };
    self->count++;
    text = NULL;
}

size_t
report_count (const report_t *self)
{
    return self->count + self->more;
}

static int
s_compare (const void *a_, const void *b_)
{
    const entry_t *a = a_, *b = b_;
    if (a->file != b->file)
        return a->file < b->file ? -1 : 1;
    if (a->at.line != b->at.line)
        return a->at.line < b->at.line ? -1 : 1;
    if (a->at.column != b->at.column)
        return a->at.column < b->at.column ? -1 : 1;
    return a->sequence < b->sequence ? -1 : 1;
}

const char *
report_text (report_t *self)
{
    qsort (self->entries, self->count, sizeof self->entries [0], s_compare);
    zooid_buffer_clear (&self->text);
    for (size_t i = 0; i < self->count; i++) {
        const entry_t *entry = &self->entries [i];
        if (entry->at.file && entry->at.line)
            zooid_buffer_format (&self->text, "%s:%u:%u: ", entry->at.file, entry->at.line, entry->at.column);
        else if (entry->at.file)
            zooid_buffer_format (&self->text, "%s: ", entry->at.file);
        zooid_buffer_format (&self->text, "%s\n", entry->text);
    }
    if (self->more)
        zooid_buffer_format (&self->text, "and %zu more; mend these first\n", self->more);
    return zooid_buffer_string (&self->text);
}
