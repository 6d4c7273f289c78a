//  gateway/route.c - which operation a method and a path name
//
//  Routes are few (tens), so they stand in one array, the more literal first: at the first segment in which two
//  templates differ, the one with a text there comes before the one with a capture, so the first that fits is the
//  best that fits.
#include "route.h"

#include <stdlib.h>
#include <string.h>

struct routes {
    unsigned keepers;
    route_t **items;
    size_t count, capacity;
};

static void
s_route_destroy (route_t **self_p)
{
    route_t *self = *self_p;
    if (!self)
        return;
    binding_destroy (&self->binding);
    free (self->path);
    free (self->operation);
    free (self->actor);
    free (self);
    *self_p = NULL;
}

void
routes_new (routes_t **self_p)
{
    *self_p = zooid_allocate (sizeof (routes_t));
    (*self_p)->keepers = 1;
}

routes_t *
routes_keep (routes_t *self)
{
    self->keepers++;
    return self;
}

void
routes_destroy (routes_t **self_p)
{
    routes_t *self = *self_p;
    *self_p = NULL;
    if (!self || --self->keepers)
        return;
    for (size_t index = 0; index < self->count; index++)
        s_route_destroy (&self->items [index]);
    free (self->items);
    free (self);
}

size_t
routes_count (const routes_t *self)
{
    return self->count;
}

const route_t *
routes_at (const routes_t *self, size_t index)
{
    return self->items [index];
}

//  ---- templates

static bool
s_is_capture (http_text_t segment)
{
    return segment.size > 2 && segment.data [0] == '{';
}

//  Cut "/a/b" into its segments. ZOOID_INVALID: more than there is room for, or it does not begin with '/'.
static int
s_split (http_text_t path, http_text_t segments [ROUTE_SEGMENTS_MAX], size_t *ret_count)
{
    if (path.size == 0 || path.data [0] != '/')
        return ZOOID_INVALID;
    size_t count = 0;
    for (size_t from = 1; from <= path.size;) {
        const char *slash = memchr (path.data + from, '/', path.size - from);
        size_t to = slash ? (size_t) (slash - path.data) : path.size;
        if (count == ROUTE_SEGMENTS_MAX)
            return ZOOID_INVALID;
        segments [count++] = (http_text_t) { .data = path.data + from, .size = to - from };
        from = to + 1;
    }
    *ret_count = count;
    return 0;
}

//  The template with every segment `@` replaced by the actor's name.
static char *
s_fill_in (const char *template, const char *actor)
{
    zooid_buffer_t out = { .limit = 0 };
    for (const char *at = template; *at; at++)
        if (*at == '@')
            zooid_buffer_text (&out, actor);
        else
            zooid_buffer_append (&out, at, 1);
    char *path = zooid_duplicate (zooid_buffer_string (&out));
    zooid_buffer_fini (&out);
    return path;
}

static bool
s_is_same_template (const route_t *a, const route_t *b)
{
    if (a->method != b->method || a->segment_count != b->segment_count)
        return false;
    for (size_t index = 0; index < a->segment_count; index++) {
        http_text_t one = a->segments [index], other = b->segments [index];
        if (s_is_capture (one) != s_is_capture (other))
            return false;
        if (!s_is_capture (one) && (one.size != other.size || memcmp (one.data, other.data, one.size) != 0))
            return false;
    }
    return true;
}

static int
s_read_template (route_t *self, const char *http, const char **ret_why)
{
    const char *space = strchr (http, ' ');
    self->method = space ? http_method_parse (http, (size_t) (space - http)) : (http_method_t) 0;
    if (!self->method) {
        *ret_why = "it does not begin with a method and a space";
        return ZOOID_INVALID;
    }
    self->path = s_fill_in (space + 1, self->actor);
    if (s_split ((http_text_t) { .data = self->path, .size = strlen (self->path) }, self->segments,
                 &self->segment_count)) {
        *ret_why = "its path does not begin with '/', or has more than 16 segments";
        return ZOOID_INVALID;
    }
    return 0;
}

int
routes_add (routes_t *self, const char *actor, const char *operation, const zooid_operation_t *contract,
            const char **ret_why)
{
    if (!contract->http)
        return 0;
    ZOOID_CLEANUP (s_route_destroy) route_t *route = zooid_allocate (sizeof (route_t));
    route->actor = zooid_duplicate (actor);
    route->operation = zooid_duplicate (operation);
    route->contract = contract;
    int rc = s_read_template (route, contract->http, ret_why);
    if (rc == 0)
        rc = binding_new (&route->binding, contract->takes, route->method, route->path, ret_why);
    if (rc)
        return rc;
    for (size_t index = 0; index < self->count; index++)
        if (s_is_same_template (self->items [index], route))
            return ZOOID_DUPLICATE;
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 16;
        route_t **items = zooid_allocate (self->capacity * sizeof (route_t *));
        if (self->count)
            memcpy (items, self->items, self->count * sizeof (route_t *));
        free (self->items);
        self->items = items;
    }
    self->items [self->count++] = route;
    route = NULL;
    return 0;
}

static int
s_compare (const void *one_p, const void *other_p)
{
    const route_t *one = *(route_t *const *) one_p, *other = *(route_t *const *) other_p;
    if (one->segment_count != other->segment_count)
        return one->segment_count < other->segment_count ? -1 : 1;
    for (size_t index = 0; index < one->segment_count; index++) {
        bool captures = s_is_capture (one->segments [index]), captures_too = s_is_capture (other->segments [index]);
        if (captures != captures_too)
            return captures ? 1 : -1;
    }
    int order = strcmp (one->path, other->path);
    return order ? order : (int) one->method - (int) other->method;
}

void
routes_sort (routes_t *self)
{
    if (self->count)
        qsort (self->items, self->count, sizeof (route_t *), s_compare);
}

//  ---- finding

static bool
s_fits (const route_t *route, const http_text_t *segments, size_t count, http_text_t *ret_captures)
{
    if (route->segment_count != count)
        return false;
    size_t captured = 0;
    for (size_t index = 0; index < count; index++) {
        http_text_t wanted = route->segments [index], given = segments [index];
        if (s_is_capture (wanted)) {
            if (given.size == 0)
                return false;
            ret_captures [captured++] = given;
        }
        else if (wanted.size != given.size || memcmp (wanted.data, given.data, given.size) != 0)
            return false;
    }
    return true;
}

int
routes_find (const routes_t *self, http_method_t method, http_text_t path, const route_t **ret_route,
             http_text_t *ret_captures, unsigned *ret_methods)
{
    http_text_t segments [ROUTE_SEGMENTS_MAX];
    size_t count = 0;
    *ret_methods = 0;
    if (s_split (path, segments, &count))
        return ZOOID_UNKNOWN;
    http_method_t wanted = method == HTTP_HEAD ? HTTP_GET : method;
    for (size_t index = 0; index < self->count; index++) {
        const route_t *route = self->items [index];
        if (!s_fits (route, segments, count, ret_captures))
            continue;
        if (route->method == wanted) {
            *ret_route = route;
            return 0;
        }
        *ret_methods |= route->method | (route->method == HTTP_GET ? HTTP_HEAD : 0);
    }
    return *ret_methods ? ZOOID_REFUSED : ZOOID_UNKNOWN;
}
