//  gateway/bind.c - where an operation's arguments come from in a request
//
//  A record is cut in two when its route is made: the fields of the body become a record of their own, which reads and
//  checks JSON as any record does; each of the others is parsed from its one text. Both give msgpack, and the arguments
//  are one map of all pairs. All is read even when something is wrong, so that every violation is told at once.
#include "bind.h"
#include "uri.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <zooid/msgpack.h>

struct binding {
    bound_field_t *items;
    size_t count;
    zooid_record_t body;            //  field_count 0: nothing comes in the body
    zooid_field_t *body_fields;
    char *body_name;
};

//  Which capture of the template has this name? -1: none.
static int
s_find_capture (const char *path, const char *name)
{
    int capture = 0;
    size_t size = strlen (name);
    for (const char *at = strchr (path, '{'); at; at = strchr (at + 1, '{'), capture++)
        if (strncmp (at + 1, name, size) == 0 && at [1 + size] == '}')
            return capture;
    return -1;
}

//  The header that a field is in unless it says: `if_match` is If-Match.
static char *
s_header_name (const zooid_field_t *field)
{
    char *name = zooid_duplicate (field->header ? field->header : field->name);
    if (field->header || field->in != ZOOID_IN_HEADER)
        return name;
    for (char *at = name; *at; at++)
        if (*at == '_')
            *at = '-';
        else if (at == name || at [-1] == '-')
            *at = (char) toupper ((unsigned char) *at);
    return name;
}

static zooid_place_t
s_place (const zooid_field_t *field, http_method_t method, int capture)
{
    if (field->in != ZOOID_IN_DEFAULT)
        return field->in;
    if (capture >= 0)
        return ZOOID_IN_PATH;
    return method & (HTTP_GET | HTTP_HEAD | HTTP_DELETE) ? ZOOID_IN_QUERY : ZOOID_IN_BODY;
}

static int
s_add_field (binding_t *self, const zooid_field_t *field, http_method_t method, const char *path, const char **ret_why)
{
    int capture = s_find_capture (path, field->name);
    zooid_place_t place = s_place (field, method, capture);
    if (place == ZOOID_IN_BODY) {
        self->body_fields [self->body.field_count++] = *field;
        return 0;
    }
    if (place == ZOOID_IN_PATH && (capture < 0 || capture >= BINDING_CAPTURES_MAX)) {
        *ret_why = capture < 0 ? "a field is bound to the path, which does not name it"
                               : "its path has more than 8 captures";
        return ZOOID_INVALID;
    }
    self->items [self->count++] = (bound_field_t) {
        .field = field, .place = place, .capture = capture < 0 ? 0 : (size_t) capture, .name = s_header_name (field),
    };
    return 0;
}

int
binding_new (binding_t **self_p, const zooid_record_t *record, http_method_t method, const char *path,
             const char **ret_why)
{
    ZOOID_CLEANUP (binding_destroy) binding_t *self = zooid_allocate (sizeof (binding_t));
    size_t count = record ? record->field_count : 0, bound = 0;
    self->items = zooid_allocate ((count + 1) * sizeof (bound_field_t));
    self->body_fields = zooid_allocate ((count + 1) * sizeof (zooid_field_t));
    if (record) {
        self->body = *record;
        self->body.fields = self->body_fields;
        self->body.field_count = 0;
    }
    for (size_t index = 0; index < count; index++) {
        int rc = s_add_field (self, &record->fields [index], method, path, ret_why);
        if (rc)
            return rc;
    }
    size_t captures = 0;
    for (const char *at = strchr (path, '{'); at; at = strchr (at + 1, '{'))
        captures++;
    for (size_t index = 0; index < self->count; index++)
        if (self->items [index].place == ZOOID_IN_PATH)
            bound++;
    if (bound != captures) {
        *ret_why = "its path captures a name that is no field of what it takes";
        return ZOOID_INVALID;
    }
    if (self->body.field_count && self->body.field_count < count) {     //  A part of it is another type, by another name
        self->body_name = zooid_allocate (strlen (record->name) + sizeof "_body");
        stpcpy (stpcpy (self->body_name, record->name), "_body");
        self->body.name = self->body_name;
    }
    *self_p = self;
    self = NULL;
    return 0;
}

