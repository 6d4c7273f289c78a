//  An actor is made whole on the spawner's thread, its name and subscriptions entered, and then handed to its dispatcher
//  with the order to start. What is sent to it before then waits in its mailbox.
#include "dispatcher.h"
#include "settings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MAILBOX_LIMIT = 65536, MAILBOX_BYTES = 64 * 1024 * 1024, SUBSCRIPTION_LIMIT = 1024 };

static bool
s_is_name (const char *name)
{
    size_t size = strlen (name);
    return size >= 1 && size <= 63 && name [0] >= 'a' && name [0] <= 'z'
           && strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789_") == size;
}

//  What a contract can already say and no runtime here does yet is refused, not forgotten.
static int
s_check_support (const zooid_contract_t *contract, zooid_arena_t *arena, const char **ret_why)
{
    for (size_t i = 0; i < contract->operation_count; i++)
        if (contract->operations [i].kind == ZOOID_STREAM) {
            *ret_why = zooid_arena_format (arena, "operation `%s` is a stream: this version of the runtime has commands and queries",
                                           contract->operations [i].name);
            return ZOOID_INVALID;
        }
    for (size_t i = 0; i < contract->event_count; i++)
        if (contract->events [i].durable) {
            *ret_why = zooid_arena_format (arena, "event `%s` is durable: this version of the runtime has ephemeral events",
                                           contract->events [i].topic);
            return ZOOID_INVALID;
        }
    return 0;
}

static int
s_check (const zooid_spawn_t *spawn, zooid_arena_t *arena, const char **ret_why)
{
    if (!s_is_name (spawn->name)) {
        *ret_why = zooid_arena_format (arena, "`%s` is no name for an actor: [a-z][a-z0-9_]{0,62}", spawn->name);
        return ZOOID_INVALID;
    }
    int rc = zooid_module_check (spawn->module, ret_why);
    if (!rc)
        rc = zooid_contract_check (spawn->module->contract, arena, ret_why);
    return rc ? rc : s_check_support (spawn->module->contract, arena, ret_why);
}

static int
s_read_settings (zooid_context_t *self, const zooid_spawn_t *spawn, zooid_arena_t *arena, const char **ret_why)
{
    const zooid_record_t *record = spawn->module->settings;
    if (!record)
        return 0;
    static const uint8_t empty_map = 0x80;
    zooid_bytes_t msgpack = spawn->settings.size ? spawn->settings : (zooid_bytes_t) { &empty_map, 1 };
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t filled = { 0 };
    zooid_violations_t violations = { .count = 0 };
    int rc = settings_fill (record, msgpack, arena, &filled, &violations);
    void *settings = zooid_arena_take (self->settings_arena, record->size);
    if (!rc)
        rc = zooid_record_decode (record, (zooid_bytes_t) { filled.data, filled.size }, self->settings_arena, settings, &violations);
    if (!rc && spawn->module->check) {
        spawn->module->check (settings, arena, &violations);
        rc = violations.count ? ZOOID_INVALID : 0;
    }
    if (rc) {
        const zooid_violation_t *first = &violations.items [0];
        *ret_why = violations.count ? zooid_arena_format (arena, "settings%s: %s", first->pointer, first->detail)
                                    : "the settings break their record";
        return ZOOID_INVALID;
    }
    self->settings = settings;
    return 0;
}

static void
s_set_supervision (zooid_context_t *self, const zooid_spawn_t *spawn)
{
    self->backoff_ms = spawn->supervision.backoff_ms ? spawn->supervision.backoff_ms : 100;
    self->backoff_max_ms = spawn->supervision.backoff_max_ms ? spawn->supervision.backoff_max_ms : 10000;
    self->restarts_max = spawn->supervision.restarts ? spawn->supervision.restarts : 10;
    self->within_ms = spawn->supervision.within_ms ? spawn->supervision.within_ms : 60000;
    self->next_backoff_ms = self->backoff_ms;
    self->restarts_at_ms = zooid_allocate (self->restarts_max * sizeof *self->restarts_at_ms);
}

static void
s_declare (zooid_context_t *self)
{
    const zooid_contract_t *contract = self->module->contract;
    self->declared = zooid_allocate ((contract->subscription_count + 1) * sizeof *self->declared);
    for (size_t i = 0; i < contract->subscription_count; i++) {
        const zooid_subscription_t *declared = &contract->subscriptions [i];
        subscription_t *subscription = zooid_allocate (sizeof *subscription);
        atomic_init (&subscription->references, 1);
        subscription->limit = declared->limit ? declared->limit : SUBSCRIPTION_LIMIT;
        subscription->overflow = declared->overflow;
        subscription->to = self->ref;
        subscription->declared = declared;
        subscription->pattern = zooid_duplicate (declared->topic);
        self->declared [i] = subscription;
    }
}

static zooid_context_t *
s_make (zooid_system_t *system, const zooid_spawn_t *spawn)
{
    zooid_context_t *self = zooid_allocate (sizeof *self);
    self->system = system;
    self->module = spawn->module;
    self->name = zooid_duplicate (spawn->name);
    self->node = zooid_duplicate (spawn->node ? spawn->node : "local");
    self->folder = spawn->folder ? zooid_duplicate (spawn->folder) : NULL;
    self->attachment = spawn->attachment;
    self->sets_principal = spawn->sets_principal;
    self->has_loop = spawn->module->run;
    self->answered = true;
    self->why = zooid_duplicate ("");
    ledger_init (&self->mailbox, "mailbox");
    zooid_arena_new (&self->settings_arena, 0);
    char subject [80] = "actor:";
    strncat (subject, spawn->name, 64);
    zooid_principal_new (&self->principal, subject, spawn->scopes, spawn->scope_count, 0);
    self->turn_principal = self->principal;
    s_set_supervision (self, spawn);
    return self;
}

