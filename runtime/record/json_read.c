//  jansson parses the text into a tree; the tree is written as msgpack by the record, each rule checked on the way,
//  fields in the order of the table. jansson refuses what JSON forbids: bad UTF-8, control characters, duplicate
//  names, NUL, bytes behind the end. Depth and numbers are held to our own bounds here. Nothing is fatal but a bad
//  syntax, so that all violations are told at once.
#include "json_read.h"
#include "fields.h"
#include "number.h"
#include "pack.h"
#include "rules.h"
#include "text.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

typedef struct {
    findings_t *findings;
    zooid_buffer_t *out;
    zooid_unknown_t unknown;
} reader_t;

static void
    s_read_any (reader_t *self, const trail_t *trail, json_t *value, size_t depth);
static void
    s_read_value (reader_t *self, const trail_t *trail, const zooid_field_t *field, json_t *value, size_t depth);

static void
s_release_json (json_t **value_p)
{
    json_decref (*value_p);
    *value_p = NULL;
}

static bool
s_is_too_deep (reader_t *self, const trail_t *trail, size_t depth)
{
    if (!depth)
        findings_add (self->findings, trail, "depth", "is nested deeper than %d", ZOOID_DEPTH_MAX);
    return !depth;
}

static void
s_read_list (reader_t *self, const trail_t *trail, const zooid_field_t *of, json_t *list, size_t depth)
{
    size_t count = json_array_size (list);
    pack_array (self->out, count);
    for (size_t i = 0; i < count; i++) {
        trail_t here = trail_index (trail, i);
        if (of)
            s_read_value (self, &here, of, json_array_get (list, i), depth - 1);
        else
            s_read_any (self, &here, json_array_get (list, i), depth - 1);
    }
}

static void
s_read_map (reader_t *self, const trail_t *trail, const zooid_field_t *of, json_t *map, size_t depth)
{
    pack_map (self->out, json_object_size (map));
    const char *key;
    json_t *value;
    json_object_foreach (map, key, value) {
        size_t size = strlen (key);
        trail_t here = trail_name (trail, key, size);
        if (!rules_key (self->findings, &here, key, size))
            continue;
        pack_string (self->out, key, size);
        if (of)
            s_read_value (self, &here, of, value, depth - 1);
        else
            s_read_any (self, &here, value, depth - 1);
    }
}

static void
s_refuse_unknown (reader_t *self, const trail_t *trail, const zooid_record_t *record, json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach (object, key, value) {
        size_t size = strlen (key);
        zooid_bytes_t name = { (const uint8_t *) key, size };
        trail_t here = trail_name (trail, key, size);
        if (record_find (record, 0, name) == record->field_count)
            findings_add (self->findings, &here, "unknown", "is no field of this record");
    }
}

static void
s_read_record (reader_t *self, const trail_t *trail, const zooid_record_t *record, json_t *object, size_t depth)
{
    json_t *values [ZOOID_FIELDS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < record->field_count; i++) {
        values [i] = json_object_get (object, record->fields [i].name);
        count += values [i] != NULL;
    }
    if (self->unknown == ZOOID_UNKNOWN_REFUSED && count < json_object_size (object))
        s_refuse_unknown (self, trail, record, object);

    pack_map (self->out, count);
    for (size_t i = 0; i < record->field_count; i++) {
        const zooid_field_t *field = &record->fields [i];
        size_t size = strlen (field->name);
        trail_t here = trail_name (trail, field->name, size);
        if (values [i]) {
            pack_string (self->out, field->name, size);
            s_read_value (self, &here, field, values [i], depth - 1);
        }
        else if (!field->optional)
            findings_add (self->findings, &here, "required", "is missing; %s is needed", rules_wanted (field));
    }
}

