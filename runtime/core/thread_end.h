//  thread_end.h - when a thread that nobody can join is really over
#ifndef THREAD_END_H
#define THREAD_END_H

#include <semaphore.h>

//  On the thread itself: post `ended` when it has run the destructors of its thread-local memory. `ended` outlives it.
void
    thread_end_announce (sem_t *ended);

#endif
