//  JSON Schema 2020-12, as OpenAPI 3.1 takes it. A schema never refuses what the record takes; where the two count in
//  different units it is the looser one: our lengths are bytes, JSON Schema's are characters of one to four bytes.
//  `additionalProperties` is left out: a contract may gain fields, and a schema describes replies too.
#include <zooid/record.h>

#include "duration.h"
#include "json_quote.h"
#include "number.h"
#include "rules.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

static const char *
s_type_name (const zooid_field_t *field)
{
    switch (field->type) {
    case ZOOID_TYPE_BOOLEAN:  return "boolean";
    case ZOOID_TYPE_INTEGER:  return field->decimal ? "string" : "integer";
    case ZOOID_TYPE_REAL:     return "number";
    case ZOOID_TYPE_RECORD:
    case ZOOID_TYPE_MAP:      return "object";
    case ZOOID_TYPE_LIST:     return "array";
    case ZOOID_TYPE_ANY:      return NULL;
    default:                  return "string";
    }
}

//  "key":
static void
s_key (const char *key, zooid_buffer_t *out)
{
    if (out->size && out->data [out->size - 1] != '{')
        zooid_buffer_text (out, ",");
    zooid_buffer_format (out, "\"%s\":", key);
}

static void
s_text (const char *key, const char *text, zooid_buffer_t *out)
{
    if (!text)
        return;
    s_key (key, out);
    zooid_json_quote (text, strlen (text), out);
}

static void
s_count (const char *key, size_t count, zooid_buffer_t *out)
{
    s_key (key, out);
    zooid_buffer_format (out, "%zu", count);
}

static void
s_flag (const char *key, zooid_buffer_t *out)
{
    s_key (key, out);
    zooid_buffer_text (out, "true");
}

static void
s_type (const zooid_field_t *field, zooid_buffer_t *out)
{
    const char *name = s_type_name (field);
    if (!name)
        return;
    bool several = field->nullable || field->type == ZOOID_TYPE_DURATION;
    s_key ("type", out);
    zooid_buffer_format (out, "%s\"%s\"", several ? "[" : "", field->type == ZOOID_TYPE_DURATION ? "integer" : name);
    if (field->type == ZOOID_TYPE_DURATION)
        zooid_buffer_text (out, ",\"string\"");
    if (field->nullable)
        zooid_buffer_text (out, ",\"null\"");
    if (several)
        zooid_buffer_text (out, "]");
}

static void
s_integers (const zooid_field_t *field, zooid_buffer_t *out)
{
    if (field->decimal) {
        s_text ("pattern", "^(0|-?[1-9][0-9]{0,18})$", out);
        return;
    }
    int64_t minimum = -NUMBER_SAFE, maximum = NUMBER_SAFE;
    if (field->integers.bounded && field->integers.minimum > minimum)
        minimum = field->integers.minimum;
    if (field->integers.bounded && field->integers.maximum < maximum)
        maximum = field->integers.maximum;
    s_text ("format", "int64", out);
    s_key ("minimum", out);
    zooid_buffer_format (out, "%" PRId64, minimum);
    s_key ("maximum", out);
    zooid_buffer_format (out, "%" PRId64, maximum);
}

static void
s_reals (const zooid_field_t *field, zooid_buffer_t *out)
{
    s_text ("format", "double", out);
    if (!field->reals.bounded)
        return;
    const struct { const char *key; double bound; } bounds [] = {
        { "minimum", field->reals.minimum }, { "maximum", field->reals.maximum },
    };
    for (size_t i = 0; i < ZOOID_COUNT (bounds); i++) {
        char text [NUMBER_SIZE];
        if (!__builtin_isfinite (bounds [i].bound))
            continue;
        s_key (bounds [i].key, out);
        zooid_buffer_append (out, text, number_write_real (bounds [i].bound, text));
    }
}

static void
s_string (const zooid_field_t *field, zooid_buffer_t *out)
{
    //  What the class names is ASCII: there a character is a byte
    size_t unit = field->characters ? 1 : 4;
    if (field->min_length)
        s_count ("minLength", (field->min_length + unit - 1) / unit, out);
    s_count ("maxLength", rules_max_length (field), out);
    if (field->characters) {
        s_key ("pattern", out);
        ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t pattern = { 0 };
        zooid_buffer_format (&pattern, "^[%s]*$", field->characters);
        json_quote (zooid_buffer_string (&pattern), pattern.size, out);
    }
    if (field->secret)
        s_text ("format", "password", out);
}

static void
s_bytes (const zooid_field_t *field, zooid_buffer_t *out)
{
    s_text ("contentEncoding", "base64", out);
    if (field->min_length)
        s_count ("minLength", (field->min_length + 2) / 3 * 4, out);
    s_count ("maxLength", (rules_max_length (field) + 2) / 3 * 4, out);
}

