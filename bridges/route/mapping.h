//  mapping.h - arguments of an operation, made of what a message brought
#ifndef ROUTE_MAPPING_H
#define ROUTE_MAPPING_H

#include "route/problem.h"
#include "route/template.h"

typedef struct mapping mapping_t;

//  args: a map of strings, each a template, by field name. ZOOID_INVALID: `problems` has all that is wrong.
int
    mapping_new (mapping_t **self_p, const zooid_map_t *args, const pattern_shape_t *shape, problems_t *problems);
void
    mapping_destroy (mapping_t **self_p);

//  Say which record the arguments are to be: a constant of the operation that is asked, or NULL when it takes nothing.
//  ZOOID_INVALID as above: no such field, one that no text can become, or a required one that is not given.
int
    mapping_bind (mapping_t *self, const zooid_record_t *record, problems_t *problems);

//  Append the arguments as msgpack; mapping_bind was called. Bytes are taken as they are, everything else is read from
//  text as a query parameter is. ZOOID_INVALID: the message cannot be mapped; *ret_field and *ret_why, in the arena.
int
    mapping_encode (const mapping_t *self, const pattern_captures_t *captures, zooid_arena_t *arena, zooid_buffer_t *out,
                    const char **ret_field, const char **ret_why);

#endif
