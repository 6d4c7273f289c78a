//  64 envelopes in one zmq_send cost about as much as one: the batch is what makes it fast. The high-water mark is off,
//  because it is no bound that can be relied upon: what may be in a channel was reserved in a mailbox first.
//
//  libzmq is not built with the thread sanitizer, so what happens before a send and after its receive is told to it here.
#include "channel.h"

#include <assert.h>
#include <czmq.h>
#include <stdlib.h>
#include <string.h>

#if defined __SANITIZE_THREAD__
void __tsan_acquire (void *address);
void __tsan_release (void *address);
#   define HAPPENS_BEFORE(address) __tsan_release (address)
#   define HAPPENS_AFTER(address) __tsan_acquire (address)
#else
#   define HAPPENS_BEFORE(address) ((void) (address))
#   define HAPPENS_AFTER(address) ((void) (address))
#endif

enum { BATCH = 64 };

struct channel {
    zsock_t *pull;
    void *socket;               //  The same, as libzmq knows it
    char endpoint [128];
    envelope_t batch [BATCH];   //  What is being received
    envelope_t *queue;          //  Virtual: a ring
    size_t first, count, capacity;
};

typedef struct {
    zsock_t *push;
    void *socket;
    channel_t *channel;
    size_t count;
    envelope_t batch [BATCH];
} pipe_t;

struct outlet {
    environment_t *environment;
    pipe_t **pipes;
    size_t pipe_count;
    uint32_t *dirty;            //  Pipes with something in their batch
    size_t dirty_count;
};

void
channel_new (channel_t **self_p, environment_t *environment, const char *name)
{
    channel_t *self = zooid_allocate (sizeof *self);
    if (!environment_is_virtual (environment)) {
        snprintf (self->endpoint, sizeof self->endpoint, "inproc://%s", name);
        self->pull = zsock_new (ZMQ_PULL);
        assert (self->pull);
        zsock_set_rcvhwm (self->pull, 0);
        int rc = zsock_bind (self->pull, "%s", self->endpoint);
        assert (rc == 0);
        self->socket = zsock_resolve (self->pull);
    }
    *self_p = self;
}

static void
s_drop (void *state, const envelope_t *envelope)
{
    (void) state;
    zooid_message_t *message = envelope->message;
    zooid_message_destroy (&message);
}

void
channel_destroy (channel_t **self_p)
{
    channel_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    while (channel_receive (self, 1024, s_drop, NULL) > 0)
        ;
    zsock_destroy (&self->pull);
    free (self->queue);
    free (self);
}

int
channel_descriptor (const channel_t *self)
{
    return self->pull ? (int) zsock_fd (self->pull) : -1;
}

bool
channel_is_empty (const channel_t *self)
{
    return self->count == 0;
}

static void
s_queue_put (channel_t *self, const envelope_t *envelope)
{
    if (self->count == self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : BATCH;
        envelope_t *queue = zooid_allocate (capacity * sizeof *queue);
        for (size_t i = 0; i < self->count; i++)
            queue [i] = self->queue [(self->first + i) % self->capacity];
        free (self->queue);
        self->queue = queue;
        self->capacity = capacity;
        self->first = 0;
    }
    self->queue [(self->first + self->count++) % self->capacity] = *envelope;
}

static size_t
s_receive_virtual (channel_t *self, size_t limit, envelope_fn *take, void *state)
{
    size_t taken = 0;
    while (self->count > 0 && taken < limit) {
        envelope_t envelope = self->queue [self->first];
        self->first = (self->first + 1) % self->capacity;
        self->count--;
        taken++;
        take (state, &envelope);
    }
    return taken;
}

size_t
channel_receive (channel_t *self, size_t limit, envelope_fn *take, void *state)
{
    if (!self->pull)
        return s_receive_virtual (self, limit, take, state);
    envelope_t *batch = self->batch;
    size_t taken = 0;
    while (taken < limit) {
        int size = zmq_recv (self->socket, batch, sizeof self->batch, ZMQ_DONTWAIT);
        if (size < 0) {
            assert (errno == EAGAIN || errno == EINTR || errno == ETERM);
            if (errno == EINTR)
                continue;
            break;
        }
        HAPPENS_AFTER (self);
        size_t count = (size_t) size / sizeof batch [0];
        for (size_t i = 0; i < count; i++)
            take (state, &batch [i]);
        taken += count;
    }
    return taken;
}

void
outlet_new (outlet_t **self_p, environment_t *environment)
{
    outlet_t *self = zooid_allocate (sizeof *self);
    self->environment = environment;
    *self_p = self;
}

void
outlet_destroy (outlet_t **self_p)
{
    outlet_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    outlet_flush (self);
    for (size_t i = 0; i < self->pipe_count; i++)
        if (self->pipes [i]) {
            zsock_destroy (&self->pipes [i]->push);
            free (self->pipes [i]);
        }
    free (self->pipes);
    free (self->dirty);
    free (self);
}

static pipe_t *
s_pipe (outlet_t *self, uint32_t index, channel_t *channel)
{
    if (index >= self->pipe_count) {
        size_t count = index + 8;
        self->pipes = realloc (self->pipes, count * sizeof *self->pipes);
        self->dirty = realloc (self->dirty, count * sizeof *self->dirty);
        assert (self->pipes && self->dirty);
        memset (self->pipes + self->pipe_count, 0, (count - self->pipe_count) * sizeof *self->pipes);
        self->pipe_count = count;
    }
    if (!self->pipes [index]) {
        pipe_t *pipe = zooid_allocate (sizeof *pipe);
        pipe->channel = channel;
        if (channel->pull) {
            pipe->push = zsock_new (ZMQ_PUSH);
            assert (pipe->push);
            zsock_set_sndhwm (pipe->push, 0);
            zsock_set_linger (pipe->push, -1);
            int rc = zsock_connect (pipe->push, "%s", channel->endpoint);
            assert (rc == 0);
            pipe->socket = zsock_resolve (pipe->push);
        }
        self->pipes [index] = pipe;
    }
    return self->pipes [index];
}

static void
s_send (pipe_t *self)
{
    if (self->count == 0)
        return;
    HAPPENS_BEFORE (self->channel);
    int rc;
    do
        rc = zmq_send (self->socket, self->batch, self->count * sizeof self->batch [0], 0);
    while (rc < 0 && errno == EINTR);
    assert (rc >= 0);
    self->count = 0;
}

void
outlet_put (outlet_t *self, uint32_t index, channel_t *channel, const envelope_t *envelope)
{
    if (environment_is_virtual (self->environment)) {
        s_queue_put (channel, envelope);
        return;
    }
    pipe_t *pipe = s_pipe (self, index, channel);
    if (pipe->count == 0)
        self->dirty [self->dirty_count++] = index;
    pipe->batch [pipe->count++] = *envelope;
    if (pipe->count == BATCH) {
        s_send (pipe);
        for (size_t i = 0; i < self->dirty_count; i++)
            if (self->dirty [i] == index) {
                self->dirty [i] = self->dirty [--self->dirty_count];
                break;
            }
    }
}

void
outlet_flush (outlet_t *self)
{
    for (size_t i = 0; i < self->dirty_count; i++)
        s_send (self->pipes [self->dirty [i]]);
    self->dirty_count = 0;
}
