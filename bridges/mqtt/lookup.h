//  lookup.h - the addresses of a host, found on the pool
#ifndef MQTT_LOOKUP_H
#define MQTT_LOOKUP_H

#include <zooid/actor.h>

enum { LOOKUP_ADDRESS_MAX = 8, LOOKUP_ADDRESS_SIZE = 64, LOOKUP_HOST_SIZE = 256 };

typedef struct {
    char host [LOOKUP_HOST_SIZE];
    char addresses [LOOKUP_ADDRESS_MAX] [LOOKUP_ADDRESS_SIZE];      //  Numeric
    size_t count;
    char why [128];                                                 //  There is none
} lookup_t;

//  `then` is given the lookup, which ends with it, and 0. ZOOID_FULL: the pool is; try later.
int
    lookup_start (zooid_context_t *context, const char *host, zooid_worked_fn *then);

#endif
