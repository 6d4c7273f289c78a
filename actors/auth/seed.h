//  seed.h - the users that are there without anybody having made them: admin, and those of development
#ifndef SEED_H
#define SEED_H

#include "user.h"

//  In the actor's start: see to it that an administrator exists and that the password which the environment names
//  holds. auth_t.settled is set when what it took is committed.
int
    seed_start (zooid_context_t *self);
//  A user's password is another now: what told the first one of admin is removed.
int
    seed_password_changed (zooid_context_t *self, const user_t *user);

#endif
