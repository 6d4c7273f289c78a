//  A ticket each, served in order. The group commit holds it for as long as one commit, so one that waits here waits
//  for one commit and those who came before it.
#include "turnstile.h"

void
turnstile_init (turnstile_t *self)
{
    *self = (turnstile_t) { 0 };
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->moved, NULL);
}

void
turnstile_fini (turnstile_t *self)
{
    pthread_cond_destroy (&self->moved);
    pthread_mutex_destroy (&self->lock);
}

void
turnstile_enter (turnstile_t *self)
{
    pthread_mutex_lock (&self->lock);
    uint64_t ticket = self->next++;
    while (ticket != self->serving)
        pthread_cond_wait (&self->moved, &self->lock);
    pthread_mutex_unlock (&self->lock);
}

void
turnstile_leave (turnstile_t *self)
{
    pthread_mutex_lock (&self->lock);
    self->serving++;
    pthread_cond_broadcast (&self->moved);
    pthread_mutex_unlock (&self->lock);
}
