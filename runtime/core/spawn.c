//  An actor is made whole on the spawner's thread, its name and subscriptions entered, and then handed to its dispatcher,
//  which starts it. What is sent to it before then waits in its mailbox. One that an actor spawns on its own dispatcher
//  needs no handing over, and without a name nothing is entered: a million of them can be had.
#include "dispatcher.h"
#include "family.h"
#include "settings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SUBSCRIPTION_LIMIT = 1024 };

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
s_check_module (const zooid_module_t *module, zooid_arena_t *arena, const char **ret_why)
{
    int rc = zooid_module_check (module, ret_why);
    if (!rc)
        rc = zooid_contract_check (module->contract, arena, ret_why);
    return rc ? rc : s_check_support (module->contract, arena, ret_why);
}

static int
s_check (const zooid_spawn_t *spawn, zooid_arena_t *arena, const char **ret_why)
{
    if (!s_is_name (spawn->name)) {
        *ret_why = zooid_arena_format (arena, "`%s` is no name for an actor: [a-z][a-z0-9_]{0,62}", spawn->name);
        return ZOOID_INVALID;
    }
    return s_check_module (spawn->module, arena, ret_why);
}

static int
s_read_settings (actor_type_t *type, zooid_bytes_t settings, zooid_arena_t *arena, const char **ret_why)
{
    const zooid_module_t *module = type->module;
    if (!module->settings)
        return 0;
    static const uint8_t empty_map = 0x80;
    zooid_bytes_t msgpack = settings.size ? settings : (zooid_bytes_t) { &empty_map, 1 };
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t filled = { 0 };
    zooid_violations_t violations = { .count = 0 };
    zooid_arena_new (&type->settings_arena, 0);
    int rc = settings_fill (module->settings, msgpack, arena, &filled, &violations);
    void *value = zooid_arena_take (type->settings_arena, module->settings->size);
    if (!rc)
        rc = zooid_record_decode (module->settings, (zooid_bytes_t) { filled.data, filled.size }, type->settings_arena, value,
                                  &violations);
    if (!rc && module->check) {
        module->check (value, arena, &violations);
        rc = violations.count ? ZOOID_INVALID : 0;
    }
    if (rc) {
        const zooid_violation_t *first = &violations.items [0];
        *ret_why = violations.count ? zooid_arena_format (arena, "settings%s: %s", first->pointer, first->detail)
                                    : "the settings break their record";
        return ZOOID_INVALID;
    }
    type->settings = value;
    return 0;
}

//  ---- dispatchers

//  One that was made for an actor alone is his again when he comes again, and is found by no name.
static bool
s_fits (const dispatcher_t *dispatcher, const char *name, const char *actor)
{
    if (name)
        return !dispatcher->is_own && strcmp (dispatcher->name, name) == 0;
    return dispatcher->is_own && dispatcher->spawned == 0 && strncmp (dispatcher->name, actor, sizeof dispatcher->name - 1) == 0;
}

//  The lock is held.
static int
s_find_dispatcher (zooid_system_t *self, const char *name, const char *actor, dispatcher_t **ret_dispatcher)
{
    uint32_t count = atomic_load (&self->dispatcher_count);
    for (uint32_t i = 0; i < count; i++) {
        dispatcher_t *dispatcher = atomic_load (&self->dispatchers [i]);
        if (s_fits (dispatcher, name, actor)) {
            *ret_dispatcher = dispatcher;
            return 0;
        }
    }
    if (count == DISPATCHERS_MAX)
        return ZOOID_FULL;
    dispatcher_t *dispatcher = NULL;
    int rc = dispatcher_new (&dispatcher, self, count, name ? name : actor);
    if (rc)
        return rc;
    dispatcher->is_own = !name;
    atomic_store (&self->dispatchers [count], dispatcher);
    atomic_store (&self->dispatcher_count, count + 1);
    rc = dispatcher_start (dispatcher);
    *ret_dispatcher = dispatcher;
    return rc;
}

