//  A loop that is not ours waits for our epoll descriptor, which is readable when anything in it is.
#include "dispatcher.h"

int
zooid_loop_descriptor (const zooid_loop_t *self)
{
    return self->dispatcher->epoll;
}

int
zooid_loop_turn (zooid_loop_t *self, size_t budget)
{
    dispatcher_t *dispatcher = self->dispatcher;
    if (self->actor->must_leave)
        return ZOOID_GONE;
    dispatcher_turn (dispatcher, budget);
    dispatcher_settle (dispatcher);
    if (self->actor->must_leave)
        return ZOOID_GONE;
    return dispatcher_has_work (dispatcher) ? ZOOID_MORE : 0;
}
