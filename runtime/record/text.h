//  text.h - the values that are spelled as texts: in a JSON string, a query parameter, a header, a setting
#ifndef TEXT_H
#define TEXT_H

#include "findings.h"

//  Append the msgpack of `text`, which has a NUL behind its `size` bytes. What it breaks goes to the findings, and
//  then what was appended is of no use. The type is string, id, enumeration, timestamp, duration, bytes, or a decimal
//  integer.
void
    text_read (findings_t *findings, const trail_t *trail, const zooid_field_t *field, const char *text, size_t size,
               zooid_buffer_t *out);

//  Is a value of that field a string in JSON? A duration is a number or a string.
bool
    text_is_spelling_of (const zooid_field_t *field);

#endif
