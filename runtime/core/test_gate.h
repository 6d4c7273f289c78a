//  test_gate.h - a gate that a test, or an actor in a test, waits at until another thread opened it
#ifndef TEST_GATE_H
#define TEST_GATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int64_t value;          //  Sum of what it was opened with
    int opened;
} gate_t;

#define GATE_INITIAL { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0 }

void
    gate_init (gate_t *self);
//  [any]
void
    gate_open (gate_t *self, int64_t value);
//  Was it opened so often within the time? [any]
bool
    gate_opens (gate_t *self, int times, int64_t timeout_ms);
//  Fails the test when it was not within 30 s. For the test's own thread.
void
    gate_wait (gate_t *self, int times);

#endif
