//  gateway/origins.h - from which pages a WebSocket may be opened (RFC 6454)
#ifndef GATEWAY_ORIGINS_H
#define GATEWAY_ORIGINS_H

#include "http_head.h"

typedef struct origins origins_t;

void
    origins_new (origins_t **self_p);
void
    origins_destroy (origins_t **self_p);
//  "https://zooid.example": exactly this one.
void
    origins_add (origins_t *self, const char *origin);
//  The origins of pages that a listener serves: "http://127.0.0.1:8000" is http://localhost:8000 too.
void
    origins_add_listener (origins_t *self, const char *url);
bool
    origins_has (const origins_t *self, http_text_t origin);

#endif
