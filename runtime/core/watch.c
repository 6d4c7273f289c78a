//  The watch is what epoll gives back. Its descriptor may be closed and used again at once, so the watch is what says
//  whether an event still means anything.
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

struct watch {
    zooid_context_t *actor;     //  NULL: ended
    watch_t *previous, *next;   //  Of the actor
    int descriptor;
    unsigned events;
    zooid_ready_fn *handler;
    void *state;
};

static uint32_t
s_to_epoll (unsigned events)
{
    return (events & ZOOID_READABLE ? EPOLLIN : 0u) | (events & ZOOID_WRITABLE ? EPOLLOUT : 0u);
}

//  NULL: this actor watches no such one.
static watch_t *
s_find (zooid_context_t *self, int descriptor)
{
    dispatcher_t *dispatcher = self->dispatcher;
    watch_t *watch = descriptor >= 0 && (size_t) descriptor < dispatcher->watch_capacity ? dispatcher->watches [descriptor] : NULL;
    return watch && watch->actor == self ? watch : NULL;
}

static void
s_enter (zooid_context_t *self, watch_t *watch)
{
    dispatcher_t *dispatcher = self->dispatcher;
    size_t place = (size_t) watch->descriptor;
    if (place >= dispatcher->watch_capacity) {
        size_t capacity = 2 * place + 16;
        dispatcher->watches = realloc (dispatcher->watches, capacity * sizeof *dispatcher->watches);
        if (!dispatcher->watches)
            abort ();
        memset (dispatcher->watches + dispatcher->watch_capacity, 0,
                (capacity - dispatcher->watch_capacity) * sizeof *dispatcher->watches);
        dispatcher->watch_capacity = capacity;
    }
    dispatcher->watches [place] = watch;
    dispatcher->watch_count++;
    watch->actor = self;
    extra_t *extra = context_extra (self);
    watch->next = extra->watches;
    if (extra->watches)
        extra->watches->previous = watch;
    extra->watches = watch;
}

int
zooid_watch (zooid_context_t *self, int descriptor, unsigned events, zooid_ready_fn *handler, void *state)
{
    dispatcher_t *dispatcher = self->dispatcher;
    if (dispatcher->epoll < 0)
        return zooid_fault (-ENOTSUP);
    watch_t *watch = s_find (self, descriptor);
    bool is_new = !watch;
    if (is_new)
        watch = zooid_allocate (sizeof *watch);
    struct epoll_event event = { .events = s_to_epoll (events), .data.ptr = watch };
    if (epoll_ctl (dispatcher->epoll, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event)) {
        int rc = -errno;
        if (is_new)
            free (watch);
        return zooid_fault (rc);
    }
    watch->descriptor = descriptor;
    watch->events = events;
    watch->handler = handler;
    watch->state = state;
    if (is_new)
        s_enter (self, watch);
    return 0;
}

static void
s_end (zooid_context_t *self, watch_t *watch)
{
    dispatcher_t *dispatcher = self->dispatcher;
    epoll_ctl (dispatcher->epoll, EPOLL_CTL_DEL, watch->descriptor, NULL);
    dispatcher->watches [watch->descriptor] = NULL;
    dispatcher->watch_count--;
    if (watch->previous)
        watch->previous->next = watch->next;
    else
        self->extra->watches = watch->next;
    if (watch->next)
        watch->next->previous = watch->previous;
    watch->actor = NULL;
    watch->next = dispatcher->ended_watches;
    dispatcher->ended_watches = watch;
}

void
zooid_unwatch (zooid_context_t *self, int descriptor)
{
    watch_t *watch = s_find (self, descriptor);
    if (watch)
        s_end (self, watch);
}

void
watch_end_all (zooid_context_t *self)
{
    while (self->extra->watches)
        s_end (self, self->extra->watches);
}

typedef struct {
    watch_t *watch;
    unsigned events;
} ready_t;

static int
s_run (zooid_context_t *self, void *state)
{
    const ready_t *ready = state;
    return ready->watch->handler (self, ready->watch->state, ready->watch->descriptor, ready->events);
}

void
watch_fire (dispatcher_t *dispatcher, watch_t *watch, uint32_t events)
{
    (void) dispatcher;
    if (!watch->actor)
        return;
    ready_t ready = { watch, 0 };
    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
        ready.events |= ZOOID_READABLE;
    if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
        ready.events |= ZOOID_WRITABLE;
    ready.events &= watch->events;
    if (ready.events)
        context_turn (watch->actor, s_run, &ready);
}

void
watch_free_ended (dispatcher_t *dispatcher)
{
    while (dispatcher->ended_watches) {
        watch_t *watch = dispatcher->ended_watches;
        dispatcher->ended_watches = watch->next;
        free (watch);
    }
}
