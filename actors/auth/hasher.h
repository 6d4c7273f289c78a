//  hasher.h - Argon2id off the actor's thread, a few at a time
//
//  A hash takes 19 MiB and a thread of the pool for tens of milliseconds. So few of them run at once, a bounded number
//  waits in order, and the rest is refused: what can be asked for by anybody can neither fill memory nor the pool.
#ifndef HASHER_H
#define HASHER_H

#include <zooid/actor.h>

#include "password.h"

//  Verify `password` against `hash`, when there is a hash; then, when that went well, make the hash of `fresh`, when
//  there is one.
typedef struct {
    char password [PASSWORD_SIZE];
    char hash [PASSWORD_HASH_SIZE];
    char fresh [PASSWORD_SIZE];
    uint8_t salt [PASSWORD_SALT_SIZE];
    char fresh_hash [PASSWORD_HASH_SIZE];       //  Made
} hashing_t;

//  Do it now, on this thread. 0, ZOOID_DENIED: not the password, < 0: as password_hash and password_verify.
int
    hashing_run (hashing_t *self);

typedef struct hasher_job hasher_job_t;

//  Embedded in the actor's state.
typedef struct {
    size_t running;
    size_t running_max;
    size_t waiting;
    hasher_job_t *first;
    hasher_job_t **last;
} hasher_t;

enum { HASHER_WAITING_MAX = 64 };

void
    hasher_init (hasher_t *self, size_t running_max);
//  What waits is destroyed; what runs is, when it has.
void
    hasher_fini (hasher_t *self);
//  `then` runs in the actor with what hashing_run returned, or ZOOID_FULL when the pool had no room after all, and
//  `state`, in which `hashing` lies, is destroyed after it. ZOOID_FULL: too many wait; the state is still yours.
ZOOID_MUST_USE int
    hasher_give (hasher_t *self, zooid_context_t *context, hashing_t *hashing, zooid_worked_fn *then, void *state,
                 zooid_destroy_fn *destroy);

#endif
