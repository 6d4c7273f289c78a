//  gateway/bind.h - where an operation's arguments come from in a request: path, query, header, cookie, body
#ifndef GATEWAY_BIND_H
#define GATEWAY_BIND_H

#include <zooid/record.h>
#include "http_head.h"

enum { BINDING_CAPTURES_MAX = 8 };

typedef struct binding binding_t;

//  One field that is not in the body.
typedef struct {
    const zooid_field_t *field;
    zooid_place_t place;            //  ZOOID_IN_PATH, _QUERY, _HEADER or _COOKIE
    size_t capture;                 //  In a path: which
    char *name;                     //  As it stands in the request
} bound_field_t;

//  record may be NULL: nothing is taken. path: the route's template. ZOOID_INVALID: *ret_why (static).
int
    binding_new (binding_t **self_p, const zooid_record_t *record, http_method_t method, const char *path, const char **ret_why);
void
    binding_destroy (binding_t **self_p);

size_t
    binding_count (const binding_t *self);
const bound_field_t *
    binding_at (const binding_t *self, size_t index);
//  The record of the fields that come in the body; NULL: none does.
const zooid_record_t *
    binding_body (const binding_t *self);

typedef struct {
    const http_head_t *head;
    const http_text_t *captures;    //  Of the path, still encoded
    zooid_bytes_t body;
} binding_input_t;

//  Append the arguments, checked, to `out` as msgpack. ZOOID_INVALID: `violations` has all that is wrong with them.
int
    binding_read (const binding_t *self, const binding_input_t *input, zooid_arena_t *arena, zooid_buffer_t *out,
                  zooid_violations_t *violations);

#endif
