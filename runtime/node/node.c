//  The node: a topology that runs.
//
//  zooid_node_new plans everything and starts nothing: what can be wrong with a configuration is said there, all of it.
//  Start goes from the outside in (folders and their locks, the system, stores, then actors), stop the other way round.
//  The built-in actors start first and so stop last: they can be asked until the end.
#include <zooid/node.h>

#include "claims.h"
#include "control.h"
#include "folder.h"
#include "inspect.h"
#include "module.h"
#include "nearest.h"
#include "topology.h"
#include "waiting.h"
#include "../store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zooid/log.h>
#include <zooid/system.h>

enum { START_TIMEOUT_MS = 30000, SETTINGS_SIZE_MAX = 4 * 1024 * 1024 };

//  A node of the topology that this process runs.
typedef struct {
    const topology_node_t *node;
    folder_t *folder;               //  NULL: nothing on disk
    store_t *store;
} hosted_t;

//  An actor that is to run.
typedef struct {
    const topology_actor_t *actor;
    const zooid_module_t *module;
    zooid_buffer_t settings;        //  Wiped when the actor has them: secrets are among them
    bool is_sound;                  //  The settings
    hosted_t *host;
} planned_t;

struct zooid_node {
    report_t *report;
    topology_t *topology;
    modules_t *modules;
    char *data;                     //  NULL: nothing on disk
    hosted_t *hosted;
    size_t hosted_count;
    planned_t *planned;
    size_t planned_count;
    zooid_arena_t *arena;
    zooid_system_t *system;
    zooid_ref_t control;
    bool stopped;
};

static void *
s_take (zooid_node_t *self, size_t size)
{
    void *memory = zooid_arena_take (self->arena, size);
    if (!memory)
        abort ();
    return memory;
}

//  ---- the plan

static void
s_wipe (zooid_buffer_t *buffer)
{
    if (buffer->data)
        explicit_bzero (buffer->data, buffer->capacity);
    zooid_buffer_fini (buffer);
}

//  A setting that the runtime reads itself would never reach the module.
static void
s_check_setting_names (zooid_node_t *self, const planned_t *planned)
{
    const zooid_record_t *own = topology_actor_record (), *settings = planned->module->settings;
    for (size_t i = 0; settings && i < settings->field_count; i++)
        for (size_t k = 0; k < own->field_count; k++)
            if (strcmp (settings->fields [i].name, own->fields [k].name) == 0)
                report_add (self->report, planned->actor->module_at,
                            "module `%s` has a setting `%s`, which the runtime reads itself; rename it in the module",
                            planned->module->name, own->fields [k].name);
}

static settings_t
s_how (zooid_node_t *self, const planned_t *planned)
{
    return (settings_t) {
        .record = planned->module->settings, .also = topology_actor_record (), .check = planned->module->check,
        .check_calls = planned->module->check_calls, .folder = topology_folder (self->topology),
        .subject = zooid_arena_format (self->arena, "actor %s", planned->actor->name),
    };
}

static void
s_plan_actor (zooid_node_t *self, const topology_actor_t *actor)
{
    hosted_t *host = NULL;
    for (size_t i = 0; i < self->hosted_count; i++)
        if (self->hosted [i].node == actor->node)
            host = &self->hosted [i];
    if (!host)
        return;
    planned_t *planned = &self->planned [self->planned_count];
    *planned = (planned_t) { .actor = actor, .host = host, .settings = { .limit = SETTINGS_SIZE_MAX } };
    const char *why = "";
    if (modules_find (self->modules, actor->module, &planned->module, &why)) {
        report_add (self->report, actor->module_at, "%s", why);
        return;
    }
    self->planned_count++;
    s_check_setting_names (self, planned);
    const settings_t how = s_how (self, planned);
    planned->is_sound = settings_read (&how, actor->settings, self->arena, self->report, &planned->settings) == 0;
}

//  ---- what the actors of the plan offer each other