void
binding_destroy (binding_t **self_p)
{
    binding_t *self = *self_p;
    if (!self)
        return;
    for (size_t index = 0; index < self->count; index++)
        free (self->items [index].name);
    free (self->items);
    free (self->body_fields);
    free (self->body_name);
    free (self);
    *self_p = NULL;
}

size_t
binding_count (const binding_t *self)
{
    return self->count;
}

const bound_field_t *
binding_at (const binding_t *self, size_t index)
{
    return &self->items [index];
}

const zooid_record_t *
binding_body (const binding_t *self)
{
    return self->body.field_count ? &self->body : NULL;
}

//  ---- reading a request

typedef struct {
    const binding_t *binding;
    const binding_input_t *input;
    zooid_arena_t *arena;
    zooid_buffer_t *pairs;          //  Names and values so far
    size_t count;                   //  of them
    zooid_violations_t *violations;
} reading_t;

//  The value of a cookie (RFC 6265): NAME=VALUE; NAME=VALUE.
static http_text_t
s_find_cookie (const http_head_t *head, const char *name)
{
    size_t size = strlen (name);
    for (size_t index = 0; index < head->header_count; index++) {
        if (!http_text_is_like (head->headers [index].name, "cookie"))
            continue;
        http_text_t rest = head->headers [index].value;
        while (rest.size) {
            const char *end = memchr (rest.data, ';', rest.size);
            size_t part = end ? (size_t) (end - rest.data) : rest.size;
            if (part > size && memcmp (rest.data, name, size) == 0 && rest.data [size] == '=')
                return (http_text_t) { .data = rest.data + size + 1, .size = part - size - 1 };
            rest.data += part;
            rest.size -= part;
            while (rest.size && (*rest.data == ';' || *rest.data == ' ')) {
                rest.data++;
                rest.size--;
            }
        }
    }
    return (http_text_t) { .data = NULL };
}

//  The encoded texts that a request has for a field: one, or in a query as many as there are. Returns how many.
static size_t
s_find_texts (const reading_t *self, const bound_field_t *bound, http_text_t *ret_texts, size_t limit)
{
    const http_head_t *head = self->input->head;
    if (bound->place == ZOOID_IN_PATH)
        *ret_texts = self->input->captures [bound->capture];
    else if (bound->place == ZOOID_IN_HEADER)
        *ret_texts = http_head_find (head, bound->name);
    else if (bound->place == ZOOID_IN_COOKIE)
        *ret_texts = s_find_cookie (head, bound->name);
    else {
        http_text_t query = head->query, name, value;
        size_t count = 0;
        while (uri_query_next (&query, &name, &value))
            if (uri_is (name, URI_QUERY, bound->name, self->arena)) {
                if (count < limit)
                    ret_texts [count] = value;
                count++;
            }
        return count;
    }
    return ret_texts->data ? 1 : 0;
}

static void
s_read_text (reading_t *self, const zooid_field_t *field, const bound_field_t *bound, http_text_t text)
{
    const char *decoded = NULL, *pointer = zooid_arena_format (self->arena, "/%s", bound->field->name);
    bool encoded = bound->place == ZOOID_IN_PATH || bound->place == ZOOID_IN_QUERY;
    int rc = encoded ? uri_decode (text, bound->place == ZOOID_IN_QUERY ? URI_QUERY : URI_PATH, self->arena, &decoded)
                     : (decoded = zooid_arena_copy (self->arena, text.data, text.size)) ? 0 : ZOOID_INVALID;
    if (rc)
        zooid_violations_add (self->violations, self->arena, pointer, "syntax",
                              "It cannot be decoded; percent-encode it.");
    else
        (void) zooid_field_parse (field, decoded, pointer, self->arena, self->pairs, self->violations);
}