static void
s_read_any (reader_t *self, const trail_t *trail, json_t *value, size_t depth)
{
    switch (json_typeof (value)) {
    case JSON_NULL:  pack_nil (self->out); break;
    case JSON_TRUE:  pack_boolean (self->out, true); break;
    case JSON_FALSE: pack_boolean (self->out, false); break;
    case JSON_REAL:  pack_real (self->out, json_real_value (value)); break;
    case JSON_STRING:
        pack_string (self->out, json_string_value (value), json_string_length (value));
        break;
    case JSON_INTEGER: {
        const zooid_field_t integer = { .type = ZOOID_TYPE_INTEGER };
        if (rules_integer (self->findings, trail, &integer, json_integer_value (value)))
            pack_integer (self->out, json_integer_value (value));
        break;
    }
    case JSON_ARRAY:
        if (!s_is_too_deep (self, trail, depth))
            s_read_list (self, trail, NULL, value, depth);
        break;
    case JSON_OBJECT:
        if (!s_is_too_deep (self, trail, depth))
            s_read_map (self, trail, NULL, value, depth);
        break;
    }
}

//  JSON knows one kind of number: 3.0 and 3e0 are integers too (as JSON Schema has it).
static void
s_read_number (reader_t *self, const trail_t *trail, const zooid_field_t *field, json_t *value)
{
    double real = json_number_value (value);
    if (field->type == ZOOID_TYPE_REAL) {
        if (rules_real (self->findings, trail, field, real))
            pack_real (self->out, real);
        return;
    }
    int64_t integer = json_integer_value (value);
    if (json_is_real (value)) {
        if (real != trunc (real)) {
            findings_add (self->findings, trail, "type", "is no whole number; %s is needed", rules_wanted (field));
            return;
        }
        //  Beyond the bound either way, so that it is told as such
        integer = fabs (real) <= (double) NUMBER_SAFE ? (int64_t) real : real < 0 ? INT64_MIN : INT64_MAX;
    }
    if (rules_integer (self->findings, trail, field, integer))
        pack_integer (self->out, integer);
}

static bool
s_fits (const zooid_field_t *field, json_type type)
{
    switch (type) {
    case JSON_TRUE:
    case JSON_FALSE:   return field->type == ZOOID_TYPE_BOOLEAN;
    case JSON_INTEGER:
    case JSON_REAL:    return (field->type == ZOOID_TYPE_INTEGER && !field->decimal) || field->type == ZOOID_TYPE_REAL
                           || field->type == ZOOID_TYPE_DURATION;
    case JSON_STRING:  return text_is_spelling_of (field);
    case JSON_ARRAY:   return field->type == ZOOID_TYPE_LIST;
    case JSON_OBJECT:  return field->type == ZOOID_TYPE_RECORD || field->type == ZOOID_TYPE_MAP;
    case JSON_NULL:    return false;
    }
    return false;
}

static void
s_read_container (reader_t *self, const trail_t *trail, const zooid_field_t *field, json_t *value, size_t depth)
{
    if (s_is_too_deep (self, trail, depth))
        return;
    if (field->type == ZOOID_TYPE_RECORD) {
        s_read_record (self, trail, field->record, value, depth);
        return;
    }
    bool list = field->type == ZOOID_TYPE_LIST;
    size_t count = list ? json_array_size (value) : json_object_size (value);
    //  What is too long is not looked at further: its length is the caller's choice
    if (!rules_length (self->findings, trail, field, count) && count > rules_max_length (field))
        return;
    if (list)
        s_read_list (self, trail, field->of, value, depth);
    else
        s_read_map (self, trail, field->of, value, depth);
}

static void
s_read_value (reader_t *self, const trail_t *trail, const zooid_field_t *field, json_t *value, size_t depth)
{
    json_type type = json_typeof (value);
    if (field->type == ZOOID_TYPE_ANY) {
        s_read_any (self, trail, value, depth);
        return;
    }
    if (type == JSON_NULL && field->nullable) {
        pack_nil (self->out);
        return;
    }
    if (!s_fits (field, type)) {
        findings_add (self->findings, trail, "type", "%s; %s is needed",
                      type == JSON_NULL ? "is null" : "is of another type", rules_wanted (field));
        return;
    }
    switch (type) {
    case JSON_TRUE:
    case JSON_FALSE:
        pack_boolean (self->out, type == JSON_TRUE);
        break;
    case JSON_STRING:
        text_read (self->findings, trail, field, json_string_value (value), json_string_length (value), self->out);
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        s_read_container (self, trail, field, value, depth);
        break;
    default:
        s_read_number (self, trail, field, value);
    }
}