//  Find or start the dispatcher, unless one is given, and count the actor as one of it.
static int
s_claim_dispatcher (zooid_system_t *self, const zooid_spawn_t *spawn, zooid_arena_t *arena, const char **ret_why,
                    dispatcher_t **dispatcher_p)
{
    bool wants_all = spawn->module->run;
    pthread_mutex_lock (&self->spawn_lock);
    int rc = *dispatcher_p ? 0 : s_find_dispatcher (self, spawn->dispatcher, spawn->name, dispatcher_p);
    dispatcher_t *dispatcher = *dispatcher_p;
    if (rc == ZOOID_FULL)
        *ret_why = "there are as many dispatchers as there may be";
    if (!rc && (dispatcher->is_claimed || (wants_all && dispatcher->spawned > 0))) {
        *ret_why = zooid_arena_format (arena, "`%s` shares a dispatcher with an actor that brings its own loop; give it one of its own",
                                       spawn->name);
        rc = ZOOID_INVALID;
    }
    if (!rc) {
        dispatcher->spawned++;
        dispatcher->is_claimed = wants_all;
    }
    pthread_mutex_unlock (&self->spawn_lock);
    return rc;
}

void
spawn_leave_dispatcher (const zooid_context_t *actor)
{
    dispatcher_t *dispatcher = actor->dispatcher;
    if (!actor->type->is_counted)
        return;
    pthread_mutex_lock (&dispatcher->system->spawn_lock);
    dispatcher->spawned--;
    if (actor->type->module->run)
        dispatcher->is_claimed = false;
    pthread_mutex_unlock (&dispatcher->system->spawn_lock);
}

//  ---- the actor

//  Its contract's subscriptions.
static void
s_declare (zooid_context_t *self)
{
    const zooid_contract_t *contract = self->type->module->contract;
    if (contract->subscription_count == 0)
        return;
    extra_t *extra = context_extra (self);
    extra->declared = zooid_allocate (contract->subscription_count * sizeof *extra->declared);
    for (size_t i = 0; i < contract->subscription_count; i++) {
        const zooid_subscription_t *declared = &contract->subscriptions [i];
        subscription_t *subscription = zooid_allocate (sizeof *subscription);
        atomic_init (&subscription->references, 1);
        subscription->limit = declared->limit ? declared->limit : SUBSCRIPTION_LIMIT;
        subscription->overflow = declared->overflow;
        subscription->to = context_ref (self);
        subscription->declared = declared;
        subscription->pattern = zooid_duplicate (declared->topic);
        extra->declared [i] = subscription;
        registry_subscribe (self->dispatcher->system->registry, subscription);
    }
}

static void
s_adopt (dispatcher_t *self, void *state)
{
    (void) self;
    context_adopt (state);
}

//  An actor that is entered under its name; not handed over yet. dispatcher: NULL: as the spawn says.
static int
s_spawn_named (zooid_system_t *self, const zooid_spawn_t *spawn, dispatcher_t *dispatcher, zooid_arena_t *arena,
               const char **ret_why, zooid_context_t **ret_actor)
{
    int rc = s_check (spawn, arena, ret_why);
    if (!rc)
        rc = registry_check (self->registry, spawn->name, spawn->module->contract, arena, ret_why);
    if (rc)
        return rc;
    actor_type_t *type = NULL;
    type_new (&type, spawn, true);
    rc = s_read_settings (type, spawn->settings, arena, ret_why);
    if (!rc)
        rc = s_claim_dispatcher (self, spawn, arena, ret_why, &dispatcher);
    if (rc) {
        type_destroy (&type);
        return rc;
    }
    type->is_counted = true;
    zooid_context_t *actor = context_new (type, dispatcher);
    type_destroy (&type);
    zooid_offer_t offer = { actor->type->name, actor->type->node, context_ref (actor), spawn->module };
    rc = registry_add (self->registry, &offer, arena, ret_why);
    if (rc) {
        spawn_leave_dispatcher (actor);
        slots_give (self->slots, actor->slot);
        context_destroy (&actor);
        return rc;
    }
    s_declare (actor);
    *ret_actor = actor;
    return 0;
}

static void
s_enter (zooid_system_t *system, zooid_context_t *self)
{
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
    zooid_context_t *actor = NULL;
    int rc = s_spawn_named (self, spawn, NULL, arena, ret_why, &actor);
    if (rc)
        return rc;
    s_enter (self, actor);
    if (ret_ref)
        *ret_ref = context_ref (actor);
    dispatcher_give (self, actor->dispatcher->index, s_adopt, actor, NULL);
    return 0;
}

//  ---- children

static void
s_hand_over (zooid_context_t *parent, zooid_context_t *child, bool is_temporary)
{
    dispatcher_t *from = parent->dispatcher, *to = child->dispatcher;
    child->seat = family_seat (parent, context_ref (child), is_temporary);
    if (from == to) {
        context_adopt (child);
        return;
    }
    //  By the parent's own outlet: what it sends to the child comes behind.
    zooid_message_t *message = message_new_post (NULL, child, NULL);
    message->job = s_adopt;
    outlet_put (from->outlet, to->index, to->channel, &(envelope_t) { .message = message, .flags = ENVELOPE_DISPATCHER });
}

