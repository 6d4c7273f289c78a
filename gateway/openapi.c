//  gateway/openapi.c - the contracts as OpenAPI 3.1
//
//  Written as text while going through the routes, which stand sorted by path. Records become components by their
//  title. Two actors may each have a record of one name and of another shape: the later actor's types then carry its
//  name in front.
#include "openapi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "endpoints.h"

#define SCHEMAS "#/components/schemas/"

enum { COMPONENTS_MAX = 1024 };

struct openapi {
    zooid_buffer_t text;
    char tag [32];
};

typedef struct {
    const char *title, *text;
} component_t;

typedef struct {
    const routes_t *routes;
    zooid_arena_t *arena;
    zooid_buffer_t *out;
    const char *actor;              //  Whose routes are being written
    const char *prefix;             //  Before the titles of its records: "" or "Iot"
    unsigned depth;
    size_t count;
    component_t components [COMPONENTS_MAX];
} writing_t;

//  ---- components

static const component_t *
s_find_component (const writing_t *self, const char *title)
{
    for (size_t index = 0; index < self->count; index++)
        if (strcmp (self->components [index].title, title) == 0)
            return &self->components [index];
    return NULL;
}

static const char *
s_title (const writing_t *self, const zooid_record_t *record)
{
    return zooid_arena_format (self->arena, "%s%s", self->prefix, zooid_record_title (record, self->arena));
}

static const char *
s_schema (const writing_t *self, const zooid_record_t *record)
{
    zooid_buffer_t out = { .limit = 0 };
    zooid_record_schema (record, zooid_arena_format (self->arena, SCHEMAS "%s", self->prefix), &out);
    const char *text = zooid_arena_copy (self->arena, zooid_buffer_string (&out), out.size);
    zooid_buffer_fini (&out);
    return text;
}

typedef bool (component_fn) (writing_t *self, const zooid_record_t *record);

static bool
s_each_record (writing_t *self, const zooid_record_t *record, component_fn *each);

static bool
s_each_in_field (writing_t *self, const zooid_field_t *field, component_fn *each)
{
    if (field->record)
        return s_each_record (self, field->record, each);
    return field->of ? s_each_in_field (self, field->of, each) : true;
}

//  The record and all that it is made of, to a depth that ends a record which holds a list of itself.
static bool
s_each_record (writing_t *self, const zooid_record_t *record, component_fn *each)
{
    if (self->depth == ZOOID_DEPTH_MAX || !each (self, record))
        return false;
    self->depth++;
    for (size_t index = 0; index < record->field_count && self->prefix; index++)
        (void) s_each_in_field (self, &record->fields [index], each);
    self->depth--;
    return true;
}

static bool
s_add_component (writing_t *self, const zooid_record_t *record)
{
    const char *title = s_title (self, record);
    if (s_find_component (self, title) || self->count == COMPONENTS_MAX)
        return false;
    self->components [self->count++] = (component_t) { .title = title, .text = s_schema (self, record) };
    return true;
}

//  As above, and notes in `prefix` that a title is taken by another shape.
static bool
s_note_collision (writing_t *self, const zooid_record_t *record)
{
    const component_t *known = s_find_component (self, s_title (self, record));
    if (!known)
        return true;
    if (strcmp (known->text, s_schema (self, record)) != 0)
        self->prefix = NULL;
    return false;
}

static void
s_each_of_route (writing_t *self, const route_t *route, component_fn *each)
{
    const zooid_record_t *records [] = { binding_body (route->binding), route->contract->gives };
    for (size_t index = 0; index < ZOOID_COUNT (records) && self->prefix; index++)
        if (records [index])
            (void) s_each_record (self, records [index], each);
    for (size_t index = 0; index < binding_count (route->binding) && self->prefix; index++)
        (void) s_each_in_field (self, binding_at (route->binding, index)->field, each);
}

//  Choose the prefix of the route's actor: none, unless one of its records would stand for another's.
static void
s_enter_actor (writing_t *self, const char *actor)
{
    self->actor = actor;
    self->prefix = "";
    for (size_t index = 0; index < routes_count (self->routes) && self->prefix; index++)
        if (strcmp (routes_at (self->routes, index)->actor, actor) == 0)
            s_each_of_route (self, routes_at (self->routes, index), s_note_collision);
    if (!self->prefix)
        self->prefix = zooid_record_title (&(zooid_record_t) { .name = actor }, self->arena);
    for (size_t index = 0; index < routes_count (self->routes); index++)
        if (strcmp (routes_at (self->routes, index)->actor, actor) == 0)
            s_each_of_route (self, routes_at (self->routes, index), s_add_component);
}

//  ---- operations

static void
s_quote (zooid_buffer_t *out, const char *text)
{
    zooid_json_quote (text ? text : "", text ? strlen (text) : 0, out);
}