void
json_read (findings_t *findings, const zooid_field_t *field, const char *text, size_t size, zooid_unknown_t unknown,
           zooid_buffer_t *out)
{
    trail_t root = { 0 };
    json_error_t error;
    ZOOID_CLEANUP (s_release_json)
    json_t *value = json_loadb (text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!value) {
        //  A number that is sound JSON but beyond what 64 bits or a double hold. Alone it needs no place.
        bool overflow = json_error_code (&error) == json_error_numeric_overflow;
        if (overflow && field && !memchr (text, '{', size) && !memchr (text, '[', size))
            findings_add (findings, &root, "maximum", "is a larger number than can be held; a smaller one is needed");
        else
            findings_add (findings, &root, overflow ? "maximum" : "syntax", "line %d, column %d: %s", error.line,
                          error.column, error.text);
        return;
    }
    reader_t self = { .findings = findings, .out = out, .unknown = unknown };
    if (field)
        s_read_value (&self, &root, field, value, ZOOID_DEPTH_MAX);
    else
        s_read_any (&self, &root, value, ZOOID_DEPTH_MAX);
}

//  What was appended counts only when nothing was found.
static int
s_settle (const findings_t *findings, zooid_buffer_t *out, size_t before)
{
    if (!findings->count && !out->failed)
        return 0;
    out->size = before;
    return findings->count ? ZOOID_INVALID : zooid_fault (-ENOMEM);
}

int
zooid_json_read (const zooid_record_t *record, const char *text, size_t size, zooid_unknown_t unknown,
                 zooid_arena_t *arena, zooid_buffer_t *out, zooid_violations_t *violations)
{
    const zooid_field_t whole = { .type = ZOOID_TYPE_RECORD, .record = record };
    findings_t findings = { .arena = arena, .violations = violations };
    size_t before = out->size;
    json_read (&findings, &whole, text, size, unknown, out);
    return s_settle (&findings, out, before);
}

int
zooid_json_parse (const char *text, size_t size, zooid_arena_t *arena, zooid_buffer_t *out, const char **ret_why)
{
    zooid_violations_t violations = { .count = 0 };
    findings_t findings = { .arena = arena, .violations = &violations };
    size_t before = out->size;
    json_read (&findings, NULL, text, size, ZOOID_UNKNOWN_REFUSED, out);
    int rc = s_settle (&findings, out, before);
    if (rc == ZOOID_INVALID && ret_why) {
        const zooid_violation_t *first = &violations.items [0];
        const char *why = zooid_arena_format (arena, "%s%s%s", first->pointer, *first->pointer ? " " : "",
                                              first->detail);
        *ret_why = why ? why : "";
    }
    return rc;
}

//  A text has no type of its own: the field says how it is read. What is no scalar is JSON.
int
zooid_field_parse (const zooid_field_t *field, const char *text, const char *pointer, zooid_arena_t *arena,
                   zooid_buffer_t *out, zooid_violations_t *violations)
{
    findings_t findings = { .arena = arena, .violations = violations, .base = pointer };
    size_t before = out->size;
    size_t size = strlen (text);
    int64_t number;
    trail_t root = { 0 };
    bool plain_duration = field->type == ZOOID_TYPE_DURATION && number_read_integer (text, size, &number) == 0;
    if (text_is_spelling_of (field) && !plain_duration)
        text_read (&findings, &root, field, text, size, out);
    else
        json_read (&findings, field, text, size, ZOOID_UNKNOWN_REFUSED, out);
    return s_settle (&findings, out, before);
}
