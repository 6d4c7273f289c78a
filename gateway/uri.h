//  gateway/uri.h - percent-encoded texts and queries
#ifndef GATEWAY_URI_H
#define GATEWAY_URI_H

#include <zooid/bytes.h>
#include "http_head.h"

typedef enum { URI_PATH = 0, URI_QUERY } uri_part_t;

//  Decode into the arena (in a query a `+` is a space). ZOOID_INVALID: a stray percent sign, a NUL, or no room.
int
    uri_decode (http_text_t text, uri_part_t part, zooid_arena_t *arena, const char **ret_text);

//  Does it mean this text? Both a name and its encoded form do.
bool
    uri_is (http_text_t text, uri_part_t part, const char *wanted, zooid_arena_t *arena);

//  Take the next NAME=VALUE of a query, both still encoded. false: there is none.
bool
    uri_query_next (http_text_t *query, http_text_t *ret_name, http_text_t *ret_value);

#endif
