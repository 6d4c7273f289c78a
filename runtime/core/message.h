//  message.h - the message itself, and what of it only the runtime sees
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdatomic.h>
#include <zooid/actor.h>

struct dispatcher;

//  Of ZOOID_KIND_SYSTEM. Those of the first line travel with the data, in order; the others overtake it.
typedef enum {
    SYSTEM_STOP = 1, SYSTEM_MONITOR, SYSTEM_LINK, SYSTEM_UNMONITOR, SYSTEM_NOTICE,
    SYSTEM_DRAIN, SYSTEM_KILL,
    SYSTEM_RESET,                       //  End the state, and wait for
    SYSTEM_RESTART,                     //  this; behind a pause of deadline_ms
} system_order_t;

//  What few messages have. Behind the message in its block.
typedef struct {
    zooid_trace_t trace;
    const char *detail;                 //  Of a failure, and
    zooid_failure_kind_t failure_kind;
    bool has_identity;
    zooid_identity_t identity;
} message_extra_t;

typedef struct encoding encoding_t;

//  One block: this struct, its extra, the payload, then the texts. Nobody writes to it once it was sent, but for the
//  encoding of an image, which whoever needs it first makes. The header of a message with 8 bytes of payload, the block's
//  own included, is two cache lines.
struct zooid_message {
    atomic_uint references;
    zooid_kind_t kind;
    uint64_t id;
    uint64_t correlation;               //  Ask: the asker's pending entry. Reply, failure: the same back
    zooid_ref_t from;
    int64_t deadline_ms;                //  Monotonic; 0: none
    const char *name;                   //  Operation, topic; of a failure its name
    const message_extra_t *extra;       //  NULL: none of it
    union {
        struct {
            zooid_bytes_t body;         //  msgpack, or
            const zooid_record_t *image;        //  the C struct of this record
            _Atomic (encoding_t *) encoding;    //  And that as msgpack, once somebody asked for it
            zooid_principal_t *principal;
            const zooid_operation_t *operation; //  Tell, ask: what the name was resolved to
        };
        struct {                        //  Post, system
            zooid_turn_fn *turn;        //  NULL: a completion, whose entry is the correlation
            void (*job) (struct dispatcher *dispatcher, void *state);   //  Post to a dispatcher itself
            void *state;
            zooid_destroy_fn *destroy;
            system_order_t order;
            zooid_message_t *next;      //  In the queue of what is urgent
        };
    };
};

//  What a message is made of. Texts and payload are copied; NULL texts are "". principal is kept.
typedef struct {
    zooid_kind_t kind;
    uint64_t id, correlation;
    zooid_ref_t from;
    int64_t deadline_ms;
    const zooid_trace_t *trace;
    const zooid_principal_t *principal;
    const zooid_operation_t *operation;
    const char *name, *detail;
    bool name_is_static;                //  It outlives every message: not copied
    zooid_failure_kind_t failure_kind;
    const zooid_identity_t *identity;
    zooid_bytes_t payload;
    const zooid_record_t *image;        //  Not NULL: the payload is its struct (record/image.h)
} message_parts_t;

//  NULL: memory ended (a payload's size comes from outside).
zooid_message_t *
    message_new (const message_parts_t *parts);
//  A closure. What a message that was never run holds is given to its destroy.
zooid_message_t *
    message_new_post (zooid_turn_fn *turn, void *state, zooid_destroy_fn *destroy);
zooid_message_t *
    message_new_order (system_order_t order);
//  Was a mailbox charged for it at its sending? Answers and orders need no room.
static inline bool
message_is_charged (const zooid_message_t *self)
{
    return self->kind == ZOOID_KIND_TELL || self->kind == ZOOID_KIND_ASK || self->kind == ZOOID_KIND_EVENT
           || (self->kind == ZOOID_KIND_POST && self->turn);
}
//  Take a closure's state back out of it.
void
    message_disarm (zooid_message_t *self);

//  Bytes that a mailbox is charged for it.
size_t
    message_charge (const zooid_message_t *self);
//  "" and 0 of what is no failure.
const char *
    message_detail (const zooid_message_t *self);
zooid_failure_kind_t
    message_failure_kind (const zooid_message_t *self);

//  ---- the wire form

//  now_ms: monotonic, of whom encodes or decodes; a deadline crosses as what remains of it.
void
    message_encode (const zooid_message_t *self, int64_t now_ms, zooid_buffer_t *out);
//  ZOOID_INVALID: not a message of this version. The operation is not resolved.
int
    message_decode (zooid_bytes_t wire, int64_t now_ms, zooid_message_t **ret_message);

#endif
