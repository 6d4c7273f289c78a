//  reading.c - from bytes that a device chose to a reading that can be trusted
//
//  jansson does the JSON (UTF-8, depth, numbers), told to read every number as a real: an integer of twenty digits is
//  a sound metric. It refuses NaN and Infinity as syntax, which they are; but printf writes them, every device does
//  so one day, and "bad value" is what its owner has to read, so the token at which the parser stopped is looked at.
#include "reading.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <zooid/msgpack.h>
#include <zooid/record.h>

static int
s_refuse (reading_refusal_t *refusal, const char *failure, const char *format, ...) ZOOID_PRINTF (3, 4);

static int
s_refuse (reading_refusal_t *refusal, const char *failure, const char *format, ...)
{
    refusal->failure = failure;
    va_list arguments;
    va_start (arguments, format);
    (void) vsnprintf (refusal->detail, sizeof refusal->detail, format, arguments);
    va_end (arguments);
    //  What a device sent is quoted, and may be cut in the middle of a character.
    for (char *byte = refusal->detail; *byte; byte++)
        if (*byte < ' ' || *byte > '~')
            *byte = '?';
    return ZOOID_REFUSED;
}

static bool
s_is_name_byte (char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_'
        || byte == '-';
}

bool
reading_is_device (const char *name)
{
    size_t length = 0;
    while (length <= READING_NAME_MAX && s_is_name_byte (name [length]))
        length++;
    return length >= 1 && length <= READING_NAME_MAX && !name [length];
}

//  A device's name, and dots.
static bool
s_is_metric (const char *name)
{
    size_t length = 0;
    while (length <= READING_NAME_MAX && (s_is_name_byte (name [length]) || name [length] == '.'))
        length++;
    return length >= 1 && length <= READING_NAME_MAX && !name [length];
}

//  Did the parser stop at NaN or Infinity, in anybody's spelling? `stop` is right behind the token, or behind its
//  minus.
static bool
s_stopped_at_no_number (zooid_bytes_t body, size_t stop)
{
    static const char *const words [] = { "nan", "inf", "infinity" };
    const char *text = (const char *) body.data;
    if (stop > body.size)
        return false;
    size_t first = stop;
    while (first > 0 && s_is_name_byte (text [first - 1]) && text [first - 1] != '-')
        first--;
    while (stop < body.size && s_is_name_byte (text [stop]))
        stop++;
    for (size_t i = 0; i < ZOOID_COUNT (words); i++)
        if (stop - first == strlen (words [i]) && strncasecmp (text + first, words [i], stop - first) == 0)
            return true;
    return false;
}

static int
s_refuse_json (zooid_bytes_t body, const json_error_t *error, reading_refusal_t *refusal)
{
    if (json_error_code (error) == json_error_numeric_overflow
        || (error->position >= 0 && s_stopped_at_no_number (body, (size_t) error->position)))
        return s_refuse (refusal, "bad_value", "line %d, column %d: not a finite number", error->line, error->column);
    return s_refuse (refusal, "bad_json", "line %d, column %d: %.100s", error->line, error->column, error->text);
}

static int
s_read_time (const json_t *value, int64_t now_ms, int64_t *ret_ms, reading_refusal_t *refusal)
{
    static const double exact_max = 9007199254740992.0;     //  2^53
    int64_t at;
    if (json_is_string (value)) {
        if (zooid_timestamp_read (json_string_value (value), &at))
            return s_refuse (refusal, "bad_value", "ts is not a time: milliseconds UTC or RFC 3339 would be");
    }
    else {
        double real = json_real_value (value);
        if (!json_is_real (value) || fabs (real) > exact_max || floor (real) < real)
            return s_refuse (refusal, "bad_value", "ts is not a time: milliseconds UTC or RFC 3339 would be");
        at = (int64_t) real;
    }
    if (at < 0)
        return s_refuse (refusal, "bad_value", "ts is before 1970");
    if (at > now_ms + READING_AHEAD_MAX_MS)
        return s_refuse (refusal, "future_timestamp", "ts is %lld ms ahead of us, more than %d",
                         (long long) (at - now_ms), READING_AHEAD_MAX_MS);
    *ret_ms = at;
    return 0;
}

