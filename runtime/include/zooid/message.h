//  zooid/message.h - a message, whom it is from, and on whose behalf
//
//  A message is immutable and counted; it is read, never changed. What a handler is given is borrowed until the turn
//  ends.
#ifndef ZOOID_MESSAGE_H
#define ZOOID_MESSAGE_H

#include <zooid/record.h>

//  Names one actor for as long as it lives, its restarts included. A plain value, compared with zooid_ref_equals;
//  { 0 } is nobody. A stale one gives ZOOID_GONE, never a crash.
typedef struct {
    uint32_t node;          //  0: this process
    uint32_t slot;          //  Its place there, which is used again
    uint32_t generation;    //  Which user of the place; 0: nobody
} zooid_ref_t;

//  Do both name the same actor, or nobody? [any]
static inline bool
zooid_ref_equals (zooid_ref_t a, zooid_ref_t b)
{
    return a.node == b.node && a.slot == b.slot && a.generation == b.generation;
}

//  Does it name nobody? [any]
static inline bool
zooid_ref_is_nobody (zooid_ref_t ref)
{
    return ref.generation == 0;
}

//  What a message is.
typedef enum {
    ZOOID_KIND_TELL = 1, ZOOID_KIND_ASK, ZOOID_KIND_REPLY, ZOOID_KIND_FAILURE, ZOOID_KIND_EVENT,
    ZOOID_KIND_CHUNK, ZOOID_KIND_CREDIT, ZOOID_KIND_END, ZOOID_KIND_CANCEL,     //  Streams
    ZOOID_KIND_POST,        //  A closure from a port or a worker; never on the wire
    ZOOID_KIND_SYSTEM,      //  Of the runtime; never from a peer
} zooid_kind_t;

//  W3C Trace Context, level 1. All zero: none.
typedef struct {
    uint8_t trace [16];     //  trace-id
    uint8_t span [8];       //  parent-id
    uint8_t flags;          //  trace-flags
} zooid_trace_t;

//  Who asked for something, and what they may do. Immutable and counted; all calls are [any].
typedef struct zooid_principal zooid_principal_t;

//  subject: "user:ID", "actor:NAME" or another kind and name, at most 255 bytes. scopes: "iot:read" and the like; "*"
//  is all of them; those behind the 256th are left out. expires_at_ms: wall clock; a request that is handled then or
//  later is refused as `unauthenticated`; 0 never. Everything is copied.
ZOOID_EXPORT void
    zooid_principal_new (zooid_principal_t **self_p, const char *subject, const char *const *scopes, size_t scope_count,
                         int64_t expires_at_ms);
//  Hold it beyond the turn in which it was borrowed; what is returned is yours to destroy. NULL of NULL.
ZOOID_EXPORT zooid_principal_t *
    zooid_principal_keep (const zooid_principal_t *self);
//  Let go of one that was made or kept. NULL is no mistake.
ZOOID_EXPORT void
    zooid_principal_destroy (zooid_principal_t **self_p);
//  "user:ID", as it was given. Borrowed, as is the scope below.
ZOOID_EXPORT const char *
    zooid_principal_subject (const zooid_principal_t *self);
//  Wall clock, ms UTC; 0: never.
ZOOID_EXPORT int64_t
    zooid_principal_expires_at_ms (const zooid_principal_t *self);
//  How many scopes it has, "public" not among them.
ZOOID_EXPORT size_t
    zooid_principal_scope_count (const zooid_principal_t *self);
//  One of them, in the order in which they were given. index is below the count.
ZOOID_EXPORT const char *
    zooid_principal_scope (const zooid_principal_t *self, size_t index);
//  Does it have the scope, by its name or by "*"? NULL has none but "public", which everybody has.
ZOOID_EXPORT bool
    zooid_principal_has (const zooid_principal_t *self, const char *scope);

//  What makes a repeat of a message known as one. `id` names it within `scope`.
typedef struct {
    const char *scope;      //  The source: "mqtt:SESSION", a device, a user
    const char *id;         //  At most 255 bytes each
    uint32_t keep;          //  Remember the last so many of the scope; 0: for the store's retention
    bool derived;           //  Made up by a source that was given none: one in the payload is better
} zooid_identity_t;

//  What is sent. All calls are [any], and what they return is borrowed from the message.
typedef struct zooid_message zooid_message_t;

//  Keep a message beyond the turn; what is returned is yours to destroy. NULL of NULL.
ZOOID_EXPORT zooid_message_t *
    zooid_message_keep (const zooid_message_t *self);
//  Let go of one that was kept. NULL is no mistake.
ZOOID_EXPORT void
    zooid_message_destroy (zooid_message_t **self_p);

//  What it is: it says which of the others it has.
ZOOID_EXPORT zooid_kind_t
    zooid_message_kind (const zooid_message_t *self);
//  A number that no other message of the process has; 0 of a post.
ZOOID_EXPORT uint64_t
    zooid_message_id (const zooid_message_t *self);
//  Who sent it. Nobody: no actor did.
ZOOID_EXPORT zooid_ref_t
    zooid_message_from (const zooid_message_t *self);
//  Operation of a tell or ask, topic of an event, name of a failure; "" of others.
ZOOID_EXPORT const char *
    zooid_message_name (const zooid_message_t *self);
//  msgpack; empty when it has none.
ZOOID_EXPORT zooid_bytes_t
    zooid_message_payload (const zooid_message_t *self);
//  On whose behalf. NULL: nobody's.
ZOOID_EXPORT const zooid_principal_t *
    zooid_message_principal (const zooid_message_t *self);
//  What makes its repeat known. NULL: none was given.
ZOOID_EXPORT const zooid_identity_t *
    zooid_message_identity (const zooid_message_t *self);
//  Never NULL; all zero: none.
ZOOID_EXPORT const zooid_trace_t *
    zooid_message_trace (const zooid_message_t *self);

#endif
