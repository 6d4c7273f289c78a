//  msgpack to JSON in one pass, spelled as the record says: no tree in between. What is written has been checked by
//  whoever encoded it, so only what would make bad JSON is looked at here: types, texts, presence; not bounds.
//
//  Where no record says how (an `any`), bytes are base64 and an integer that a double cannot hold is a decimal string.
#include "base64.h"
#include "buffer.h"
#include "cursor.h"
#include "json_quote.h"
#include "number.h"
#include "fields.h"
#include "rules.h"
#include "utf8.h"

//  0, ZOOID_INVALID. `depth`: containers that may still be opened.
static int
    s_write_any (zooid_cursor_t *cursor, size_t depth, zooid_buffer_t *out);
static int
    s_write_value (zooid_cursor_t *cursor, const zooid_field_t *field, size_t depth, zooid_buffer_t *out);

static void
s_write_char (zooid_buffer_t *out, char character)
{
    uint8_t *room = buffer_room (out, 1);
    if (room) {
        *room = (uint8_t) character;
        out->size++;
    }
}

static int
s_write_text (zooid_bytes_t text, zooid_buffer_t *out)
{
    if (!utf8_is_valid (text.data, text.size))
        return ZOOID_INVALID;
    json_quote ((const char *) text.data, text.size, out);
    return 0;
}

static void
s_write_integer (int64_t value, bool quoted, zooid_buffer_t *out)
{
    char text [NUMBER_SIZE + 2];
    size_t size = 0;
    if (quoted)
        text [size++] = '"';
    size += number_write_integer (value, text + size);
    if (quoted)
        text [size++] = '"';
    zooid_buffer_append (out, text, size);
}

static int
s_write_real (double value, zooid_buffer_t *out)
{
    if (!__builtin_isfinite (value))
        return ZOOID_INVALID;
    char text [NUMBER_SIZE];
    zooid_buffer_append (out, text, number_write_real (value, text));
    return 0;
}

static void
s_write_base64 (zooid_bytes_t bytes, zooid_buffer_t *out)
{
    s_write_char (out, '"');
    base64_write (bytes.data, bytes.size, out);
    s_write_char (out, '"');
}

static int
s_write_timestamp (int64_t value, zooid_buffer_t *out)
{
    if (value < RULES_TIMESTAMP_MIN || value > RULES_TIMESTAMP_MAX)
        return ZOOID_INVALID;
    char text [ZOOID_TIMESTAMP_SIZE];
    zooid_timestamp_write (value, text);
    s_write_char (out, '"');
    zooid_buffer_append (out, text, ZOOID_TIMESTAMP_SIZE - 1);
    s_write_char (out, '"');
    return 0;
}

//  of NULL: items that no record describes.
static int
s_write_list (zooid_cursor_t *cursor, const zooid_field_t *of, size_t count, size_t depth, zooid_buffer_t *out)
{
    s_write_char (out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i)
            s_write_char (out, ',');
        int rc = of ? s_write_value (cursor, of, depth - 1, out) : s_write_any (cursor, depth - 1, out);
        if (rc)
            return rc;
    }
    s_write_char (out, ']');
    return 0;
}

static int
s_write_map (zooid_cursor_t *cursor, const zooid_field_t *of, size_t count, size_t depth, zooid_buffer_t *out)
{
    s_write_char (out, '{');
    for (size_t i = 0; i < count; i++) {
        zooid_token_t key;
        if (cursor_next (cursor, &key) || key.type != ZOOID_MSGPACK_STRING)
            return ZOOID_INVALID;
        if (i)
            s_write_char (out, ',');
        int rc = s_write_text (key.bytes, out);
        s_write_char (out, ':');
        if (rc == 0)
            rc = of ? s_write_value (cursor, of, depth - 1, out) : s_write_any (cursor, depth - 1, out);
        if (rc)
            return rc;
    }
    s_write_char (out, '}');
    return 0;
}

//  Fields that the record does not have are those of a newer peer: not shown.
static int
s_write_record (zooid_cursor_t *cursor, const zooid_record_t *record, size_t count, size_t depth, zooid_buffer_t *out)
{
    uint64_t seen = 0;
    size_t next = 0;
    for (size_t i = 0; i < count; i++) {
        zooid_token_t key;
        if (cursor_next (cursor, &key) || key.type != ZOOID_MSGPACK_STRING)
            return ZOOID_INVALID;
        size_t index = record_find (record, next, key.bytes);
        if (index == record->field_count) {
            if (cursor_skip (cursor, depth - 1, NULL))
                return ZOOID_INVALID;
            continue;
        }
        if (seen & presence_bit (index))
            return ZOOID_INVALID;
        const zooid_field_t *field = &record->fields [index];
        s_write_char (out, seen ? ',' : '{');
        seen |= presence_bit (index);
        next = index + 1;
        s_write_char (out, '"');
        zooid_buffer_text (out, field->name);
        zooid_buffer_append (out, "\":", 2);
        int rc = s_write_value (cursor, field, depth - 1, out);
        if (rc)
            return rc;
    }
    if (!seen)
        s_write_char (out, '{');
    s_write_char (out, '}');
    for (size_t i = 0; i < record->field_count; i++)
        if (!record->fields [i].optional && !(seen & presence_bit (i)))
            return ZOOID_INVALID;
    return 0;
}

