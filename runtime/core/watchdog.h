//  watchdog.h - handlers that take too long, seen from outside their threads
#ifndef WATCHDOG_H
#define WATCHDOG_H

#include "dispatcher.h"

int
    watchdog_new (watchdog_t **self_p, zooid_system_t *system);
void
    watchdog_destroy (watchdog_t **self_p);

//  ---- on a dispatcher's thread

//  A handler of this actor was found to take too long, and has returned.
void
    watchdog_note (zooid_context_t *self);
//  Did one lately? Then it says for how long; 0: no.
int64_t
    watchdog_overran_ms (const zooid_context_t *self);

#endif
