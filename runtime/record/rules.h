//  rules.h - what a field's value must keep to: the same whether it comes as a struct, as msgpack or as JSON
#ifndef RULES_H
#define RULES_H

#include "findings.h"

#include <zooid/msgpack.h>

//  RFC 3339 has years of four digits.
#define RULES_TIMESTAMP_MIN INT64_C (-62167219200000)
#define RULES_TIMESTAMP_MAX INT64_C (253402300799999)

enum { RULES_ID_LENGTH = 36 };

//  Can a msgpack value of that type be a value of the field's?
bool
    rules_fit (zooid_type_t type, zooid_msgpack_type_t token);

//  Each adds what it finds, and says whether it found nothing.

//  Integer, timestamp, duration.
bool
    rules_integer (findings_t *findings, const trail_t *trail, const zooid_field_t *field, int64_t value);
//  A number of those types that no int64_t holds: the bound is added that it is beyond.
void
    rules_beyond (findings_t *findings, const trail_t *trail, const zooid_field_t *field, bool is_negative);
bool
    rules_real (findings_t *findings, const trail_t *trail, const zooid_field_t *field, double value);
//  String, id. The bytes need no NUL behind them.
bool
    rules_text (findings_t *findings, const trail_t *trail, const zooid_field_t *field, const char *text, size_t size);
//  Length of bytes; entries of a list or map.
bool
    rules_length (findings_t *findings, const trail_t *trail, const zooid_field_t *field, size_t length);
//  A key of a map.
bool
    rules_key (findings_t *findings, const trail_t *trail, const char *key, size_t size);
//  Enumeration: the index of the name.
bool
    rules_name (findings_t *findings, const trail_t *trail, const zooid_field_t *field, const char *name, size_t size,
                int32_t *ret_index);

//  A text of any place: UTF-8 without NUL.
bool
    rules_plain (findings_t *findings, const trail_t *trail, const char *text, size_t size);

//  The least and the most that an integer, timestamp or duration may be: by its table, and by what the text of its type
//  can hold.
void
    rules_range (const zooid_field_t *field, int64_t *ret_minimum, int64_t *ret_maximum);
//  Names of an enumeration.
size_t
    rules_name_count (const zooid_field_t *field);
//  The bound in force.
static inline size_t
rules_max_length (const zooid_field_t *field)
{
    return field->max_length ? field->max_length : ZOOID_LENGTH_DEFAULT;
}
//  "an integer": what the field takes, for a sentence.
const char *
    rules_wanted (const zooid_field_t *field);

#endif