static int
s_write_any_token (zooid_cursor_t *cursor, const zooid_token_t *token, size_t depth, zooid_buffer_t *out)
{
    switch (token->type) {
    case ZOOID_MSGPACK_NIL:
        zooid_buffer_append (out, "null", 4);
        return 0;
    case ZOOID_MSGPACK_BOOLEAN:
        zooid_buffer_text (out, token->boolean ? "true" : "false");
        return 0;
    case ZOOID_MSGPACK_INTEGER:
        s_write_integer (token->integer, token->integer < -NUMBER_SAFE || token->integer > NUMBER_SAFE, out);
        return 0;
    case ZOOID_MSGPACK_UNSIGNED:
        zooid_buffer_format (out, "\"%llu\"", (unsigned long long) token->integer);
        return 0;
    case ZOOID_MSGPACK_REAL:
        return s_write_real (token->real, out);
    case ZOOID_MSGPACK_STRING:
        return s_write_text (token->bytes, out);
    case ZOOID_MSGPACK_BYTES:
        s_write_base64 (token->bytes, out);
        return 0;
    case ZOOID_MSGPACK_ARRAY:
        return depth ? s_write_list (cursor, NULL, token->count, depth, out) : ZOOID_INVALID;
    case ZOOID_MSGPACK_MAP:
        return depth ? s_write_map (cursor, NULL, token->count, depth, out) : ZOOID_INVALID;
    case ZOOID_MSGPACK_END:
        break;
    }
    return ZOOID_INVALID;
}

static int
s_write_any (zooid_cursor_t *cursor, size_t depth, zooid_buffer_t *out)
{
    zooid_token_t token;
    if (cursor_next (cursor, &token))
        return ZOOID_INVALID;
    return s_write_any_token (cursor, &token, depth, out);
}

static int
s_write_number (const zooid_field_t *field, const zooid_token_t *token, zooid_buffer_t *out)
{
    if (field->type == ZOOID_TYPE_REAL) {
        bool beyond = token->type == ZOOID_MSGPACK_UNSIGNED;
        double integer = beyond ? (double) (uint64_t) token->integer : (double) token->integer;
        return s_write_real (token->type == ZOOID_MSGPACK_REAL ? token->real : integer, out);
    }
    if (token->type != ZOOID_MSGPACK_INTEGER)
        return ZOOID_INVALID;
    if (field->type == ZOOID_TYPE_TIMESTAMP)
        return s_write_timestamp (token->integer, out);
    if (!field->decimal && (token->integer < -NUMBER_SAFE || token->integer > NUMBER_SAFE))
        return ZOOID_INVALID;
    s_write_integer (token->integer, field->decimal, out);
    return 0;
}

static int
s_write_string (const zooid_field_t *field, zooid_bytes_t text, zooid_buffer_t *out)
{
    if (field->type == ZOOID_TYPE_ENUMERATION) {
        findings_t findings = { 0 };
        int32_t index;
        if (!rules_name (&findings, NULL, field, (const char *) text.data, text.size, &index))
            return ZOOID_INVALID;
    }
    return s_write_text (text, out);
}

static int
s_write_container (zooid_cursor_t *cursor, const zooid_field_t *field, size_t count, size_t depth, zooid_buffer_t *out)
{
    if (!depth)
        return ZOOID_INVALID;
    if (field->type == ZOOID_TYPE_RECORD)
        return s_write_record (cursor, field->record, count, depth, out);
    if (field->type == ZOOID_TYPE_LIST)
        return s_write_list (cursor, field->of, count, depth, out);
    return s_write_map (cursor, field->of, count, depth, out);
}

static int
s_write_value (zooid_cursor_t *cursor, const zooid_field_t *field, size_t depth, zooid_buffer_t *out)
{
    zooid_token_t token;
    if (cursor_next (cursor, &token))
        return ZOOID_INVALID;
    if (field->type == ZOOID_TYPE_ANY || (token.type == ZOOID_MSGPACK_NIL && field->nullable))
        return s_write_any_token (cursor, &token, depth, out);
    if (!rules_fit (field->type, token.type))
        return ZOOID_INVALID;

    switch (token.type) {
    case ZOOID_MSGPACK_BOOLEAN:
        zooid_buffer_text (out, token.boolean ? "true" : "false");
        return 0;
    case ZOOID_MSGPACK_STRING:
        return s_write_string (field, token.bytes, out);
    case ZOOID_MSGPACK_BYTES:
        s_write_base64 (token.bytes, out);
        return 0;
    case ZOOID_MSGPACK_ARRAY:
    case ZOOID_MSGPACK_MAP:
        return s_write_container (cursor, field, token.count, depth, out);
    default:
        return s_write_number (field, &token, out);
    }
}

int
zooid_json_write (const zooid_record_t *record, zooid_bytes_t msgpack, zooid_buffer_t *out)
{
    size_t before = out->size;
    zooid_cursor_t cursor = { msgpack };
    const zooid_field_t whole = { .type = record ? ZOOID_TYPE_RECORD : ZOOID_TYPE_ANY, .record = record };
    int rc = s_write_value (&cursor, &whole, ZOOID_DEPTH_MAX, out);
    if (rc == 0 && cursor.rest.size)
        rc = ZOOID_INVALID;
    if (rc)
        out->size = before;
    return rc;
}
