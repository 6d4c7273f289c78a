//  gateway/endpoints.c - the gateway's own paths
#include "endpoints.h"

static const endpoint_t endpoints [] = {
    { .path = "/health/live", .scope = "public", .answer = health_live, .doc = "The process runs." },
    { .path = "/health/ready", .scope = "public", .answer = health_ready, .doc = "Every actor was started; what is degraded, and why." },
    { .path = "/metrics", .scope = "metrics:read", .answer = metrics_answer, .doc = "Figures of all actors, for Prometheus." },
    { .path = "/openapi.json", .scope = "public", .answer = openapi_answer, .doc = "This description." },
    { .path = "/ws/events", .scope = "public", .answer = events_answer, .doc = "Events by WebSocket: ?topics=a.b.*,c.>" },
};

const endpoint_t *
endpoints_find (http_text_t path)
{
    for (size_t index = 0; index < ZOOID_COUNT (endpoints); index++)
        if (http_text_is (path, endpoints [index].path))
            return &endpoints [index];
    return NULL;
}

size_t
endpoints_all (const endpoint_t **ret_endpoints)
{
    *ret_endpoints = endpoints;
    return ZOOID_COUNT (endpoints);
}
