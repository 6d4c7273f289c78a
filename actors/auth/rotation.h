//  rotation.h - the keyring over time: made at the first start, a key added when the last one is old
#ifndef ROTATION_H
#define ROTATION_H

#include <zooid/actor.h>

//  In the actor's start: load the keyring, or make it, and look at its age now and every hour.
int
    rotation_start (zooid_context_t *self);

#endif
