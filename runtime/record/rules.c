#include "rules.h"
#include "duration.h"
#include "number.h"
#include "utf8.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool
rules_fit (zooid_type_t type, zooid_msgpack_type_t token)
{
    bool integer = token == ZOOID_MSGPACK_INTEGER || token == ZOOID_MSGPACK_UNSIGNED;
    switch (type) {
    case ZOOID_TYPE_BOOLEAN:     return token == ZOOID_MSGPACK_BOOLEAN;
    case ZOOID_TYPE_INTEGER:
    case ZOOID_TYPE_TIMESTAMP:
    case ZOOID_TYPE_DURATION:    return integer;
    case ZOOID_TYPE_REAL:        return integer || token == ZOOID_MSGPACK_REAL;
    case ZOOID_TYPE_STRING:
    case ZOOID_TYPE_ID:
    case ZOOID_TYPE_ENUMERATION: return token == ZOOID_MSGPACK_STRING;
    case ZOOID_TYPE_BYTES:       return token == ZOOID_MSGPACK_BYTES;
    case ZOOID_TYPE_LIST:        return token == ZOOID_MSGPACK_ARRAY;
    case ZOOID_TYPE_RECORD:
    case ZOOID_TYPE_MAP:         return token == ZOOID_MSGPACK_MAP;
    case ZOOID_TYPE_ANY:         return true;
    }
    return false;
}

void
rules_range (const zooid_field_t *field, int64_t *ret_minimum, int64_t *ret_maximum)
{
    *ret_minimum = INT64_MIN;
    *ret_maximum = INT64_MAX;
    if (field->type == ZOOID_TYPE_TIMESTAMP) {
        *ret_minimum = RULES_TIMESTAMP_MIN;
        *ret_maximum = RULES_TIMESTAMP_MAX;
    }
    else if (!field->decimal) {
        *ret_minimum = -NUMBER_SAFE;
        *ret_maximum = NUMBER_SAFE;
    }
    if (field->integers.bounded) {
        if (*ret_minimum < field->integers.minimum)
            *ret_minimum = field->integers.minimum;
        if (*ret_maximum > field->integers.maximum)
            *ret_maximum = field->integers.maximum;
    }
}

//  "least" and "later", or "most" and "earlier"; where only one value is right, that one.
static void
s_add_bound (findings_t *findings, const trail_t *trail, const zooid_field_t *field, bool is_minimum, int64_t bound)
{
    const char *code = is_minimum ? "minimum" : "maximum", *unit = field->unit ? field->unit : "";
    char text [ZOOID_TIMESTAMP_SIZE];
    static_assert ((int) ZOOID_TIMESTAMP_SIZE >= (int) DURATION_SIZE, "one room for either");
    if (field->type == ZOOID_TYPE_TIMESTAMP) {
        zooid_timestamp_write (bound, text);
        findings_add (findings, trail, code, "must be %s or %s", text, is_minimum ? "later" : "earlier");
        return;
    }
    if (field->type == ZOOID_TYPE_DURATION) {
        duration_write (bound, text);
        unit = "";
    }
    else
        snprintf (text, sizeof text, "%" PRId64, bound);
    bool is_only = field->integers.bounded && field->integers.minimum == field->integers.maximum;
    findings_add (findings, trail, code, "must be %s%s%s%s", is_only ? "" : is_minimum ? "at least " : "at most ", text,
                  *unit ? " " : "", unit);
}

void
rules_beyond (findings_t *findings, const trail_t *trail, const zooid_field_t *field, bool is_negative)
{
    int64_t minimum, maximum;
    rules_range (field, &minimum, &maximum);
    s_add_bound (findings, trail, field, is_negative, is_negative ? minimum : maximum);
}

bool
rules_integer (findings_t *findings, const trail_t *trail, const zooid_field_t *field, int64_t value)
{
    int64_t minimum, maximum;
    rules_range (field, &minimum, &maximum);
    if (value >= minimum && value <= maximum)
        return true;
    rules_beyond (findings, trail, field, value < minimum);
    return false;
}

bool
rules_real (findings_t *findings, const trail_t *trail, const zooid_field_t *field, double value)
{
    if (!__builtin_isfinite (value)) {
        findings_add (findings, trail, "type", "is no finite number; a finite one is needed");
        return false;
    }
    if (!field->reals.bounded || (value >= field->reals.minimum && value <= field->reals.maximum))
        return true;
    if (value < field->reals.minimum)
        findings_add (findings, trail, "minimum", "must be at least %.17g", field->reals.minimum);
    else
        findings_add (findings, trail, "maximum", "must be at most %.17g", field->reals.maximum);
    return false;
}

bool
rules_plain (findings_t *findings, const trail_t *trail, const char *text, size_t size)
{
    if (!utf8_is_valid (text, size)) {
        findings_add (findings, trail, "utf8", "is not valid UTF-8");
        return false;
    }
    if (size && memchr (text, 0, size)) {
        findings_add (findings, trail, "characters", "has a NUL character, which no text may have");
        return false;
    }
    return true;
}

