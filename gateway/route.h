//  gateway/route.h - which operation a method and a path name
//
//  A table made from the contracts of all actors, and made anew when the directory changes.
#ifndef GATEWAY_ROUTE_H
#define GATEWAY_ROUTE_H

#include <zooid/contract.h>
#include "bind.h"

enum { ROUTE_SEGMENTS_MAX = 16 };

typedef struct {
    http_method_t method;
    char *path;                     //  The template: "/api/devices/{device}", `@` filled in
    char *operation;                //  Full name
    char *actor;
    const zooid_operation_t *contract;
    binding_t *binding;             //  Where its arguments come from
    size_t segment_count;
    http_text_t segments [ROUTE_SEGMENTS_MAX];      //  Of path; a capture keeps its braces
} route_t;

typedef struct routes routes_t;

//  Counted: a request keeps the table that it was found in.
void
    routes_new (routes_t **self_p);
routes_t *
    routes_keep (routes_t *self);
void
    routes_destroy (routes_t **self_p);
//  Add what `contract` serves by HTTP. 0: added, or not served. ZOOID_INVALID: *ret_why (static) says what is wrong
//  with its path. ZOOID_DUPLICATE: another operation has that method and path.
int
    routes_add (routes_t *self, const char *actor, const char *operation, const zooid_operation_t *contract, const char **ret_why);
//  Put the more literal path first; once, after the last was added.
void
    routes_sort (routes_t *self);
size_t
    routes_count (const routes_t *self);
const route_t *
    routes_at (const routes_t *self, size_t index);

//  Find the route; `ret_captures` (BINDING_CAPTURES_MAX) gets the path's captures, still encoded. ZOOID_UNKNOWN: no
//  such path. ZOOID_REFUSED: not with this method; *ret_methods has those it takes. A HEAD finds a GET.
int
    routes_find (const routes_t *self, http_method_t method, http_text_t path, const route_t **ret_route,
                 http_text_t *ret_captures, unsigned *ret_methods);

#endif
