//  Tables are written by hand, by people outside of this project too: what the compiler cannot see of them is looked at
//  once, when a contract is registered, and all other code here counts on it.
//
//  A record may hold lists of itself (a tree), so the check keeps the records that it is inside of, and ends at one
//  that it meets again. One that embeds itself without a list or map between would have no size.
#include "json_read.h"
#include "name.h"
#include "rules.h"
#include "utf8.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    zooid_arena_t *arena;
    const char *why;                    //  NULL: nothing found
    struct {
        const zooid_record_t *record;
        bool embedded;                  //  In the one before it; else an item of a list or map
    } open [ZOOID_DEPTH_MAX];
    size_t depth;
} checker_t;

static const struct {
    size_t size;                        //  Of the C type; 0: the record's
    bool integers, reals, lengths;      //  Bounds that say something about it
} s_types [] = {
    [ZOOID_TYPE_BOOLEAN] = { .size = sizeof (bool) },
    [ZOOID_TYPE_INTEGER] = { .size = sizeof (int64_t), .integers = true },
    [ZOOID_TYPE_REAL] = { .size = sizeof (double), .reals = true },
    [ZOOID_TYPE_STRING] = { .size = sizeof (const char *), .lengths = true },
    [ZOOID_TYPE_ID] = { .size = sizeof (const char *) },
    [ZOOID_TYPE_ENUMERATION] = { .size = sizeof (int32_t) },
    [ZOOID_TYPE_TIMESTAMP] = { .size = sizeof (int64_t), .integers = true },
    [ZOOID_TYPE_DURATION] = { .size = sizeof (int64_t), .integers = true },
    [ZOOID_TYPE_BYTES] = { .size = sizeof (zooid_bytes_t), .lengths = true },
    [ZOOID_TYPE_RECORD] = { .size = 0 },
    [ZOOID_TYPE_LIST] = { .size = sizeof (zooid_list_t), .lengths = true },
    [ZOOID_TYPE_MAP] = { .size = sizeof (zooid_map_t), .lengths = true },
    [ZOOID_TYPE_ANY] = { .size = sizeof (zooid_any_t) },
};

static bool
    s_check_record (checker_t *self, const zooid_record_t *record, bool embedded);
static bool
    s_check_type (checker_t *self, const zooid_record_t *record, const zooid_field_t *field);

//  Always false: "record.field: what is wrong".
static bool ZOOID_PRINTF (4, 5)
s_wrong (checker_t *self, const zooid_record_t *record, const zooid_field_t *field, const char *format, ...)
{
    char what [256];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (what, sizeof what, format, arguments);
    va_end (arguments);
    const char *record_name = record->name ? record->name : "(a record without a name)";
    const char *field_name = !field ? "" : field->name ? field->name : "(item)";
    const char *why = zooid_arena_format (self->arena, "%s%s%s: %s", record_name, field ? "." : "", field_name, what);
    self->why = why ? why : "out of memory";
    return false;
}

static bool
s_check_bounds (checker_t *self, const zooid_record_t *record, const zooid_field_t *field)
{
    if (field->integers.bounded && !s_types [field->type].integers)
        return s_wrong (self, record, field, "has integer bounds, but is no integer");
    if (field->integers.bounded && field->integers.minimum > field->integers.maximum)
        return s_wrong (self, record, field, "its minimum is above its maximum");
    if (field->reals.bounded && !s_types [field->type].reals)
        return s_wrong (self, record, field, "has real bounds, but is no real");
    if (field->reals.bounded && !(field->reals.minimum <= field->reals.maximum))
        return s_wrong (self, record, field, "its minimum is above its maximum");
    if ((field->min_length || field->max_length) && !s_types [field->type].lengths)
        return s_wrong (self, record, field, "has a length, but is no string, bytes, list or map");
    if (field->min_length > rules_max_length (field))
        return s_wrong (self, record, field, "min_length %zu is above max_length %zu", field->min_length,
                        rules_max_length (field));
    if (field->decimal && field->type != ZOOID_TYPE_INTEGER)
        return s_wrong (self, record, field, "is decimal, but no integer");
    return true;
}

