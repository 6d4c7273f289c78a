//  gateway/endpoints.h - the gateway's own paths
#ifndef GATEWAY_ENDPOINTS_H
#define GATEWAY_ENDPOINTS_H

#include "request.h"

//  NULL: not one of ours.
const endpoint_t *
    endpoints_find (http_text_t path);
size_t
    endpoints_all (const endpoint_t **ret_endpoints);

//  ---- what answers them

endpoint_fn health_live, health_ready, metrics_answer, openapi_answer, events_answer;

#endif
