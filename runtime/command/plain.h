//  plain.h - text that came from somewhere, as a terminal may be given it
#ifndef PLAIN_H
#define PLAIN_H

#include <zooid/bytes.h>

//  Append it: control characters, which a terminal would obey, and what is no UTF-8 become `?`.
void
    plain_append (zooid_buffer_t *out, const char *text);
//  The columns that a terminal needs for a text that was appended so, if each character takes one.
size_t
    plain_width (const char *text);
//  As many bytes of it as fit into `columns`.
size_t
    plain_cut (const char *text, size_t columns);
//  Is it text: UTF-8 without control characters other than line breaks and tabs? A NUL is behind it.
bool
    plain_is_text (const char *text, size_t size);

#endif
