//  timer.h - the timers of one dispatcher: a heap by time, entries by handle
#ifndef TIMER_H
#define TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct timers timers_t;
typedef void (timer_fn) (void *owner, void *state);

void
    timers_new (timers_t **self_p);
void
    timers_destroy (timers_t **self_p);
//  Call `fire (owner, state)` once, at `at_ms`. The handle is never 0 and never names another timer later.
uint64_t
    timers_start (timers_t *self, int64_t at_ms, timer_fn *fire, void *owner, void *state);
//  One that fired or was stopped is no mistake.
void
    timers_stop (timers_t *self, uint64_t handle);
//  Fire what is due, in order of time, then of start. Returns how many.
size_t
    timers_fire (timers_t *self, int64_t now_ms);
//  When the next one is due; -1: there is none.
int64_t
    timers_next_ms (const timers_t *self);

#endif