static void
s_write_parameters (const writing_t *self, const route_t *route)
{
    static const char *const places [] = {
        [ZOOID_IN_PATH] = "path", [ZOOID_IN_QUERY] = "query", [ZOOID_IN_HEADER] = "header", [ZOOID_IN_COOKIE] = "cookie",
    };
    zooid_buffer_text (self->out, ",\"parameters\":[");
    for (size_t index = 0; index < binding_count (route->binding); index++) {
        const bound_field_t *bound = binding_at (route->binding, index);
        zooid_buffer_text (self->out, index ? ",{\"name\":" : "{\"name\":");
        s_quote (self->out, bound->name);
        zooid_buffer_format (self->out, ",\"in\":\"%s\",\"required\":%s", places [bound->place],
                             bound->field->optional ? "false" : "true");
        if (bound->field->doc) {
            zooid_buffer_text (self->out, ",\"description\":");
            s_quote (self->out, bound->field->doc);
        }
        zooid_buffer_text (self->out, ",\"schema\":");
        zooid_field_schema (bound->field, zooid_arena_format (self->arena, SCHEMAS "%s", self->prefix), self->out);
        zooid_buffer_text (self->out, "}");
    }
    zooid_buffer_text (self->out, "]");
}

static void
s_write_content (const writing_t *self, const char *type, const zooid_record_t *record)
{
    zooid_buffer_format (self->out, "\"content\":{\"%s\":{\"schema\":{\"$ref\":\"" SCHEMAS "%s\"}}}", type,
                         s_title (self, record));
}

//  Failures of one status are one response; its description names them.
static void
s_write_failures (const writing_t *self, const zooid_operation_t *operation)
{
    for (size_t index = 0; index < operation->fail_count; index++) {
        int status = problem_status (operation->fails [index].kind);
        bool is_first = true;
        for (size_t before = 0; before < index; before++)
            is_first = is_first && problem_status (operation->fails [before].kind) != status;
        if (!is_first)
            continue;
        zooid_buffer_t doc = { .limit = 0 };
        for (size_t other = index; other < operation->fail_count; other++)
            if (problem_status (operation->fails [other].kind) == status)
                zooid_buffer_format (&doc, "%s`%s`: %s", other == index ? "" : "; ", operation->fails [other].name,
                                     operation->fails [other].doc ? operation->fails [other].doc
                                                                  : problem_title (status));
        zooid_buffer_format (self->out, ",\"%d\":{\"description\":", status);
        s_quote (self->out, zooid_buffer_string (&doc));
        zooid_buffer_text (self->out, ",\"content\":{\"application/problem+json\":{\"schema\":{\"$ref\":\"" SCHEMAS
                                      "Problem\"}}}}");
        zooid_buffer_fini (&doc);
    }
}

static void
s_write_responses (const writing_t *self, const zooid_operation_t *operation)
{
    zooid_buffer_text (self->out, ",\"responses\":{");
    if (operation->gives) {
        zooid_buffer_text (self->out, "\"200\":{\"description\":");
        s_quote (self->out, operation->gives->doc ? operation->gives->doc : "Done");
        zooid_buffer_text (self->out, ",");
        s_write_content (self, "application/json", operation->gives);
        zooid_buffer_text (self->out, "}");
    }
    else
        zooid_buffer_text (self->out, "\"204\":{\"description\":\"Done\"}");
    s_write_failures (self, operation);
    zooid_buffer_text (self->out, ",\"default\":{\"$ref\":\"#/components/responses/Problem\"}}");
}

static void
s_write_security (zooid_buffer_t *out, const char *scope)
{
    if (strcmp (scope, "public") == 0)
        zooid_buffer_text (out, ",\"security\":[]");
    else {
        zooid_buffer_text (out, ",\"security\":[{\"bearer\":[");
        s_quote (out, scope);
        zooid_buffer_text (out, "]}]");
    }
}

//  "content.create" is content_create wherever a dot may not stand.
static void
s_write_identifier (zooid_buffer_t *out, const char *operation)
{
    for (const char *at = operation; *at; at++)
        zooid_buffer_append (out, *at == '.' ? "_" : at, 1);
}

static void
s_write_method (zooid_buffer_t *out, http_method_t method)
{
    for (const char *at = http_method_name (method); *at; at++) {
        char lower = (char) (*at | 0x20);
        zooid_buffer_append (out, &lower, 1);
    }
}

static void
s_write_operation (const writing_t *self, const route_t *route)
{
    zooid_buffer_text (self->out, "\"");
    s_write_method (self->out, route->method);
    zooid_buffer_text (self->out, "\":{\"operationId\":\"");
    s_write_identifier (self->out, route->operation);
    zooid_buffer_text (self->out, "\",\"tags\":[");
    s_quote (self->out, route->actor);
    zooid_buffer_text (self->out, "],\"summary\":");
    s_quote (self->out, route->contract->doc);
    s_write_security (self->out, route->contract->scope);
    if (binding_count (route->binding))
        s_write_parameters (self, route);
    const zooid_record_t *body = binding_body (route->binding);
    if (body) {
        zooid_buffer_text (self->out, ",\"requestBody\":{\"required\":true,");
        s_write_content (self, "application/json", body);
        zooid_buffer_text (self->out, "}");
    }
    s_write_responses (self, route->contract);
    zooid_buffer_text (self->out, "}");
}

