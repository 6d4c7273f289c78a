//  A struct as msgpack, fields in the order of the table: the decoder of the other side finds each where it looks
//  first. The value is our own, so breaking a rule is a defect of the caller; but the rules are the same ones that
//  hold for what comes from outside, so what was encoded can always be decoded and shown.
#include "any.h"
#include "cursor.h"
#include "pack.h"
#include "fields.h"
#include "rules.h"

#include <errno.h>

//  `depth`: containers that may still be opened. False: the value breaks its record.
static bool
    s_encode_record (findings_t *findings, const zooid_record_t *record, const char *value, size_t depth,
                     zooid_buffer_t *out);
static bool
    s_encode_value (findings_t *findings, const zooid_field_t *field, const void *member, size_t depth,
                    zooid_buffer_t *out);

static bool
s_encode_text (findings_t *findings, const zooid_field_t *field, const char *text, zooid_buffer_t *out)
{
    if (!text)
        return false;
    size_t size = strlen (text);
    if (!rules_text (findings, NULL, field, text, size))
        return false;
    pack_string (out, text, size);
    return true;
}

static bool
s_encode_name (const zooid_field_t *field, int32_t index, zooid_buffer_t *out)
{
    if (index < 0 || (size_t) index >= rules_name_count (field))
        return false;
    pack_string (out, field->names [index], strlen (field->names [index]));
    return true;
}

static bool
s_encode_bytes (findings_t *findings, const zooid_field_t *field, const zooid_bytes_t *bytes, zooid_buffer_t *out)
{
    if ((bytes->size && !bytes->data) || !rules_length (findings, NULL, field, bytes->size))
        return false;
    pack_bytes (out, bytes->data, bytes->size);
    return true;
}

static bool
s_encode_list (findings_t *findings, const zooid_field_t *field, const zooid_list_t *list, size_t depth,
               zooid_buffer_t *out)
{
    if ((list->count && !list->items) || !rules_length (findings, NULL, field, list->count))
        return false;
    pack_array (out, list->count);
    const char *item = list->items;
    for (size_t i = 0; i < list->count; i++, item += field->of->size)
        if (!s_encode_value (findings, field->of, item, depth, out))
            return false;
    return true;
}

static bool
s_encode_map (findings_t *findings, const zooid_field_t *field, const zooid_map_t *map, size_t depth,
              zooid_buffer_t *out)
{
    if ((map->count && (!map->keys || !map->values)) || !rules_length (findings, NULL, field, map->count))
        return false;
    ZOOID_CLEANUP (keys_fini) keys_t keys = { .many = NULL };
    if (keys_init (&keys, map->count)) {
        out->failed = true;
        return true;
    }
    pack_map (out, map->count);
    const char *item = map->values;
    for (size_t i = 0; i < map->count; i++, item += field->of->size) {
        const char *key = map->keys [i];
        size_t size = key ? strlen (key) : 0;
        if (!key || !rules_key (findings, NULL, key, size))
            return false;
        keys_add (&keys, (zooid_bytes_t) { (const uint8_t *) key, size });
        pack_string (out, key, size);
        if (!s_encode_value (findings, field->of, item, depth, out))
            return false;
    }
    return keys_are_unique (&keys);
}

static bool
s_encode_any (findings_t *findings, const zooid_any_t *any, size_t depth, zooid_buffer_t *out)
{
    if (!any->msgpack.size) {
        pack_nil (out);
        return true;
    }
    zooid_cursor_t cursor = { any->msgpack };
    if (!any->msgpack.data || any_check (findings, NULL, &cursor, depth) || findings->count || cursor.rest.size)
        return false;
    zooid_buffer_append (out, any->msgpack.data, any->msgpack.size);
    return true;
}

static bool
s_encode_value (findings_t *findings, const zooid_field_t *field, const void *member, size_t depth, zooid_buffer_t *out)
{
    bool container = field->type == ZOOID_TYPE_RECORD || field->type == ZOOID_TYPE_LIST
        || field->type == ZOOID_TYPE_MAP;
    if (container && !depth)
        return false;
    switch (field->type) {
    case ZOOID_TYPE_BOOLEAN:
        pack_boolean (out, *(const bool *) member);
        return true;
    case ZOOID_TYPE_INTEGER:
    case ZOOID_TYPE_TIMESTAMP:
    case ZOOID_TYPE_DURATION:
        if (!rules_integer (findings, NULL, field, *(const int64_t *) member))
            return false;
        pack_integer (out, *(const int64_t *) member);
        return true;
    case ZOOID_TYPE_REAL:
        if (!rules_real (findings, NULL, field, *(const double *) member))
            return false;
        pack_real (out, *(const double *) member);
        return true;
    case ZOOID_TYPE_STRING:
    case ZOOID_TYPE_ID:          return s_encode_text (findings, field, *(const char *const *) member, out);
    case ZOOID_TYPE_ENUMERATION: return s_encode_name (field, *(const int32_t *) member, out);
    case ZOOID_TYPE_BYTES:       return s_encode_bytes (findings, field, member, out);
    case ZOOID_TYPE_RECORD:      return s_encode_record (findings, field->record, member, depth, out);
    case ZOOID_TYPE_LIST:        return s_encode_list (findings, field, member, depth - 1, out);
    case ZOOID_TYPE_MAP:         return s_encode_map (findings, field, member, depth - 1, out);
    case ZOOID_TYPE_ANY:         return s_encode_any (findings, member, depth, out);
    }
    return false;
}

static size_t
s_field_count (const zooid_record_t *record, const zooid_presence_t *presence)
{
    if (!presence)
        return record->field_count;
    size_t count = 0;
    for (size_t i = 0; i < record->field_count; i++)
        count += presence_has (&record->fields [i], presence, i);
    return count;
}

static bool
s_encode_record (findings_t *findings, const zooid_record_t *record, const char *value, size_t depth,
                 zooid_buffer_t *out)
{
    const zooid_presence_t *presence = presence_of (record, value);
    pack_map (out, s_field_count (record, presence));
    for (size_t i = 0; i < record->field_count; i++) {
        const zooid_field_t *field = &record->fields [i];
        if (!presence_has (field, presence, i))
            continue;
        pack_string (out, field->name, strlen (field->name));
        if (presence_is_null (field, presence, i))
            pack_nil (out);
        else if (!s_encode_value (findings, field, value + field->offset, depth - 1, out))
            return false;
    }
    return true;
}

int
zooid_record_encode (const zooid_record_t *record, const void *value, zooid_buffer_t *out)
{
    findings_t findings = { 0 };
    size_t before = out->size;
    bool sound = s_encode_record (&findings, record, value, ZOOID_DEPTH_MAX, out);
    if (sound && !out->failed)
        return 0;
    out->size = before;
    return zooid_fault (sound ? -ENOMEM : -EINVAL);
}
