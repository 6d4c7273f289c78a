//  channel.h - the transport between dispatchers: envelopes in batches
//
//  A channel is the receiving end, one a dispatcher. An outlet is the sending end of one thread; it collects envelopes
//  for each channel and sends them when a batch is full or it is flushed.
#ifndef CHANNEL_H
#define CHANNEL_H

#include "environment.h"
#include "message.h"

typedef struct subscription subscription_t;

//  What is queued: the message is shared, the envelope is not.
typedef struct {
    uint32_t slot;
    uint32_t generation;
    zooid_message_t *message;       //  Owned by the envelope
    subscription_t *subscription;   //  Of an event: counted; NULL else
    uint32_t flags;
} envelope_t;

enum {
    ENVELOPE_URGENT = 1,            //  The system lane
    ENVELOPE_DISPATCHER = 2,        //  For the dispatcher itself, whatever its slot says
};

typedef struct channel channel_t;
typedef struct outlet outlet_t;

//  name: unique in the process.
void
    channel_new (channel_t **self_p, environment_t *environment, const char *name);
void
    channel_destroy (channel_t **self_p);
//  Readable while there may be envelopes; -1 in a virtual environment.
int
    channel_descriptor (const channel_t *self);
typedef void (envelope_fn) (void *state, const envelope_t *envelope);
//  Hand what waits to `take`, at most about `limit` envelopes. Returns how many; below the limit: none waits, and the
//  descriptor tells of the next.
size_t
    channel_receive (channel_t *self, size_t limit, envelope_fn *take, void *state);
//  A virtual channel: does anything wait?
bool
    channel_is_empty (const channel_t *self);

void
    outlet_new (outlet_t **self_p, environment_t *environment);
//  What was not flushed is sent.
void
    outlet_destroy (outlet_t **self_p);
//  index: of the channel among those of the system; the same one for the same channel, always.
void
    outlet_put (outlet_t *self, uint32_t index, channel_t *channel, const envelope_t *envelope);
void
    outlet_flush (outlet_t *self);

#endif
