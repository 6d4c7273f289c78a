//  czmq detaches the threads of its actors: they have signalled their end while libraries of modules (OpenSSL) still have
//  thread-local memory to give back, and a process that exits then leaks it. POSIX runs the destructors of thread-specific
//  values in rounds, as long as some are set; ours sets itself again and posts in the third, when all others had two.
#include "thread_end.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <zooid/result.h>

enum { ROUNDS = 3 };

typedef struct {
    sem_t *ended;
    int rounds;
} farewell_t;

static pthread_key_t s_key;

static void
s_destroy (void *value)
{
    farewell_t *farewell = value;
    if (++farewell->rounds < ROUNDS) {
        pthread_setspecific (s_key, farewell);
        return;
    }
    sem_t *ended = farewell->ended;
    free (farewell);
    sem_post (ended);
}

static void
s_make_key (void)
{
    int rc = pthread_key_create (&s_key, s_destroy);
    assert (rc == 0);
}

void
thread_end_announce (sem_t *ended)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once (&once, s_make_key);
    farewell_t *farewell = zooid_allocate (sizeof *farewell);
    *farewell = (farewell_t) { .ended = ended };
    int rc = pthread_setspecific (s_key, farewell);
    assert (rc == 0);
}
