//  Presence bits by the offset of a member: what the ZOOID_HAS and ZOOID_SET macros call. An offset that no field has
//  is a slip in the code that names it, not something from outside.
#include "fields.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

static size_t
s_index (const zooid_record_t *record, size_t offset)
{
    size_t index = 0;
    while (index < record->field_count && record->fields [index].offset != offset)
        index++;
    assert (index < record->field_count);
    return index;
}

bool
zooid_record_has (const zooid_record_t *record, const void *value, size_t offset)
{
    size_t index = s_index (record, offset);
    const zooid_field_t *field = &record->fields [index];
    const zooid_presence_t *presence = presence_of (record, value);
    return presence_has (field, presence, index) && !presence_is_null (field, presence, index);
}

bool
zooid_record_is_null (const zooid_record_t *record, const void *value, size_t offset)
{
    size_t index = s_index (record, offset);
    const zooid_field_t *field = &record->fields [index];
    const zooid_presence_t *presence = presence_of (record, value);
    return presence_has (field, presence, index) && presence_is_null (field, presence, index);
}

void
zooid_record_set (const zooid_record_t *record, void *value, size_t offset)
{
    uint64_t bit = presence_bit (s_index (record, offset));
    zooid_presence_t *presence = presence_in (record, value);
    if (presence) {
        presence->present |= bit;
        presence->null &= ~bit;
    }
}

void
zooid_record_set_null (const zooid_record_t *record, void *value, size_t offset)
{
    size_t index = s_index (record, offset);
    zooid_presence_t *presence = presence_in (record, value);
    assert (presence && record->fields [index].nullable);
    presence->present |= presence_bit (index);
    presence->null |= presence_bit (index);
}

const char *
zooid_record_title (const zooid_record_t *record, zooid_arena_t *arena)
{
    char *title = zooid_arena_copy (arena, record->name, strlen (record->name));
    if (!title)
        return NULL;
    bool capital = true;
    char *out = title;
    for (const char *next = record->name; *next; next++) {
        if (*next != '_')
            *out++ = capital ? (char) toupper ((unsigned char) *next) : *next;
        capital = *next == '_';
    }
    *out = 0;
    return title;
}
