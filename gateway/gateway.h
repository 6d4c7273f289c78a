//  gateway/gateway.h - the gateway's state: what its parts share
#ifndef GATEWAY_GATEWAY_H
#define GATEWAY_GATEWAY_H

#include <zooid/directory.h>
#include "events.h"
#include "identity.h"
#include "listener.h"
#include "openapi.h"
#include "origins.h"
#include "response.h"
#include "route.h"

//  Who is shown /metrics: whoever has the scope metrics:read, or everybody.
typedef enum { GATEWAY_METRICS_GUARDED = 0, GATEWAY_METRICS_OPEN } gateway_metrics_t;

typedef struct {
    zooid_presence_t presence;
    zooid_list_t listen;            //  Of const char *: "http://127.0.0.1:8000"
    const char *folder;             //  Of static files; "": none
    int32_t metrics;                //  gateway_metrics_t
    const char *issuer, *audience;  //  Of tokens
    zooid_list_t origins;           //  Of const char *: beside those of the listeners
    int64_t connections_max;
    int64_t head_timeout, body_timeout, idle_timeout, send_timeout, ping;     //  ms
} gateway_settings_t;

extern const zooid_record_t gateway_settings;

typedef struct connection connection_t;

typedef struct gateway {
    const gateway_settings_t *settings;
    listeners_t *listeners;
    int listen_errors [LISTENERS_MAX];      //  errno by the index of `settings->listen`; 0: it is listened at
    int folder_error;               //  errno: why there are no static files; 0: nothing is wrong
    uint64_t listen_retry;          //  Timer while one of them is not; 0: none runs
    const char *keys_why;           //  Why nobody can sign in (static); NULL: they can
    connection_t *connections;      //  A list
    size_t connection_count;
    size_t body_bytes;              //  Of bodies that connections hold
    size_t answer_bytes;            //  Of answers that are not sent yet
    routes_t *routes;
    uint64_t version;               //  Of the directory, when routes were made
    identity_t *identity;
    events_t *events;
    origins_t *origins;
    openapi_t *openapi;
    zooid_principal_t *nobody;      //  On whose behalf is asked when nobody signed in
    uint64_t ticker;                //  Timer that looks at deadlines while there are connections; 0: there are none
    uint64_t chance [2];            //  Of trace ids
    int64_t date_s;
    char date [RESPONSE_DATE_SIZE];
    bool draining;
    zooid_ledger_t *requests;
    uint64_t answers [6];           //  By the first digit of their status
} gateway_t;

//  The routes of what is offered at this moment.
routes_t *
    gateway_routes (zooid_context_t *self, gateway_t *gateway);
//  Say how healthy the gateway is, of all that its parts wrote down: keys_why, listen_errors, folder_error.
void
    gateway_show_health (zooid_context_t *self, const gateway_t *gateway);
//  As an HTTP date.
const char *
    gateway_date (zooid_context_t *self, gateway_t *gateway);
//  Not for secrets: trace and span ids.
uint64_t
    gateway_chance (gateway_t *gateway);

#endif
