//  report.h - everything that is wrong with a configuration, said at once, each thing with its place
#ifndef REPORT_H
#define REPORT_H

#include <stdarg.h>
#include <zooid/bytes.h>

//  Where something stands in a text. Lines and columns count from 1; line 0: nowhere in particular.
typedef struct {
    const char *file;       //  As the user named it; lives as long as the report. NULL: no file
    unsigned line, column;
} place_t;

typedef struct report report_t;

void
    report_new (report_t **self_p);
void
    report_destroy (report_t **self_p);
//  `what is wrong; what would be right`. The text is one line: control characters become spaces. The same sentence at
//  the same place is kept once.
void
    report_add (report_t *self, place_t at, const char *format, ...) ZOOID_PRINTF (3, 4);
size_t
    report_count (const report_t *self);
//  `file:line:column: text`, a line each, in the order of the files and their lines. Borrowed until the next call.
const char *
    report_text (report_t *self);

#endif
