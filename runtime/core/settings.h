//  settings.h - the values that settings have when nobody says otherwise
#ifndef SETTINGS_H
#define SETTINGS_H

#include <zooid/record.h>

//  Copy a map, with the initial value of every field of the record, and of the records in it, that is absent. What is not
//  sound is copied as it is: the check of the whole says what is wrong. ZOOID_INVALID: an initial value does not parse.
int
    settings_fill (const zooid_record_t *record, zooid_bytes_t msgpack, zooid_arena_t *arena, zooid_buffer_t *out,
                   zooid_violations_t *violations);

#endif
