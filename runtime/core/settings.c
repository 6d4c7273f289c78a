//  A map is written again: what it has as it stands, embedded records and the records in maps and lists filled in their
//  turn, then what it lacks and has an initial value for.
#include "settings.h"

#include <string.h>
#include <zooid/msgpack.h>

static int
s_fill_record (const zooid_record_t *record, zooid_bytes_t msgpack, zooid_arena_t *arena, zooid_buffer_t *out,
               zooid_violations_t *violations);

static const zooid_field_t *
s_field (const zooid_record_t *record, zooid_bytes_t name)
{
    for (size_t i = 0; i < record->field_count; i++)
        if (strlen (record->fields [i].name) == name.size && memcmp (record->fields [i].name, name.data, name.size) == 0)
            return &record->fields [i];
    return NULL;
}

static int
s_copy (zooid_cursor_t *cursor, zooid_buffer_t *out)
{
    zooid_bytes_t value;
    int rc = zooid_cursor_skip (cursor, &value);
    if (!rc)
        zooid_buffer_append (out, value.data, value.size);
    return rc;
}

//  The items of a list or map of records.
static int
s_fill_items (const zooid_field_t *field, zooid_bytes_t value, zooid_arena_t *arena, zooid_buffer_t *out,
              zooid_violations_t *violations)
{
    zooid_cursor_t cursor = { value };
    zooid_token_t token;
    bool is_map = field->type == ZOOID_TYPE_MAP;
    int rc = zooid_cursor_next (&cursor, &token);
    if (rc || token.type != (is_map ? ZOOID_MSGPACK_MAP : ZOOID_MSGPACK_ARRAY)) {
        zooid_buffer_append (out, value.data, value.size);
        return 0;
    }
    if (is_map)
        zooid_pack_map (out, token.count);
    else
        zooid_pack_array (out, token.count);
    for (size_t i = 0; !rc && i < token.count; i++) {
        zooid_bytes_t item;
        if (is_map)
            rc = s_copy (&cursor, out);
        if (!rc)
            rc = zooid_cursor_skip (&cursor, &item);
        if (!rc)
            rc = s_fill_record (field->of->record, item, arena, out, violations);
    }
    return rc;
}

static int
s_fill_value (const zooid_field_t *field, zooid_bytes_t value, zooid_arena_t *arena, zooid_buffer_t *out,
              zooid_violations_t *violations)
{
    if (field && field->type == ZOOID_TYPE_RECORD)
        return s_fill_record (field->record, value, arena, out, violations);
    bool holds_records = field && (field->type == ZOOID_TYPE_LIST || field->type == ZOOID_TYPE_MAP)
                         && field->of->type == ZOOID_TYPE_RECORD;
    if (holds_records)
        return s_fill_items (field, value, arena, out, violations);
    zooid_buffer_append (out, value.data, value.size);
    return 0;
}

//  A record that is absent is there when one of its fields has an initial value.
static bool
s_has_initial (const zooid_field_t *field)
{
    if (field->initial)
        return true;
    if (field->type != ZOOID_TYPE_RECORD || field->optional)
        return false;
    for (size_t i = 0; i < field->record->field_count; i++)
        if (s_has_initial (&field->record->fields [i]))
            return true;
    return false;
}

static int
s_fill_absent (const zooid_field_t *field, zooid_arena_t *arena, zooid_buffer_t *out, zooid_violations_t *violations)
{
    zooid_pack_text (out, field->name);
    if (!field->initial) {
        static const uint8_t empty_map = 0x80;
        return s_fill_record (field->record, (zooid_bytes_t) { &empty_map, 1 }, arena, out, violations);
    }
    const char *pointer = zooid_arena_format (arena, "/%s", field->name);
    return zooid_field_parse (field, field->initial, pointer, arena, out, violations);
}

static int
s_fill_record (const zooid_record_t *record, zooid_bytes_t msgpack, zooid_arena_t *arena, zooid_buffer_t *out,
               zooid_violations_t *violations)
{
    zooid_cursor_t cursor = { msgpack };
    zooid_token_t token, name;
    if (zooid_cursor_next (&cursor, &token) || token.type != ZOOID_MSGPACK_MAP) {
        zooid_buffer_append (out, msgpack.data, msgpack.size);
        return 0;
    }
    size_t missing = 0;
    bool is_there [ZOOID_FIELDS_MAX] = { false };
    zooid_cursor_t look = cursor;
    for (size_t i = 0; i < token.count; i++) {
        if (zooid_cursor_next (&look, &name) || name.type != ZOOID_MSGPACK_STRING || zooid_cursor_skip (&look, NULL))
            return ZOOID_INVALID;
        const zooid_field_t *field = s_field (record, name.bytes);
        if (field)
            is_there [field - record->fields] = true;
    }
    for (size_t i = 0; i < record->field_count; i++)
        missing += !is_there [i] && s_has_initial (&record->fields [i]);
    zooid_pack_map (out, token.count + missing);
    for (size_t i = 0; i < token.count; i++) {
        zooid_bytes_t value;
        zooid_cursor_next (&cursor, &name);
        zooid_cursor_skip (&cursor, &value);
        zooid_pack_string (out, (const char *) name.bytes.data, name.bytes.size);
        int rc = s_fill_value (s_field (record, name.bytes), value, arena, out, violations);
        if (rc)
            return rc;
    }
    for (size_t i = 0; i < record->field_count; i++)
        if (!is_there [i] && s_has_initial (&record->fields [i])) {
            int rc = s_fill_absent (&record->fields [i], arena, out, violations);
            if (rc)
                return rc;
        }
    return 0;
}

int
settings_fill (const zooid_record_t *record, zooid_bytes_t msgpack, zooid_arena_t *arena, zooid_buffer_t *out,
               zooid_violations_t *violations)
{
    int rc = s_fill_record (record, msgpack, arena, out, violations);
    return rc ? rc : out->failed ? ZOOID_INVALID : 0;
}
