//  json_read.h - JSON text to the msgpack of one field
#ifndef JSON_READ_H
#define JSON_READ_H

#include "findings.h"

//  Append the msgpack of the one value that `text` is. What is wrong goes to the findings, and then what was appended
//  is of no use. field NULL: any value.
void
    json_read (findings_t *findings, const zooid_field_t *field, const char *text, size_t size, zooid_unknown_t unknown,
               zooid_buffer_t *out);

#endif
