//  turnstile.h - one at a time, in the order they came
#ifndef TURNSTILE_H
#define TURNSTILE_H

#include <pthread.h>
#include <stdint.h>

//  A mutex may let the thread that has just left in again before those that wait; here nobody starves.
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    uint64_t next, serving;
} turnstile_t;

void
    turnstile_init (turnstile_t *self);
void
    turnstile_fini (turnstile_t *self);
void
    turnstile_enter (turnstile_t *self);
void
    turnstile_leave (turnstile_t *self);

#endif