//  The class is sound: zooid_record_check has seen it.
static bool
s_class_has (const char *characters, char character)
{
    for (const char *next = characters; *next; next++) {
        if (next [1] == '-' && next [2]) {
            if (character >= next [0] && character <= next [2])
                return true;
            next += 2;
        }
        else if (*next == character)
            return true;
    }
    return false;
}

static bool
s_characters (findings_t *findings, const trail_t *trail, const zooid_field_t *field, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!s_class_has (field->characters, text [i])) {
            findings_add (findings, trail, "characters", "has a character that is not one of [%s]", field->characters);
            return false;
        }
    return true;
}

//  8-4-4-4-12 hexadecimal digits, lower case: one text for one id, so that ids are compared as they stand.
static bool
s_id (findings_t *findings, const trail_t *trail, const char *text, size_t size)
{
    bool sound = size == RULES_ID_LENGTH;
    for (size_t i = 0; sound && i < size; i++) {
        char byte = text [i];
        if (i == 8 || i == 13 || i == 18 || i == 23)
            sound = byte == '-';
        else
            sound = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
    }
    if (!sound)
        findings_add (findings, trail, size == RULES_ID_LENGTH ? "characters" : "length",
                      "is no id; a UUID in lower case is needed, like 01926b2c-7c3e-7a51-9d2f-3b1c5e8a9f40");
    return sound;
}

bool
rules_length (findings_t *findings, const trail_t *trail, const zooid_field_t *field, size_t length)
{
    size_t maximum = rules_max_length (field);
    if (length >= field->min_length && length <= maximum)
        return true;
    bool entries = field->type == ZOOID_TYPE_LIST || field->type == ZOOID_TYPE_MAP;
    const char *unit = entries ? "entries" : "bytes";
    if (length < field->min_length)
        findings_add (findings, trail, "length", "has %zu %s; at least %zu are needed", length, unit,
                      field->min_length);
    else
        findings_add (findings, trail, "length", "has %zu %s; at most %zu are allowed", length, unit, maximum);
    return false;
}

bool
rules_text (findings_t *findings, const trail_t *trail, const zooid_field_t *field, const char *text, size_t size)
{
    if (field->type == ZOOID_TYPE_ID)
        return s_id (findings, trail, text, size);
    //  A text that is too long is not looked at further: its length is the caller's choice
    if (!rules_length (findings, trail, field, size) || !rules_plain (findings, trail, text, size))
        return false;
    return !field->characters || s_characters (findings, trail, field, text, size);
}

bool
rules_key (findings_t *findings, const trail_t *trail, const char *key, size_t size)
{
    if (size > ZOOID_LENGTH_DEFAULT) {
        findings_add (findings, trail, "length", "has a name of %zu bytes; at most %d are allowed", size,
                      ZOOID_LENGTH_DEFAULT);
        return false;
    }
    return rules_plain (findings, trail, key, size);
}

size_t
rules_name_count (const zooid_field_t *field)
{
    size_t count = 0;
    while (field->names [count])
        count++;
    return count;
}

static void
s_add_choice (findings_t *findings, const trail_t *trail, const zooid_field_t *field)
{
    char list [256];
    size_t used = 0;
    for (size_t i = 0; field->names [i] && used < sizeof list; i++)
        used += (size_t) snprintf (list + used, sizeof list - used, "%s%s", i ? ", " : "", field->names [i]);
    findings_add (findings, trail, "choice", "must be one of: %s", list);
}

bool
rules_name (findings_t *findings, const trail_t *trail, const zooid_field_t *field, const char *name, size_t size,
            int32_t *ret_index)
{
    for (int32_t i = 0; field->names [i]; i++)
        if (strlen (field->names [i]) == size && memcmp (field->names [i], name, size) == 0) {
            *ret_index = i;
            return true;
        }
    s_add_choice (findings, trail, field);
    return false;
}

const char *
rules_wanted (const zooid_field_t *field)
{
    static const char *const wanted [] = {
        [ZOOID_TYPE_BOOLEAN] = "true or false",
        [ZOOID_TYPE_INTEGER] = "an integer",
        [ZOOID_TYPE_REAL] = "a number",
        [ZOOID_TYPE_STRING] = "a string",
        [ZOOID_TYPE_ID] = "an id (a UUID in lower case)",
        [ZOOID_TYPE_ENUMERATION] = "a name (a string)",
        [ZOOID_TYPE_TIMESTAMP] = "a time (RFC 3339, like 2026-11-22T15:03:56.000Z)",
        [ZOOID_TYPE_DURATION] = "a duration (milliseconds, or like 7d, 12h, 15m, 30s, 20ms)",
        [ZOOID_TYPE_BYTES] = "bytes (base64)",
        [ZOOID_TYPE_RECORD] = "an object",
        [ZOOID_TYPE_LIST] = "a list",
        [ZOOID_TYPE_MAP] = "an object",
        [ZOOID_TYPE_ANY] = "a value",
    };
    return field->type == ZOOID_TYPE_INTEGER && field->decimal ? "an integer as a decimal string"
                                                               : wanted [field->type];
}