static int
s_read_id (const json_t *value, zooid_arena_t *arena, const char **ret_id, reading_refusal_t *refusal)
{
    size_t length = json_string_length (value);
    if (length < 1 || length > READING_ID_MAX)
        return s_refuse (refusal, "bad_value", "id is not a text of 1 to %d bytes", READING_ID_MAX);
    *ret_id = zooid_arena_copy (arena, json_string_value (value), length);
    return *ret_id ? 0 : -ENOMEM;
}

static int
s_read_metric (const char *name, const json_t *value, zooid_arena_t *arena, reading_t *reading,
               reading_refusal_t *refusal)
{
    if (!s_is_metric (name))
        return s_refuse (refusal, "bad_metric", "\"%.80s\" is no metric's name: 1 to %d of A-Z a-z 0-9 _ . - would be",
                         name, READING_NAME_MAX);
    if (!json_is_real (value))
        return s_refuse (refusal, "bad_value", "%s is not a number", name);
    if (reading->count == READING_METRICS_MAX)
        return s_refuse (refusal, "bad_metric", "more than %d metrics", READING_METRICS_MAX);
    const char *copy = zooid_arena_copy (arena, name, strlen (name));
    if (!copy)
        return -ENOMEM;
    reading->names [reading->count] = copy;
    reading->values [reading->count++] = json_real_value (value);
    return 0;
}

static int
s_read_object (json_t *object, int64_t now_ms, zooid_arena_t *arena, reading_t *reading, reading_refusal_t *refusal)
{
    const char *key;
    json_t *value;
    json_object_foreach (object, key, value) {
        int rc;
        if (strcmp (key, "id") == 0)
            rc = s_read_id (value, arena, &reading->id, refusal);
        else if (strcmp (key, "ts") == 0)
            rc = s_read_time (value, now_ms, &reading->measured_at, refusal);
        else
            rc = s_read_metric (key, value, arena, reading, refusal);
        if (rc)
            return rc;
    }
    if (reading->count == 0)
        return s_refuse (refusal, "bad_metric", "a reading has at least one metric");
    return 0;
}

int
reading_parse (zooid_bytes_t body, int64_t now_ms, zooid_arena_t *arena, reading_t *ret_reading,
               reading_refusal_t *ret_refusal)
{
    if (body.size > READING_BODY_MAX)
        return s_refuse (ret_refusal, "too_large", "%zu bytes, more than %d", body.size, READING_BODY_MAX);
    json_error_t error;
    const char *text = body.size ? (const char *) body.data : "";
    json_t *root = json_loadb (text, body.size, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);
    if (!root)
        return s_refuse_json (body, &error, ret_refusal);
    reading_t reading = { .measured_at = now_ms };
    int rc = json_is_object (root) ? s_read_object (root, now_ms, arena, &reading, ret_refusal)
                                   : s_refuse (ret_refusal, "bad_json", "not an object");
    json_decref (root);
    if (rc)
        return rc < 0 ? zooid_fault (rc) : rc;
    *ret_reading = reading;
    return 0;
}

void
reading_pack (const reading_t *self, zooid_buffer_t *out)
{
    zooid_pack_map (out, self->count);
    for (size_t i = 0; i < self->count; i++) {
        zooid_pack_text (out, self->names [i]);
        zooid_pack_real (out, self->values [i]);
    }
}

int
reading_unpack (zooid_bytes_t packed, const char *only, zooid_arena_t *arena, reading_t *ret_reading)
{
    zooid_cursor_t cursor = { packed };
    zooid_token_t map, name, value;
    ret_reading->count = 0;
    if (zooid_cursor_next (&cursor, &map) || map.type != ZOOID_MSGPACK_MAP || map.count > READING_METRICS_MAX)
        return ZOOID_INVALID;
    for (size_t i = 0; i < map.count; i++) {
        if (zooid_cursor_next (&cursor, &name) || name.type != ZOOID_MSGPACK_STRING
            || zooid_cursor_next (&cursor, &value) || value.type != ZOOID_MSGPACK_REAL)
            return ZOOID_INVALID;
        if (only && (strlen (only) != name.bytes.size || memcmp (only, name.bytes.data, name.bytes.size) != 0))
            continue;
        const char *copy = zooid_arena_copy (arena, name.bytes.data, name.bytes.size);
        if (!copy)
            return zooid_fault (-ENOMEM);
        ret_reading->names [ret_reading->count] = copy;
        ret_reading->values [ret_reading->count++] = value.real;
    }
    return 0;
}