static void
s_write_paths (writing_t *self)
{
    const char *path = NULL;
    for (size_t index = 0; index < routes_count (self->routes); index++) {
        const route_t *route = routes_at (self->routes, index);
        bool is_same = path && strcmp (path, route->path) == 0;
        if (!is_same) {
            zooid_buffer_text (self->out, path ? "}," : "");
            s_quote (self->out, route->path);
        }
        zooid_buffer_text (self->out, is_same ? "," : ":{");
        path = route->path;
        s_enter_actor (self, route->actor);
        s_write_operation (self, route);
    }
    const endpoint_t *endpoints = NULL;
    size_t count = endpoints_all (&endpoints);
    for (size_t index = 0; index < count; index++) {
        zooid_buffer_text (self->out, path ? "}," : "");
        path = endpoints [index].path;
        zooid_buffer_format (self->out, "\"%s\":{\"get\":{\"tags\":[\"gateway\"],\"summary\":", path);
        s_quote (self->out, endpoints [index].doc);
        s_write_security (self->out, endpoints [index].scope);
        zooid_buffer_text (
            self->out,
            ",\"responses\":{\"200\":{\"description\":\"Done\"},\"default\":{\"$ref\":\"#/components/responses/Problem\"}}}");
    }
    zooid_buffer_text (self->out, "}");
}

//  ---- the whole

static const char head [] =
    "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Zooid\",\"version\":\"1\",\"description\":"
    "\"What the actors of this node offer, from their contracts.\"},\"servers\":[{\"url\":\"/\"}],\"paths\":{";

static const char tail [] =
    ",\"responses\":{\"Problem\":{\"description\":\"What is wrong (RFC 9457)\",\"content\":{\"application/problem+json\":"
    "{\"schema\":{\"$ref\":\"" SCHEMAS "Problem\"}}}}},"
    "\"securitySchemes\":{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\",\"bearerFormat\":\"JWT\"}}}}\n";

static const char problem_schema [] =
    "{\"type\":\"object\",\"description\":\"RFC 9457\",\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
    "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},\"instance\":{\"type\":\"string\"},\"trace_id\":{\"type\":\"string\"},"
    "\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"pointer\":{\"type\":\"string\"},\"code\":{\"type\":\"string\"},"
    "\"detail\":{\"type\":\"string\"}}}}},\"required\":[\"type\",\"title\",\"status\"]}";

void
openapi_new (openapi_t **self_p, const routes_t *routes, zooid_arena_t *arena)
{
    openapi_t *self = zooid_allocate (sizeof *self);
    writing_t *writing = zooid_allocate (sizeof *writing);
    writing->routes = routes;
    writing->arena = arena;
    writing->out = &self->text;
    writing->components [writing->count++] = (component_t) { .title = "Problem", .text = problem_schema };
    zooid_buffer_text (&self->text, head);
    s_write_paths (writing);
    zooid_buffer_text (&self->text, "},\"components\":{\"schemas\":{");
    for (size_t index = 0; index < writing->count; index++)
        zooid_buffer_format (&self->text, "%s\"%s\":%s", index ? "," : "", writing->components [index].title,
                             writing->components [index].text);
    zooid_buffer_text (&self->text, "}");
    zooid_buffer_text (&self->text, tail);
    uint64_t hash = UINT64_C (0xcbf29ce484222325);
    for (size_t index = 0; index < self->text.size; index++)
        hash = (hash ^ self->text.data [index]) * UINT64_C (0x100000001b3);
    snprintf (self->tag, sizeof self->tag, "\"%016lx\"", (unsigned long) hash);
    free (writing);
    *self_p = self;
}

void
openapi_destroy (openapi_t **self_p)
{
    if (!*self_p)
        return;
    zooid_buffer_fini (&(*self_p)->text);
    free (*self_p);
    *self_p = NULL;
}

zooid_bytes_t
openapi_text (const openapi_t *self)
{
    return (zooid_bytes_t) { .data = self->text.data, .size = self->text.size };
}

const char *
openapi_tag (const openapi_t *self)
{
    return self->tag;
}

void
openapi_answer (zooid_context_t *self, connection_t *connection)
{
    gateway_t *gateway = zooid_state (self);
    const routes_t *routes = gateway_routes (self, gateway);
    if (!gateway->openapi)
        openapi_new (&gateway->openapi, routes, zooid_arena (self));
    const char *tag = openapi_tag (gateway->openapi);
    http_text_t known = http_head_find (&connection->request.head, "if-none-match");
    bool is_known = known.data && http_list_has (known, tag);
    connection_answer (self, connection, &(response_t) {
        .status = is_known ? 304 : 200, .type = is_known ? NULL : "application/json",
        .body = is_known ? (zooid_bytes_t) { .data = NULL } : openapi_text (gateway->openapi),
        .headers = zooid_arena_format (zooid_arena (self), "ETag: %s\r\n", tag) });
}
