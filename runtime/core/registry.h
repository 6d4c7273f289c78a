//  registry.h - names: of actors, of operations, of roles; and who subscribed
#ifndef REGISTRY_H
#define REGISTRY_H

#include "trie.h"

#include <zooid/directory.h>

typedef struct registry registry_t;
void
    registry_new (registry_t **self_p);
void
    registry_destroy (registry_t **self_p);

//  All [any]. ZOOID_INVALID: name, operation or role is taken; *ret_why, in the arena, says by whom.
int
    registry_add (registry_t *self, const zooid_offer_t *offer, zooid_arena_t *arena, const char **ret_why);
//  Would registry_add refuse it?
int
    registry_check (registry_t *self, const char *actor, const zooid_contract_t *contract, zooid_arena_t *arena, const char **ret_why);
void
    registry_remove (registry_t *self, const char *actor);
int
    registry_find (registry_t *self, const char *actor, zooid_ref_t *ret_ref);
int
    registry_operation (registry_t *self, const char *name, zooid_ref_t *ret_ref, const zooid_operation_t **ret_operation);
int
    registry_role (registry_t *self, const char *role, zooid_arena_t *arena, const char **ret_operation);
int
    registry_event (registry_t *self, const char *topic, const zooid_event_t **ret_event);
size_t
    registry_list (registry_t *self, zooid_arena_t *arena, const zooid_offer_t **ret_offers);
uint64_t
    registry_version (registry_t *self);

void
    registry_subscribe (registry_t *self, subscription_t *subscription);
void
    registry_unsubscribe (registry_t *self, subscription_t *subscription);
void
    registry_match (registry_t *self, const char *topic, trie_fn *found, void *state);
size_t
    registry_subscriptions (registry_t *self, zooid_arena_t *arena, const zooid_subscription_figures_t **ret_figures);

#endif
