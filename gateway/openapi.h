//  gateway/openapi.h - the contracts as OpenAPI 3.1
#ifndef GATEWAY_OPENAPI_H
#define GATEWAY_OPENAPI_H

#include "route.h"

typedef struct openapi openapi_t;

//  Built once, from these routes.
void
    openapi_new (openapi_t **self_p, const routes_t *routes, zooid_arena_t *arena);
void
    openapi_destroy (openapi_t **self_p);
zooid_bytes_t
    openapi_text (const openapi_t *self);
const char *
    openapi_tag (const openapi_t *self);

#endif