//  Is it that of an actor whose module was not looked at: on another node, or not found?
static bool
s_is_elsewhere (const zooid_node_t *self, const char *operation)
{
    size_t count = 0, size = strcspn (operation, ".");
    const topology_actor_t *actors = topology_actors (self->topology, &count);
    for (size_t i = 0; i < count; i++) {
        bool is_planned = false;
        for (size_t k = 0; k < self->planned_count; k++)
            is_planned |= self->planned [k].actor == &actors [i];
        if (!is_planned && strlen (actors [i].name) == size && strncmp (actors [i].name, operation, size) == 0)
            return true;
    }
    return false;
}

static int
s_find_operation (void *state, const char *name, const zooid_operation_t **ret_operation, const char **ret_nearest)
{
    zooid_node_t *self = state;
    nearest_t nearest;
    nearest_init (&nearest, name);
    for (size_t i = 0; i < self->planned_count; i++) {
        const zooid_contract_t *contract = self->planned [i].module->contract;
        for (size_t k = 0; k < contract->operation_count; k++) {
            const char *full = zooid_operation_name (self->planned [i].actor->name, &contract->operations [k], self->arena);
            if (strcmp (full, name) == 0) {
                *ret_operation = &contract->operations [k];
                return 0;
            }
            nearest_offer (&nearest, full);
        }
    }
    *ret_nearest = nearest_name (&nearest);
    return s_is_elsewhere (self, name) ? ZOOID_MORE : ZOOID_UNKNOWN;
}

static void
s_check_calls (zooid_node_t *self)
{
    const zooid_offers_t offers = { self, s_find_operation };
    for (size_t i = 0; i < self->planned_count; i++) {
        const planned_t *planned = &self->planned [i];
        const settings_t how = s_how (self, planned);
        if (planned->is_sound)
            settings_check_calls (&how, planned->actor->settings, (zooid_bytes_t) { planned->settings.data, planned->settings.size },
                                  &offers, self->arena, self->report);
    }
}

static void
s_check_claims (zooid_node_t *self)
{
    claimant_t *claimants = s_take (self, (self->planned_count + 1) * sizeof *claimants);
    for (size_t i = 0; i < self->planned_count; i++) {
        const topology_actor_t *actor = self->planned [i].actor;
        claimants [i] = (claimant_t) { actor->name, actor->node->name, actor->at, self->planned [i].module };
    }
    claims_check (claimants, self->planned_count, self->report);
}

static void
s_plan (zooid_node_t *self)
{
    size_t node_count = 0, actor_count = 0;
    const topology_node_t *nodes = topology_nodes (self->topology, &node_count);
    const topology_actor_t *actors = topology_actors (self->topology, &actor_count);
    self->hosted = s_take (self, (node_count + 1) * sizeof self->hosted [0]);
    self->planned = s_take (self, (actor_count + 1) * sizeof self->planned [0]);
    for (size_t i = 0; i < node_count; i++)
        if (nodes [i].hosted)
            self->hosted [self->hosted_count++].node = &nodes [i];
    for (size_t i = 0; i < actor_count; i++)
        s_plan_actor (self, &actors [i]);
    s_check_claims (self);
    s_check_calls (self);
}

int
zooid_node_new (zooid_node_t **self_p, const zooid_node_options_t *options)
{
    zooid_node_t *self = zooid_allocate (sizeof *self);
    *self_p = self;
    report_new (&self->report);
    zooid_arena_new (&self->arena, 0);
    if (!options->data || *options->data)
        self->data = zooid_duplicate (options->data ? options->data : "var");
    const topology_options_t how = {
        .file = options->file, .text = options->topology, .node = options->node, .sets = options->sets, .set_count = options->set_count,
    };
    int rc = topology_new (&self->topology, &how, self->report);
    modules_new (&self->modules, options->modules, options->module_count,
                 options->file ? topology_folder (self->topology) : NULL);
    if (rc < 0)
        return zooid_fault (rc);
    s_plan (self);
    return report_count (self->report) ? ZOOID_INVALID : 0;
}