enum { TEXTS_MAX = 64 };

static void
s_read_bound (reading_t *self, const bound_field_t *bound)
{
    const zooid_field_t *field = bound->field;
    http_text_t texts [TEXTS_MAX];
    size_t count = s_find_texts (self, bound, texts, TEXTS_MAX);
    const char *pointer = zooid_arena_format (self->arena, "/%s", field->name);
    if (count == 0) {
        if (!field->optional)
            zooid_violations_add (self->violations, self->arena, pointer, "required",
                                  "It is missing; it must be given.");
        return;
    }
    size_t limit = field->type == ZOOID_TYPE_LIST ? (field->max_length ? field->max_length : TEXTS_MAX) : 1;
    if (count > limit || count > TEXTS_MAX) {
        zooid_violations_add (self->violations, self->arena, pointer, "length",
                              "It is given %zu times; at most %zu would be right.", count, limit);
        return;
    }
    zooid_pack_text (self->pairs, field->name);
    self->count++;
    if (field->type == ZOOID_TYPE_LIST) {
        zooid_pack_array (self->pairs, count);
        for (size_t index = 0; index < count; index++)
            s_read_text (self, field->of, bound, texts [index]);
    }
    else
        s_read_text (self, field, bound, texts [0]);
}

//  A query has no names but those of fields.
static void
s_refuse_unknown (reading_t *self)
{
    http_text_t query = self->input->head->query, name, value;
    while (uri_query_next (&query, &name, &value)) {
        bool known = false;
        for (size_t index = 0; index < self->binding->count && !known; index++)
            known = self->binding->items [index].place == ZOOID_IN_QUERY
                    && uri_is (name, URI_QUERY, self->binding->items [index].name, self->arena);
        if (!known)
            zooid_violations_add (self->violations, self->arena,
                                  zooid_arena_format (self->arena, "/%.*s", (int) name.size, name.data), "unknown",
                                  "No parameter has this name.");
    }
}

static void
s_read_body (reading_t *self)
{
    static const char nothing [] = "{}";
    zooid_bytes_t body = self->input->body;
    if (body.size == 0 && !binding_body (self->binding))
        return;
    if (body.size == 0)         //  An absent body is one without members: what is required is then told by name
        body = (zooid_bytes_t) { .data = (const uint8_t *) nothing, .size = sizeof nothing - 1 };
    zooid_buffer_t packed = { .limit = 0 };
    int rc = zooid_json_read (&self->binding->body, (const char *) body.data, body.size, ZOOID_UNKNOWN_REFUSED,
                              self->arena, &packed, self->violations);
    zooid_cursor_t cursor = { .rest = { .data = packed.data, .size = packed.size } };
    zooid_token_t map;
    if (rc == 0 && zooid_cursor_next (&cursor, &map) == 0) {
        self->count += map.count;
        zooid_buffer_append (self->pairs, cursor.rest.data, cursor.rest.size);
    }
    zooid_buffer_fini (&packed);
}

int
binding_read (const binding_t *self, const binding_input_t *input, zooid_arena_t *arena, zooid_buffer_t *out,
              zooid_violations_t *violations)
{
    zooid_buffer_t pairs = { .limit = 0 };
    reading_t reading = { .binding = self, .input = input, .arena = arena, .pairs = &pairs, .violations = violations };
    for (size_t index = 0; index < self->count; index++)
        s_read_bound (&reading, &self->items [index]);
    s_refuse_unknown (&reading);
    if (self->body.name)
        s_read_body (&reading);
    else if (input->body.size)
        zooid_violations_add (violations, arena, "", "unknown", "There is a body; the operation takes nothing.");
    bool sound = violations->count == 0 && !pairs.failed;
    if (sound) {
        zooid_pack_map (out, reading.count);
        zooid_buffer_append (out, pairs.data, pairs.size);
    }
    zooid_buffer_fini (&pairs);
    return sound ? 0 : ZOOID_INVALID;
}
