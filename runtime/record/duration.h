//  duration.h - a duration as people write it: an integer and its unit, "7d", "12h", "15m", "30s", "20ms"
#ifndef DURATION_H
#define DURATION_H

#include <zooid/bytes.h>

//  The units, as a pattern of ECMA-262 for a schema.
#define DURATION_PATTERN "^[0-9]{1,16}(ms|s|m|h|d)$"

//  ZOOID_INVALID: not such a text; ZOOID_FULL: beyond the integers that JSON keeps.
int
    duration_read (const char *text, size_t size, int64_t *ret_ms);

enum { DURATION_SIZE = 24 };

//  In the largest unit that leaves no rest: "7d", "90m", "1500ms".
void
    duration_write (int64_t ms, char ret_text [DURATION_SIZE]);

#endif
