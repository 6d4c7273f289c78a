//  gateway/problem.c - RFC 9457: how a request that failed is told about it
#include "problem.h"

#include <string.h>
#include <zooid/msgpack.h>

static const struct { zooid_failure_kind_t kind; int status; } statuses [] = {
    { ZOOID_FAILURE_INVALID, 422 },         { ZOOID_FAILURE_MALFORMED, 400 },    { ZOOID_FAILURE_UNAUTHENTICATED, 401 },
    { ZOOID_FAILURE_DENIED, 403 },          { ZOOID_FAILURE_NOT_FOUND, 404 },    { ZOOID_FAILURE_CONFLICT, 409 },
    { ZOOID_FAILURE_PRECONDITION, 412 },    { ZOOID_FAILURE_TOO_LARGE, 413 },    { ZOOID_FAILURE_RATE_LIMITED, 429 },
    { ZOOID_FAILURE_INTERNAL, 500 },        { ZOOID_FAILURE_OVERLOADED, 503 },   { ZOOID_FAILURE_UNAVAILABLE, 503 },
    { ZOOID_FAILURE_NO_SPACE, 507 },        { ZOOID_FAILURE_DEADLINE, 504 },     { ZOOID_FAILURE_OUTCOME_UNKNOWN, 504 },
};

//  RFC 9110 section 15.
static const struct { int status; const char *title; } titles [] = {
    { 101, "Switching Protocols" }, { 200, "OK" }, { 201, "Created" }, { 204, "No Content" }, { 304, "Not Modified" },
    { 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" },
    { 408, "Request Timeout" }, { 409, "Conflict" }, { 412, "Precondition Failed" }, { 413, "Content Too Large" },
    { 415, "Unsupported Media Type" }, { 417, "Expectation Failed" }, { 422, "Unprocessable Content" },
    { 426, "Upgrade Required" }, { 429, "Too Many Requests" }, { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" }, { 501, "Not Implemented" }, { 503, "Service Unavailable" }, { 504, "Gateway Timeout" },
    { 505, "HTTP Version Not Supported" }, { 507, "Insufficient Storage" },
};

int
problem_status (zooid_failure_kind_t kind)
{
    for (size_t index = 0; index < ZOOID_COUNT (statuses); index++)
        if (statuses [index].kind == kind)
            return statuses [index].status;
    return 500;
}

const char *
problem_title (int status)
{
    for (size_t index = 0; index < ZOOID_COUNT (titles); index++)
        if (titles [index].status == status)
            return titles [index].title;
    return "Unknown";
}

static void
s_member (zooid_buffer_t *out, const char *name, const char *text, size_t size)
{
    zooid_buffer_format (out, ",\"%s\":", name);
    zooid_json_quote (text, size, out);
}

static void
s_write_violations (const zooid_violations_t *violations, zooid_buffer_t *out)
{
    zooid_buffer_text (out, ",\"errors\":[");
    for (size_t index = 0; index < violations->count; index++) {
        const zooid_violation_t *item = &violations->items [index];
        zooid_buffer_text (out, index ? ",{\"pointer\":" : "{\"pointer\":");
        zooid_json_quote (item->pointer, strlen (item->pointer), out);
        s_member (out, "code", item->code, strlen (item->code));
        s_member (out, "detail", item->detail, strlen (item->detail));
        zooid_buffer_text (out, "}");
    }
    zooid_buffer_text (out, "]");
    if (violations->more)
        zooid_buffer_format (out, ",\"more_errors\":%zu", violations->more);
}

void
problem_write (const problem_t *self, zooid_buffer_t *out)
{
    const char *title = problem_title (self->status);
    zooid_buffer_format (out, "{\"type\":\"/problems/%s\"", self->name);
    s_member (out, "title", title, strlen (title));
    zooid_buffer_format (out, ",\"status\":%d", self->status);
    if (self->detail && *self->detail)
        s_member (out, "detail", self->detail, strlen (self->detail));
    if (self->instance.data)
        s_member (out, "instance", self->instance.data, self->instance.size);
    if (self->trace_id)
        s_member (out, "trace_id", self->trace_id, strlen (self->trace_id));
    if (self->violations && self->violations->count)
        s_write_violations (self->violations, out);
    else if (self->errors.size && zooid_msgpack_is_sound (self->errors)) {
        zooid_buffer_text (out, ",\"errors\":");
        (void) zooid_json_write (NULL, self->errors, out);
    }
    zooid_buffer_text (out, "}\n");
}