static void
s_names (const zooid_field_t *field, zooid_buffer_t *out)
{
    s_key ("enum", out);
    for (size_t i = 0; field->names [i]; i++) {
        zooid_buffer_text (out, i ? "," : "[");
        zooid_json_quote (field->names [i], strlen (field->names [i]), out);
    }
    zooid_buffer_text (out, field->nullable ? ",null]" : "]");
}

static void
s_items (const zooid_field_t *field, const char *prefix, zooid_buffer_t *out)
{
    bool list = field->type == ZOOID_TYPE_LIST;
    if (field->min_length)
        s_count (list ? "minItems" : "minProperties", field->min_length, out);
    s_count (list ? "maxItems" : "maxProperties", rules_max_length (field), out);
    s_key (list ? "items" : "additionalProperties", out);
    zooid_field_schema (field->of, prefix, out);
}

static void
s_reference (const zooid_field_t *field, const char *prefix, zooid_buffer_t *out)
{
    if (field->nullable) {
        s_key ("anyOf", out);
        zooid_buffer_text (out, "[{");
    }
    s_key ("$ref", out);
    zooid_buffer_text (out, "\"");
    zooid_buffer_text (out, prefix);
    bool capital = true;
    for (const char *next = field->record->name; *next; next++) {
        char letter = capital ? (char) toupper ((unsigned char) *next) : *next;
        if (*next != '_')
            zooid_buffer_append (out, &letter, 1);
        capital = *next == '_';
    }
    zooid_buffer_text (out, field->nullable ? "\"},{\"type\":\"null\"}]" : "\"");
}

static void
s_rules (const zooid_field_t *field, const char *prefix, zooid_buffer_t *out)
{
    switch (field->type) {
    case ZOOID_TYPE_INTEGER:     s_integers (field, out); break;
    case ZOOID_TYPE_REAL:        s_reals (field, out); break;
    case ZOOID_TYPE_STRING:      s_string (field, out); break;
    case ZOOID_TYPE_ID:          s_text ("format", "uuid", out); break;
    case ZOOID_TYPE_ENUMERATION: s_names (field, out); break;
    case ZOOID_TYPE_TIMESTAMP:   s_text ("format", "date-time", out); break;
    case ZOOID_TYPE_DURATION:
        s_integers (field, out);
        s_text ("pattern", DURATION_PATTERN, out);
        break;
    case ZOOID_TYPE_BYTES:       s_bytes (field, out); break;
    case ZOOID_TYPE_LIST:
    case ZOOID_TYPE_MAP:         s_items (field, prefix, out); break;
    case ZOOID_TYPE_RECORD:      s_reference (field, prefix, out); break;
    case ZOOID_TYPE_BOOLEAN:
    case ZOOID_TYPE_ANY:         break;
    }
}

void
zooid_field_schema (const zooid_field_t *field, const char *prefix, zooid_buffer_t *out)
{
    zooid_buffer_text (out, "{");
    if (field->type != ZOOID_TYPE_RECORD)
        s_type (field, out);
    s_rules (field, prefix, out);
    s_text ("description", field->doc, out);
    s_text ("x-unit", field->type == ZOOID_TYPE_DURATION ? "ms" : field->unit, out);
    if (field->secret)
        s_flag ("writeOnly", out);
    if (field->example) {
        s_key ("examples", out);
        zooid_buffer_format (out, "[%s]", field->example);
    }
    zooid_buffer_text (out, "}");
}

static void
s_required (const zooid_record_t *record, zooid_buffer_t *out)
{
    size_t count = 0;
    for (size_t i = 0; i < record->field_count; i++) {
        if (record->fields [i].optional)
            continue;
        if (!count++) {
            s_key ("required", out);
            zooid_buffer_text (out, "[");
        }
        else
            zooid_buffer_text (out, ",");
        zooid_json_quote (record->fields [i].name, strlen (record->fields [i].name), out);
    }
    if (count)
        zooid_buffer_text (out, "]");
}

void
zooid_record_schema (const zooid_record_t *record, const char *prefix, zooid_buffer_t *out)
{
    zooid_buffer_text (out, "{\"type\":\"object\"");
    s_text ("description", record->doc, out);
    s_key ("properties", out);
    zooid_buffer_text (out, "{");
    for (size_t i = 0; i < record->field_count; i++) {
        s_key (record->fields [i].name, out);
        zooid_field_schema (&record->fields [i], prefix, out);
    }
    zooid_buffer_text (out, "}");
    s_required (record, out);
    zooid_buffer_text (out, "}");
}
