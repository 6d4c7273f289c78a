//  Read by every ask and publish, written when an actor comes or goes: one lock of each kind. Operations are found by
//  their full name, whose first segment is the actor's own name.
#include "registry.h"

#include "table.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    zooid_offer_t offer;
    char *actor, *node;
} record_t;

typedef struct {
    const record_t *record;
    const zooid_operation_t *operation;
    char *name;
} served_t;

struct registry {
    pthread_rwlock_t names;
    table_t *actors;            //  record_t by name
    table_t *operations;        //  served_t by full name
    table_t *roles;             //  served_t by role
    atomic_uint_fast64_t version;       //  Read without the lock
    pthread_rwlock_t topics;
    trie_t *trie;
};

void
registry_new (registry_t **self_p)
{
    registry_t *self = zooid_allocate (sizeof *self);
    //  glibc lets readers pass a waiting writer for ever: under steady publishing nobody could subscribe or stop.
    pthread_rwlockattr_t kind;
    pthread_rwlockattr_init (&kind);
    pthread_rwlockattr_setkind_np (&kind, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init (&self->names, &kind);
    pthread_rwlock_init (&self->topics, &kind);
    pthread_rwlockattr_destroy (&kind);
    table_new (&self->actors);
    table_new (&self->operations);
    table_new (&self->roles);
    trie_new (&self->trie);
    *self_p = self;
}

static void
s_record_destroy (record_t *self)
{
    free (self->actor);
    free (self->node);
    free (self);
}

static void
s_destroy_record (void *item)
{
    s_record_destroy (item);
}

static void
s_destroy_served (void *item)
{
    served_t *self = item;
    if (self) {
        free (self->name);
        free (self);
    }
}

static void
s_empty (table_t **table_p, void (*destroy) (void *item))
{
    size_t place = 0;
    for (void *item; (item = table_next (*table_p, &place));)
        destroy (item);
    table_destroy (table_p);
}

void
registry_destroy (registry_t **self_p)
{
    registry_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    s_empty (&self->operations, s_destroy_served);
    s_empty (&self->roles, s_destroy_served);
    s_empty (&self->actors, s_destroy_record);
    trie_destroy (&self->trie);
    pthread_rwlock_destroy (&self->names);
    pthread_rwlock_destroy (&self->topics);
    free (self);
}

const char *
zooid_operation_name (const char *actor, const zooid_operation_t *operation, zooid_arena_t *arena)
{
    const char *verb = strchr (operation->name, '.');
    return zooid_arena_format (arena, "%s%s", actor, verb ? verb : "");
}

static int
s_refuse (zooid_arena_t *arena, const char **ret_why, const char *what, const char *name, const char *by)
{
    *ret_why = zooid_arena_format (arena, "%s `%s` is taken by actor `%s`", what, name, by);
    return ZOOID_INVALID;
}

static void
s_insert (table_t *table, const char *name, const record_t *record, const zooid_operation_t *operation)
{
    served_t *served = zooid_allocate (sizeof *served);
    *served = (served_t) { record, operation, zooid_duplicate (name) };
    table_insert (table, served->name, served);
}

static const zooid_operation_t *
s_operation_of_role (const zooid_contract_t *contract, const zooid_role_t *role)
{
    for (size_t i = 0; i < contract->operation_count; i++)
        if (strcmp (contract->operations [i].name, role->operation) == 0)
            return &contract->operations [i];
    return NULL;
}

//  The lock is held.
static int
s_check (const registry_t *self, const char *actor, const zooid_contract_t *contract, zooid_arena_t *arena, const char **ret_why)
{
    const record_t *other = table_find (self->actors, actor);
    if (other)
        return s_refuse (arena, ret_why, "name", actor, other->actor);
    for (size_t i = 0; i < contract->role_count; i++) {
        const served_t *served = table_find (self->roles, contract->roles [i].role);
        if (served)
            return s_refuse (arena, ret_why, "role", contract->roles [i].role, served->record->actor);
    }
    return 0;
}

int
registry_check (registry_t *self, const char *actor, const zooid_contract_t *contract, zooid_arena_t *arena, const char **ret_why)
{
    pthread_rwlock_rdlock (&self->names);
    int rc = s_check (self, actor, contract, arena, ret_why);
    pthread_rwlock_unlock (&self->names);
    return rc;
}

int
registry_add (registry_t *self, const zooid_offer_t *offer, zooid_arena_t *arena, const char **ret_why)
{
    const zooid_contract_t *contract = offer->module->contract;
    pthread_rwlock_wrlock (&self->names);
    int rc = s_check (self, offer->actor, contract, arena, ret_why);
    if (!rc) {
        record_t *record = zooid_allocate (sizeof *record);
        record->actor = zooid_duplicate (offer->actor);
        record->node = zooid_duplicate (offer->node);
        record->offer = *offer;
        record->offer.actor = record->actor;
        record->offer.node = record->node;
        table_insert (self->actors, record->actor, record);
        for (size_t i = 0; i < contract->operation_count; i++)
            s_insert (self->operations, zooid_operation_name (offer->actor, &contract->operations [i], arena), record,
                      &contract->operations [i]);
        for (size_t i = 0; i < contract->role_count; i++)
            s_insert (self->roles, contract->roles [i].role, record,
                      s_operation_of_role (contract, &contract->roles [i]));
        atomic_fetch_add (&self->version, 1);
    }
    pthread_rwlock_unlock (&self->names);
    return rc;
}

static void
s_remove_served (table_t *table, const char *name)
{
    s_destroy_served (table_remove (table, name));
}

void
registry_remove (registry_t *self, const char *actor)
{
    zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    pthread_rwlock_wrlock (&self->names);
    record_t *record = table_remove (self->actors, actor);
    if (record) {
        const zooid_contract_t *contract = record->offer.module->contract;
        for (size_t i = 0; i < contract->operation_count; i++)
            s_remove_served (self->operations, zooid_operation_name (actor, &contract->operations [i], arena));
        for (size_t i = 0; i < contract->role_count; i++)
            s_remove_served (self->roles, contract->roles [i].role);
        s_record_destroy (record);
        atomic_fetch_add (&self->version, 1);
    }
    pthread_rwlock_unlock (&self->names);
    zooid_arena_destroy (&arena);
}

int
registry_find (registry_t *self, const char *actor, zooid_ref_t *ret_ref)
{
    pthread_rwlock_rdlock (&self->names);
    const record_t *record = table_find (self->actors, actor);
    if (record)
        *ret_ref = record->offer.ref;
    pthread_rwlock_unlock (&self->names);
    return record ? 0 : ZOOID_UNKNOWN;
}

int
registry_operation (registry_t *self, const char *name, zooid_ref_t *ret_ref, const zooid_operation_t **ret_operation)
{
    pthread_rwlock_rdlock (&self->names);
    const served_t *served = table_find (self->operations, name);
    if (served) {
        *ret_ref = served->record->offer.ref;
        *ret_operation = served->operation;
    }
    pthread_rwlock_unlock (&self->names);
    return served ? 0 : ZOOID_UNKNOWN;
}

int
registry_role (registry_t *self, const char *role, zooid_arena_t *arena, const char **ret_operation)
{
    pthread_rwlock_rdlock (&self->names);
    const served_t *served = table_find (self->roles, role);
    if (served)
        *ret_operation = zooid_operation_name (served->record->actor, served->operation, arena);
    pthread_rwlock_unlock (&self->names);
    return served ? 0 : ZOOID_UNKNOWN;
}

int
registry_event (registry_t *self, const char *topic, const zooid_event_t **ret_event)
{
    int rc = ZOOID_UNKNOWN;
    pthread_rwlock_rdlock (&self->names);
    size_t place = 0;
    for (const record_t *record; rc && (record = table_next (self->actors, &place));) {
        const zooid_contract_t *contract = record->offer.module->contract;
        for (size_t i = 0; rc && i < contract->event_count; i++)
            if (zooid_topic_matches (contract->events [i].topic, topic)) {
                *ret_event = &contract->events [i];
                rc = 0;
            }
    }
    pthread_rwlock_unlock (&self->names);
    return rc;
}

static int
s_by_name (const void *a, const void *b)
{
    return strcmp (((const zooid_offer_t *) a)->actor, ((const zooid_offer_t *) b)->actor);
}

size_t
registry_list (registry_t *self, zooid_arena_t *arena, const zooid_offer_t **ret_offers)
{
    pthread_rwlock_rdlock (&self->names);
    size_t count = table_count (self->actors), taken = 0;
    zooid_offer_t *offers = zooid_arena_take (arena, (count ? count : 1) * sizeof *offers);
    size_t place = 0;
    for (const record_t *record; offers && (record = table_next (self->actors, &place));) {
        zooid_offer_t *offer = &offers [taken++];
        *offer = record->offer;
        offer->actor = zooid_arena_copy (arena, record->actor, strlen (record->actor));
        offer->node = zooid_arena_copy (arena, record->node, strlen (record->node));
    }
    pthread_rwlock_unlock (&self->names);
    if (taken)
        qsort (offers, taken, sizeof *offers, s_by_name);
    *ret_offers = offers;
    return taken;
}

uint64_t
registry_version (registry_t *self)
{
    return atomic_load_explicit (&self->version, memory_order_acquire);
}

void
registry_subscribe (registry_t *self, subscription_t *subscription)
{
    pthread_rwlock_wrlock (&self->topics);
    trie_add (self->trie, subscription);
    pthread_rwlock_unlock (&self->topics);
}

void
registry_unsubscribe (registry_t *self, subscription_t *subscription)
{
    pthread_rwlock_wrlock (&self->topics);
    trie_remove (self->trie, subscription);
    pthread_rwlock_unlock (&self->topics);
}

void
registry_match (registry_t *self, const char *topic, trie_fn *found, void *state)
{
    pthread_rwlock_rdlock (&self->topics);
    trie_match (self->trie, topic, found, state);
    pthread_rwlock_unlock (&self->topics);
}

//  ---- subscriptions, to be looked at

typedef struct {
    zooid_arena_t *arena;
    zooid_subscription_figures_t *figures;
    zooid_ref_t *subscribers;
    size_t count, capacity;
} roll_t;

static void
s_count_in (void *state, subscription_t *subscription)
{
    (void) subscription;
    ((roll_t *) state)->capacity++;
}

static void
s_write_down (void *state, subscription_t *subscription)
{
    roll_t *roll = state;
    const char *pattern = zooid_arena_copy (roll->arena, subscription->pattern, strlen (subscription->pattern));
    roll->subscribers [roll->count] = subscription->to;
    roll->figures [roll->count++] = (zooid_subscription_figures_t) {
        .pattern = pattern ? pattern : "", .id = subscription->id, .overflow = subscription->overflow,
        .limit = subscription->limit, .waiting = atomic_load (&subscription->waiting),
        .dropped = atomic_load (&subscription->dropped),
    };
}

static int
s_by_ref (const void *a, const void *b)
{
    const zooid_ref_t *left = &((const zooid_offer_t *) a)->ref, *right = &((const zooid_offer_t *) b)->ref;
    if (left->slot != right->slot)
        return left->slot < right->slot ? -1 : 1;
    return left->generation == right->generation ? 0 : left->generation < right->generation ? -1 : 1;
}

static int
s_by_pattern (const void *a, const void *b)
{
    const zooid_subscription_figures_t *left = a, *right = b;
    int order = strcmp (left->pattern, right->pattern);
    order = order ? order : strcmp (left->actor, right->actor);
    return order ? order : left->id == right->id ? 0 : left->id < right->id ? -1 : 1;
}

//  Those who came or went while we looked are without a name, and left out.
static size_t
s_name_subscribers (roll_t *roll, zooid_offer_t *offers, size_t offer_count)
{
    size_t named = 0;
    if (offer_count)
        qsort (offers, offer_count, sizeof *offers, s_by_ref);
    for (size_t i = 0; offer_count && i < roll->count; i++) {
        const zooid_offer_t wanted = { .ref = roll->subscribers [i] };
        const zooid_offer_t *offer = bsearch (&wanted, offers, offer_count, sizeof *offers, s_by_ref);
        if (!offer)
            continue;
        roll->figures [named] = roll->figures [i];
        roll->figures [named++].actor = offer->actor;
    }
    return named;
}

size_t
registry_subscriptions (registry_t *self, zooid_arena_t *arena, const zooid_subscription_figures_t **ret_figures)
{
    const zooid_offer_t *offers = NULL;
    size_t offer_count = registry_list (self, arena, &offers);
    roll_t roll = { .arena = arena };
    pthread_rwlock_rdlock (&self->topics);
    trie_each (self->trie, s_count_in, &roll);
    roll.figures = zooid_arena_take (arena, (roll.capacity + 1) * sizeof *roll.figures);
    roll.subscribers = zooid_arena_take (arena, (roll.capacity + 1) * sizeof *roll.subscribers);
    if (roll.figures && roll.subscribers)
        trie_each (self->trie, s_write_down, &roll);
    pthread_rwlock_unlock (&self->topics);
    size_t count = s_name_subscribers (&roll, (zooid_offer_t *) offers, offer_count);
    if (count)
        qsort (roll.figures, count, sizeof *roll.figures, s_by_pattern);
    *ret_figures = roll.figures;
    return count;
}