//  Characters and ranges of printable ASCII. `[`, `]`, `\` and a leading `^` would mean something else in a pattern.
static bool
s_check_characters (checker_t *self, const zooid_record_t *record, const zooid_field_t *field)
{
    const char *class = field->characters;
    if (!class)
        return true;
    if (field->type != ZOOID_TYPE_STRING)
        return s_wrong (self, record, field, "has characters, but is no string");
    if (!*class || *class == '^')
        return s_wrong (self, record, field, "characters must name some, and not begin with ^");
    for (const char *next = class; *next; next++) {
        if (*next < 0x20 || *next > 0x7e || strchr ("[]\\", *next))
            return s_wrong (self, record, field, "characters must be printable ASCII without [, ] and \\");
        if (next [1] == '-' && next [2]) {
            if (next [0] >= next [2])
                return s_wrong (self, record, field, "the range %.3s of its characters is empty", next);
            next += 2;
        }
    }
    return true;
}

static bool
s_check_names (checker_t *self, const zooid_record_t *record, const zooid_field_t *field)
{
    if (field->type != ZOOID_TYPE_ENUMERATION)
        return !field->names || s_wrong (self, record, field, "has names, but is no enumeration");
    if (!field->names || !field->names [0])
        return s_wrong (self, record, field, "is an enumeration without names");
    for (size_t i = 0; field->names [i]; i++) {
        const char *name = field->names [i];
        if (!*name || !utf8_is_valid (name, strlen (name)))
            return s_wrong (self, record, field, "name %zu of the enumeration is empty or no UTF-8", i);
        for (size_t j = 0; j < i; j++)
            if (strcmp (name, field->names [j]) == 0)
                return s_wrong (self, record, field, "the name \"%s\" stands twice", name);
    }
    return true;
}

static bool
s_check_inside (checker_t *self, const zooid_record_t *record, const zooid_field_t *field, bool embedded)
{
    bool holds_record = field->type == ZOOID_TYPE_RECORD;
    bool holds_items = field->type == ZOOID_TYPE_LIST || field->type == ZOOID_TYPE_MAP;
    if (holds_record != (field->record != NULL))
        return s_wrong (self, record, field, holds_record ? "names no .record" : "names a .record, but is none");
    if (holds_items != (field->of != NULL))
        return s_wrong (self, record, field,
                        holds_items ? "does not say what it is .of" : "has .of, but is no list or map");
    if (holds_record) {
        if (field->size != field->record->size)
            return s_wrong (self, record, field, "has %zu bytes, but its record %zu", field->size, field->record->size);
        return s_check_record (self, field->record, embedded);
    }
    if (!holds_items)
        return true;
    const zooid_field_t *item = field->of;
    if (item->optional || item->nullable)
        return s_wrong (self, record, field, "its items cannot be optional or nullable: nothing would say so");
    return s_check_type (self, record, item)
        && s_check_inside (self, record, item, false);
}

//  Type and rules, of a field or of an item.
static bool
s_check_type (checker_t *self, const zooid_record_t *record, const zooid_field_t *field)
{
    if (field->type < ZOOID_TYPE_BOOLEAN || field->type > ZOOID_TYPE_ANY)
        return s_wrong (self, record, field, "has no type");
    if (s_types [field->type].size && field->size != s_types [field->type].size)
        return s_wrong (self, record, field, "has %zu bytes, but its type %zu", field->size,
                        s_types [field->type].size);
    return s_check_bounds (self, record, field) && s_check_characters (self, record, field)
        && s_check_names (self, record, field);
}

