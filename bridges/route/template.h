//  template.h - a text with places for what a pattern took: "iot.telemetry.{>}", "{payload}", "room-{1}"
#ifndef ROUTE_TEMPLATE_H
#define ROUTE_TEMPLATE_H

#include "route/pattern.h"

typedef struct template template_t;

//  Whether {payload} may stand there: it can be an argument, never part of a topic.
typedef enum { TEMPLATE_OF_ARGUMENT = 1, TEMPLATE_OF_TOPIC } template_use_t;

//  ZOOID_INVALID: *ret_why, in the arena, says all that is wrong: places that the pattern does not fill,
//  or that are none.
int
    template_new (template_t **self_p, const char *text, const pattern_shape_t *shape, template_use_t use,
                  zooid_arena_t *arena, const char **ret_why);
void
    template_destroy (template_t **self_p);

//  A template that is one place alone gives the captured bytes themselves; any other is written to `scratch`, which is
//  cleared first. Borrowed from either. scratch->failed: memory or its limit ended.
zooid_bytes_t
    template_fill (const template_t *self, const pattern_captures_t *captures, zooid_buffer_t *scratch);

#endif