//  A child has the parent's grants, node, folder and whatever else the host gave it.
static zooid_spawn_t
s_spawn_of (const zooid_context_t *parent, const zooid_child_t *child, const char *name)
{
    const actor_type_t *type = parent->type;
    zooid_arena_t *arena = parent->dispatcher->arena;
    size_t count = zooid_principal_scope_count (type->principal);
    const char **scopes = zooid_arena_take (arena, count * sizeof *scopes);
    for (size_t i = 0; i < count; i++)
        scopes [i] = zooid_principal_scope (type->principal, i);
    return (zooid_spawn_t) {
        .name = name ? name : zooid_arena_format (arena, "%s/%s", type->name, child->module->name), .node = type->node,
        .dispatcher = child->dispatcher, .module = child->module, .settings = child->settings, .scopes = scopes,
        .scope_count = count, .sets_principal = type->sets_principal, .folder = type->folder, .attachment = type->attachment };
}

//  Whose thread it is to share; NULL: that of the dispatcher that it names, or one of its own.
static dispatcher_t *
s_dispatcher_of (zooid_context_t *parent, const zooid_child_t *child)
{
    return child->dispatcher || child->module->run ? NULL : parent->dispatcher;
}

//  A new one, for a child without a name.
static int
s_make_type (zooid_context_t *parent, const zooid_child_t *child, const char **ret_why, actor_type_t **ret_type)
{
    zooid_arena_t *arena = parent->dispatcher->arena;
    int rc = s_check_module (child->module, arena, ret_why);
    if (rc)
        return rc;
    zooid_spawn_t spawn = s_spawn_of (parent, child, NULL);
    type_new (ret_type, &spawn, false);
    rc = s_read_settings (*ret_type, child->settings, arena, ret_why);
    if (rc)
        type_destroy (ret_type);
    return rc;
}

static int
s_spawn_unnamed (zooid_context_t *parent, const zooid_child_t *child, const char **ret_why, zooid_context_t **ret_actor)
{
    dispatcher_t *dispatcher = s_dispatcher_of (parent, child);
    //  One that is spawned as the last was is of its type.
    bool is_plain = dispatcher && !child->settings.size;
    actor_type_t *type = is_plain ? family_type (parent, child->module) : NULL;
    int rc = type ? 0 : s_make_type (parent, child, ret_why, &type);
    if (!rc && is_plain)
        family_set_type (parent, type);
    if (!rc && !dispatcher) {
        zooid_spawn_t spawn = { .name = type->name, .module = child->module, .dispatcher = child->dispatcher };
        rc = s_claim_dispatcher (parent->dispatcher->system, &spawn, parent->dispatcher->arena, ret_why, &dispatcher);
        type->is_counted = !rc;
    }
    if (!rc) {
        *ret_actor = context_new (type, dispatcher);
        s_declare (*ret_actor);
    }
    type_destroy (&type);
    return rc;
}

int
zooid_spawn (zooid_context_t *self, const zooid_child_t *child, const char **ret_why, zooid_ref_t *ret_ref)
{
    dispatcher_t *dispatcher = self->dispatcher;
    const char *why = "";
    zooid_context_t *actor = NULL;
    int rc;
    if (child->name) {
        zooid_spawn_t spawn = s_spawn_of (self, child, child->name);
        rc = s_spawn_named (dispatcher->system, &spawn, s_dispatcher_of (self, child), dispatcher->arena, &why, &actor);
    }
    else
        rc = s_spawn_unnamed (self, child, &why, &actor);
    if (ret_why)
        *ret_why = why;
    if (rc)
        return rc;
    s_hand_over (self, actor, child->is_temporary);
    if (ret_ref)
        *ret_ref = context_ref (actor);
    dispatcher_settle (dispatcher);
    return 0;
}

int
zooid_stop (zooid_context_t *self, zooid_ref_t who)
{
    dispatcher_t *dispatcher = self->dispatcher;
    slot_t *slot = slots_find (dispatcher->system->slots, who);
    if (!slot || !slot_is (slot, who))
        return ZOOID_GONE;
    if (!zooid_ref_equals (who, context_ref (self)) && !family_has (self, who))
        return ZOOID_DENIED;
    dispatcher_put (dispatcher, slot, &(envelope_t) {
        .slot = who.slot, .generation = who.generation, .message = message_new_order (SYSTEM_STOP) });
    dispatcher_settle (dispatcher);
    return 0;
}
