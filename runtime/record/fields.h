//  fields.h - which fields a struct or a map gives: by name, and by the presence bits that the record finds
#ifndef FIELDS_H
#define FIELDS_H

#include <zooid/record.h>

#include <string.h>

//  The field that `key` names: `next` of the table, else by search from there; field_count: none.
static inline size_t
record_find (const zooid_record_t *record, size_t next, zooid_bytes_t key)
{
    for (size_t i = 0; i < record->field_count; i++) {
        size_t index = next + i < record->field_count ? next + i : next + i - record->field_count;
        const char *name = record->fields [index].name;
        if (strlen (name) == key.size && memcmp (name, key.data, key.size) == 0)
            return index;
    }
    return record->field_count;
}

//  NULL: the record has none.
static inline const zooid_presence_t *
presence_of (const zooid_record_t *record, const void *value)
{
    if (!record->presence)
        return NULL;
    return (const void *) ((const char *) value + record->presence - 1);
}

static inline zooid_presence_t *
presence_in (const zooid_record_t *record, void *value)
{
    return record->presence ? (void *) ((char *) value + record->presence - 1) : NULL;
}

static inline uint64_t
presence_bit (size_t index)
{
    return UINT64_C (1) << index;
}

//  A bit for each field of the record.
static inline uint64_t
presence_all (const zooid_record_t *record)
{
    return record->field_count == ZOOID_FIELDS_MAX ? UINT64_MAX : presence_bit (record->field_count) - 1;
}

//  Does the struct give field `index`? A required one always is.
static inline bool
presence_has (const zooid_field_t *field, const zooid_presence_t *presence, size_t index)
{
    return !field->optional || (presence && (presence->present & presence_bit (index)));
}

static inline bool
presence_is_null (const zooid_field_t *field, const zooid_presence_t *presence, size_t index)
{
    return field->nullable && presence && (presence->null & presence_bit (index));
}

#endif
