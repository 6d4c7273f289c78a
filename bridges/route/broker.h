//  broker.h - what a bridge knows of its broker: state, last error, and when to try again
#ifndef ROUTE_BROKER_H
#define ROUTE_BROKER_H

#include "route/backoff.h"
#include "route/route.h"

//  ---- address

enum { BROKER_HOST_SIZE = 256 };

typedef struct {
    char host [BROKER_HOST_SIZE];   //  Without the brackets of an IPv6 address
    int port;
} broker_address_t;

//  SCHEME://HOST[:PORT]. ZOOID_INVALID: *ret_why, a constant. A user or password in it is refused: it would be shown.
int
    broker_address_read (const char *url, const char *scheme, int default_port, broker_address_t *ret_address,
                         const char **ret_why);

//  In `check`: as above, at "/url".
void
    broker_address_check (const char *url, const char *scheme, zooid_arena_t *arena, zooid_violations_t *violations);

//  ---- state

typedef enum { BROKER_CONNECTING = 0, BROKER_CONNECTED, BROKER_DEGRADED } broker_state_t;

//  Embedded in the bridge; zeroed, then broker_init. No other has its fields written by anybody but these calls.
typedef struct {
    const char *url;            //  Borrowed from the settings
    broker_state_t state;
    char *last_error;           //  NULL: none yet
    int64_t connects;
    backoff_t backoff;
} broker_t;

//  Health is degraded until broker_up.
void
    broker_init (broker_t *self, zooid_context_t *context, const char *url);
void
    broker_fini (broker_t *self);
void
    broker_up (broker_t *self, zooid_context_t *context);
//  The connection was lost or could not be made: ms until the next attempt.
int64_t
    broker_down (broker_t *self, zooid_context_t *context, const char *why);
//  It is there, but messages cannot be passed on; NULL: they can again.
void
    broker_hold (broker_t *self, zooid_context_t *context, const char *why);

//  ---- operation `status`

extern const zooid_record_t bridge_status_record;

//  Reply with state and ledgers.
int
    broker_reply_status (const broker_t *self, zooid_context_t *context, const routes_t *routes);

#endif