const char *
zooid_node_errors (const zooid_node_t *self)
{
    return report_text (self->report);
}

//  ---- start

static int
s_refuse (zooid_node_t *self, place_t at, int rc, const char *why)
{
    if (rc > 0)
        report_add (self->report, at, "%s", why);
    return rc < 0 ? zooid_fault (rc) : rc ? ZOOID_INVALID : 0;
}

//  All of them, so that every data folder in use is said at once.
static int
s_open_folders (zooid_node_t *self)
{
    int rc = 0;
    for (size_t i = 0; self->data && i < self->hosted_count; i++) {
        hosted_t *host = &self->hosted [i];
        const char *why = "";
        int one = folder_new (&host->folder, self->data, host->node->name, self->arena, &why);
        one = s_refuse (self, (place_t) { 0 }, one, why);
        rc = rc ? rc : one;
    }
    return rc;
}

static int
s_open_stores (zooid_node_t *self)
{
    for (size_t i = 0; self->data && i < self->hosted_count; i++) {
        hosted_t *host = &self->hosted [i];
        const store_options_t how = {
            .path = folder_file (host->folder, "store.sqlite", self->arena), .system = self->system, .environment = ZOOID_REAL,
        };
        const char *why = "";
        int rc = store_new (&host->store, &how, self->arena, &why);
        if (rc)
            return s_refuse (self, (place_t) { 0 }, rc, why);
    }
    return 0;
}

static int
s_migrate (zooid_node_t *self)
{
    for (size_t i = 0; i < self->planned_count; i++) {
        const planned_t *planned = &self->planned [i];
        const char *why = "";
        int rc = 0;
        if (planned->host->store)
            rc = store_migrate (planned->host->store, planned->module, self->arena, &why);
        else if (planned->module->migration_count) {
            why = zooid_arena_format (self->arena, "actor `%s` keeps data, and this node has no folder; give it one: "
                                      "zooid_node_options_t.data", planned->actor->name);
            rc = ZOOID_INVALID;
        }
        if (rc)
            return s_refuse (self, planned->actor->at, rc, why);
    }
    return 0;
}

static int
s_spawn (zooid_node_t *self, const zooid_spawn_t *spawn, place_t at, zooid_ref_t *ret_ref)
{
    const char *why = "";
    int rc = zooid_system_spawn (self->system, spawn, self->arena, &why, ret_ref);
    if (rc > 0)
        report_add (self->report, at, "actor `%s`: %s", spawn->name, *why ? why : "its name is taken; choose another");
    return rc < 0 ? zooid_fault (rc) : rc ? ZOOID_INVALID : 0;
}

static int
s_spawn_own (zooid_node_t *self)
{
    const char **sockets = s_take (self, (self->hosted_count + 1) * sizeof *sockets);
    size_t count = 0;
    for (size_t i = 0; self->data && i < self->hosted_count; i++)
        sockets [count++] = folder_file (self->hosted [i].folder, CONTROL_SOCKET, self->arena);
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t settings = { 0 };
    int rc = zooid_record_encode (&control_settings, &(control_settings_t) { { sockets, count } }, &settings);
    if (rc)
        return zooid_fault (rc);
    const char *node = self->hosted [0].node->name;
    const zooid_spawn_t system = { .name = "system", .node = node, .dispatcher = "control", .module = &system_module };
    const zooid_spawn_t control = {
        .name = "control", .node = node, .dispatcher = "control", .module = &control_module, .sets_principal = true,
        .settings = { settings.data, settings.size },
    };
    zooid_ref_t ref;
    rc = s_spawn (self, &system, (place_t) { 0 }, &ref);
    return rc ? rc : s_spawn (self, &control, (place_t) { 0 }, &self->control);
}

