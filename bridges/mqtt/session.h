//  session.h - the name of the broker's session with us, kept where the effects of its messages are kept
#ifndef MQTT_SESSION_H
#define MQTT_SESSION_H

#include <zooid/module.h>

enum { SESSION_MIGRATION_COUNT = 1 };
extern const zooid_migration_t session_migrations [SESSION_MIGRATION_COUNT];

//  Embedded in the bridge. Texts are borrowed from its settings and name.
typedef struct {
    const char *url, *client_id;
    char nonce [ZOOID_ID_SIZE];
    bool is_kept;                   //  The nonce is on disk; else it is none
} session_t;

//  In `start`: read the nonce that is kept, if any. < 0: a fault.
int
    session_load (session_t *self, zooid_context_t *context);

//  The broker says whether it still has the session. 0: self->nonce holds, go on. ZOOID_MORE: it has forgotten it, or
//  we have: one was made, and `then` runs when it is on disk; handle no message before. ZOOID_FULL: the store is, try
//  later. A node without a store keeps nothing: its effects do not outlive it either.
int
    session_resume (session_t *self, zooid_context_t *context, bool is_present, zooid_continuation_fn *then, void *state,
                    zooid_destroy_fn *destroy);

#endif
