//  gateway/problem.h - RFC 9457: how a request that failed is told about it
#ifndef GATEWAY_PROBLEM_H
#define GATEWAY_PROBLEM_H

#include <zooid/actor.h>
#include "http_head.h"

typedef struct {
    int status;
    const char *name;               //  "not_found": the last segment of its type
    const char *detail;             //  NULL or "": none
    http_text_t instance;           //  The path that was asked for
    const char *trace_id;           //  32 hexadecimal digits; NULL: none
    const zooid_violations_t *violations;   //  NULL: none
    zooid_bytes_t errors;           //  Or those of a failure, as msgpack
} problem_t;

//  Append it as application/problem+json.
void
    problem_write (const problem_t *self, zooid_buffer_t *out);

//  The status that a failure's kind becomes.
int
    problem_status (zooid_failure_kind_t kind);
//  The kinds' own names and those of the gateway, with a line of explanation: for /openapi.json.
const char *
    problem_title (int status);

#endif