static int
s_spawn_planned (zooid_node_t *self, planned_t *planned)
{
    const topology_actor_t *actor = planned->actor;
    const char *folder = NULL, *why = "";
    int rc = planned->host->folder ? folder_actor (planned->host->folder, actor->name, self->arena, &folder, &why) : 0;
    if (rc)
        return s_refuse (self, actor->at, rc, why);
    //  What an earlier run listened on.
    if (folder)
        unlink (zooid_arena_format (self->arena, "%s/listen", folder));
    const zooid_spawn_t spawn = {
        .name = actor->name, .node = actor->node->name, .dispatcher = actor->dispatcher, .module = planned->module,
        .settings = { planned->settings.data, planned->settings.size }, .scopes = actor->scopes, .scope_count = actor->scope_count,
        .sets_principal = actor->sets_principal, .folder = folder,
        .attachment = planned->host->store ? store_attach (planned->host->store, planned->module) : NULL,
        .supervision = { .backoff_ms = actor->backoff_ms, .backoff_max_ms = actor->backoff_max_ms,
                         .restarts = (uint32_t) actor->restarts, .within_ms = actor->within_ms },
    };
    zooid_ref_t ref;
    rc = s_spawn (self, &spawn, actor->at, &ref);
    s_wipe (&planned->settings);
    return rc;
}

static int
s_spawn_all (zooid_node_t *self)
{
    int rc = s_spawn_own (self);
    for (size_t i = 0; rc >= 0 && i < self->planned_count; i++) {
        int one = s_spawn_planned (self, &self->planned [i]);
        rc = rc ? rc : one;
    }
    return rc;
}

int
zooid_node_start (zooid_node_t *self)
{
    if (self->system || report_count (self->report) || self->hosted_count == 0)
        return zooid_fault (-EINVAL);
    int rc = s_open_folders (self);
    if (rc)
        return rc;
    rc = zooid_system_new (&self->system, &(zooid_system_options_t) { .environment = ZOOID_REAL });
    if (rc)
        return zooid_fault (rc);
    rc = s_open_stores (self);
    rc = rc ? rc : s_migrate (self);
    rc = rc ? rc : s_spawn_all (self);
    if (rc)
        return rc;
    rc = zooid_system_wait_started (self->system, START_TIMEOUT_MS);
    if (rc == ZOOID_MORE)
        zooid_log (NULL, ZOOID_WARN, "start_slow", ZOOID_NUMBER ("waited_ms", START_TIMEOUT_MS));
    return rc < 0 ? zooid_fault (rc) : 0;
}

int
zooid_node_descriptor (const zooid_node_t *self)
{
    return self->system ? zooid_system_escalation_descriptor (self->system) : -1;
}

//  ---- stop

int
zooid_node_stop (zooid_node_t *self, int64_t timeout_ms)
{
    if (!self->system || self->stopped)
        return 0;
    self->stopped = true;
    int rc = zooid_system_stop (self->system, timeout_ms);
    for (size_t i = 0; i < self->hosted_count; i++)
        if (self->hosted [i].store)
            store_stop (self->hosted [i].store);
    return rc;
}

void
zooid_node_destroy (zooid_node_t **self_p)
{
    zooid_node_t *self = *self_p;
    if (!self)
        return;
    zooid_node_stop (self, 0);
    zooid_system_destroy (&self->system);
    for (size_t i = 0; i < self->hosted_count; i++) {
        store_destroy (&self->hosted [i].store);
        folder_destroy (&self->hosted [i].folder);
    }
    for (size_t i = 0; i < self->planned_count; i++)
        s_wipe (&self->planned [i].settings);
    modules_destroy (&self->modules);
    report_destroy (&self->report);
    topology_destroy (&self->topology);
    zooid_arena_destroy (&self->arena);
    free (self->data);
    free (self);
    *self_p = NULL;
}

//  ---- ask from outside

int
zooid_node_ask (zooid_node_t *self, const char *operation, const char *json, int64_t timeout_ms, char **ret_json)
{
    return waiting_ask (self->system, self->control, operation, json, timeout_ms, ret_json);
}