//  ---- dispatchers

static int
s_find_dispatcher (zooid_system_t *self, const zooid_spawn_t *spawn, dispatcher_t **ret_dispatcher)
{
    uint32_t count = atomic_load (&self->dispatcher_count);
    for (uint32_t i = 0; spawn->dispatcher && i < count; i++) {
        dispatcher_t *dispatcher = atomic_load (&self->dispatchers [i]);
        if (strcmp (dispatcher->name, spawn->dispatcher) == 0) {
            *ret_dispatcher = dispatcher;
            return 0;
        }
    }
    if (count == DISPATCHERS_MAX)
        return ZOOID_FULL;
    dispatcher_t *dispatcher = NULL;
    int rc = dispatcher_new (&dispatcher, self, count, spawn->dispatcher ? spawn->dispatcher : spawn->name);
    if (rc)
        return rc;
    atomic_store (&self->dispatchers [count], dispatcher);
    atomic_store (&self->dispatcher_count, count + 1);
    rc = dispatcher_start (dispatcher);
    *ret_dispatcher = dispatcher;
    return rc;
}

static void
s_adopt (dispatcher_t *self, void *state)
{
    zooid_context_t *actor = state;
    if (self->actor_count == self->actor_capacity) {
        self->actor_capacity = self->actor_capacity ? 2 * self->actor_capacity : 8;
        self->actors = realloc (self->actors, self->actor_capacity * sizeof (zooid_context_t *));
        assert (self->actors);
    }
    self->actors [self->actor_count++] = actor;
    if (actor->has_loop)
        self->loop.actor = actor;
    context_start (actor);
}

static void
s_enter (zooid_system_t *system, zooid_context_t *self, dispatcher_t *dispatcher)
{
    self->dispatcher = dispatcher;
    slot_t *slot = self->slot;
    const zooid_module_t *module = self->module;
    atomic_store (&slot->dispatcher, dispatcher->index);
    size_t messages = module->mailbox_limit ? module->mailbox_limit : MAILBOX_LIMIT;
    size_t bytes = module->mailbox_bytes ? module->mailbox_bytes : MAILBOX_BYTES;
    atomic_store (&slot->message_limit, messages < SLOT_MESSAGES_MAX ? messages : SLOT_MESSAGES_MAX);
    atomic_store (&slot->byte_limit, bytes < SLOT_BYTES_MAX ? bytes : SLOT_BYTES_MAX);
    atomic_store (&slot->refused, 0);
    atomic_store (&slot->dropped, 0);
    atomic_store (&slot->actor, self);
    pthread_mutex_lock (&system->lock);
    if (system->actor_count == system->actor_capacity) {
        system->actor_capacity = system->actor_capacity ? 2 * system->actor_capacity : 16;
        system->actors = realloc (system->actors, system->actor_capacity * sizeof (zooid_context_t *));
        assert (system->actors);
    }
    system->actors [system->actor_count++] = self;
    system->starting++;
    pthread_mutex_unlock (&system->lock);
}

int
zooid_system_spawn (zooid_system_t *self, const zooid_spawn_t *spawn, zooid_arena_t *arena, const char **ret_why, zooid_ref_t *ret_ref)
{
    int rc = s_check (spawn, arena, ret_why);
    if (!rc)
        rc = registry_check (self->registry, spawn->name, spawn->module->contract, arena, ret_why);
    if (rc)
        return rc;
    zooid_context_t *actor = s_make (self, spawn);
    dispatcher_t *dispatcher = NULL;
    rc = s_read_settings (actor, spawn, arena, ret_why);
    if (!rc) {
        rc = s_find_dispatcher (self, spawn, &dispatcher);
        if (rc == ZOOID_FULL)
            *ret_why = "there are as many dispatchers as there may be";
    }
    if (!rc && (dispatcher->is_claimed || (actor->has_loop && dispatcher->spawned > 0))) {
        *ret_why = zooid_arena_format (arena, "`%s` shares a dispatcher with an actor that brings its own loop; give it one of its own",
                                       spawn->name);
        rc = ZOOID_INVALID;
    }
    if (rc) {
        context_destroy (&actor);
        return rc;
    }
    actor->slot = slots_take (self->slots, &actor->ref);
    zooid_offer_t offer = { actor->name, actor->node, actor->ref, actor->module };
    s_enter (self, actor, dispatcher);
    rc = registry_add (self->registry, &offer, arena, ret_why);
    if (rc) {
        system_note_started (self);
        system_note_stopped (self, actor);
        slots_give (self->slots, actor->slot);
        context_destroy (&actor);
        return rc;
    }
    s_declare (actor);
    for (size_t i = 0; i < actor->module->contract->subscription_count; i++)
        registry_subscribe (self->registry, actor->declared [i]);
    dispatcher->spawned++;
    dispatcher->is_claimed = actor->has_loop;
    if (ret_ref)
        *ret_ref = actor->ref;
    dispatcher_give (self, dispatcher->index, s_adopt, actor, NULL);
    return 0;
}
