//  trie.h - who subscribed to what: patterns over dotted topics
#ifndef TRIE_H
#define TRIE_H

#include <stdatomic.h>
#include <zooid/actor.h>

//  One subscription of one actor. Counted: the trie holds it, and each event on its way.
typedef struct subscription {
    atomic_uint references;
    atomic_size_t waiting;              //  Events on their way or in the mailbox
    atomic_uint_fast64_t dropped;       //  Shed so far, by senders and by the subscriber
    size_t limit;
    zooid_overflow_t overflow;
    zooid_ref_t to;
    uint64_t id;
    const zooid_subscription_t *declared;   //  In a contract; NULL: made by code, with
    zooid_event_fn *handler;                //  this handler
    void *state;
    char *pattern;
    atomic_bool ended;
} subscription_t;

subscription_t *
    subscription_keep (subscription_t *self);
void
    subscription_destroy (subscription_t **self_p);

typedef struct trie trie_t;
void
    trie_new (trie_t **self_p);
void
    trie_destroy (trie_t **self_p);
//  Holds the subscription until it is removed. Not [any]: the caller excludes others.
void
    trie_add (trie_t *self, subscription_t *subscription);
void
    trie_remove (trie_t *self, subscription_t *subscription);
typedef void (trie_fn) (void *state, subscription_t *subscription);
//  Each subscription that the topic falls under, once. Several threads may match at once.
void
    trie_match (const trie_t *self, const char *topic, trie_fn *found, void *state);
//  Each subscription, once.
void
    trie_each (const trie_t *self, trie_fn *found, void *state);
//  Nothing is in it.
bool
    trie_is_empty (const trie_t *self);

#endif
