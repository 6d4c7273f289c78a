//  journal.h - what happened in a test, in order, from whatever thread; and to wait for it
#ifndef JOURNAL_H
#define JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <zooid/result.h>

typedef struct journal journal_t;

void
    journal_new (journal_t **self_p);
void
    journal_destroy (journal_t **self_p);
void
    journal_note (journal_t *self, const char *format, ...) ZOOID_PRINTF (2, 3);
//  Wait until `line` was noted `times` times. false: not within 20 s; the journal is printed then.
bool
    journal_wait (journal_t *self, const char *line, size_t times);
//  How many times a line was noted.
size_t
    journal_count (journal_t *self, const char *line);
//  The position of its first note; SIZE_MAX: none.
size_t
    journal_place (journal_t *self, const char *line);

#endif