static bool
s_check_texts (checker_t *self, const zooid_record_t *record, const zooid_field_t *field)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t scratch = { 0 };
    zooid_violations_t violations = { .count = 0 };
    findings_t findings = { .arena = self->arena, .violations = &violations };
    if (field->example) {
        json_read (&findings, field, field->example, strlen (field->example), ZOOID_UNKNOWN_REFUSED, &scratch);
        if (findings.count)
            return s_wrong (self, record, field, "its example %s", violations.items [0].detail);
    }
    //  Of what is no scalar, the initial value is a piece of a topology, which is not read here; so is a secret's
    bool scalar = field->type < ZOOID_TYPE_RECORD && !field->secret;
    if (field->initial && scalar
        && zooid_field_parse (field, field->initial, "", self->arena, &scratch, &violations) == ZOOID_INVALID)
        return s_wrong (self, record, field, "its initial value %s", violations.items [0].detail);
    return true;
}

static bool
s_overlap (size_t offset, size_t size, size_t other, size_t other_size)
{
    return offset < other + other_size && other < offset + size;
}

static bool
s_check_field (checker_t *self, const zooid_record_t *record, size_t index)
{
    const zooid_field_t *field = &record->fields [index];
    if (!name_is_snake (field->name))
        return s_wrong (self, record, field, "a name is in snake_case");
    if (field->offset > record->size || field->size > record->size - field->offset)
        return s_wrong (self, record, field, "lies outside of the struct");
    if ((field->optional || field->nullable) && !record->presence)
        return s_wrong (self, record, field, "is optional or nullable, but the record has no .presence");
    if (record->presence && s_overlap (field->offset, field->size, record->presence - 1, sizeof (zooid_presence_t)))
        return s_wrong (self, record, field, "lies over the presence bits");
    for (size_t i = 0; i < index; i++) {
        const zooid_field_t *other = &record->fields [i];
        if (strcmp (field->name, other->name) == 0)
            return s_wrong (self, record, field, "stands there twice");
        if (s_overlap (field->offset, field->size, other->offset, other->size))
            return s_wrong (self, record, field, "lies over %s", other->name);
    }
    return s_check_type (self, record, field) && s_check_inside (self, record, field, true)
        && s_check_texts (self, record, field);
}

//  Was the check inside of this record already? *ret_sizeless: with nothing but embedding in between.
static bool
s_is_open (const checker_t *self, const zooid_record_t *record, bool embedded, bool *ret_sizeless)
{
    *ret_sizeless = embedded;
    for (size_t i = self->depth; i; i--) {
        if (self->open [i - 1].record == record)
            return true;
        *ret_sizeless = *ret_sizeless && self->open [i - 1].embedded;
    }
    return false;
}

static bool
s_check_record (checker_t *self, const zooid_record_t *record, bool embedded)
{
    bool sizeless;
    if (s_is_open (self, record, embedded, &sizeless))
        return !sizeless || s_wrong (self, record, NULL, "embeds itself");
    if (self->depth == ZOOID_DEPTH_MAX)
        return s_wrong (self, record, NULL, "lies deeper than %d records", ZOOID_DEPTH_MAX);
    if (!name_is_snake (record->name))
        return s_wrong (self, record, NULL, "a name is in snake_case");
    if (record->field_count > ZOOID_FIELDS_MAX)
        return s_wrong (self, record, NULL, "has %zu fields; at most %d are possible", record->field_count,
                        ZOOID_FIELDS_MAX);
    if (record->field_count && !record->fields)
        return s_wrong (self, record, NULL, "has no table of fields");
    size_t presence = record->presence ? record->presence - 1 : 0;
    if (record->presence && (presence % _Alignof (zooid_presence_t) || presence > record->size
                             || sizeof (zooid_presence_t) > record->size - presence))
        return s_wrong (self, record, NULL, "its presence bits lie outside of the struct");

    self->open [self->depth].record = record;
    self->open [self->depth++].embedded = embedded;
    bool sound = true;
    for (size_t i = 0; sound && i < record->field_count; i++)
        sound = s_check_field (self, record, i);
    self->depth--;
    return sound;
}

int
zooid_record_check (const zooid_record_t *record, zooid_arena_t *arena, const char **ret_why)
{
    checker_t self = { .arena = arena };
    if (s_check_record (&self, record, false))
        return 0;
    if (ret_why)
        *ret_why = self.why;
    return ZOOID_INVALID;
}
