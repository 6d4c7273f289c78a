//  The file's own shape is a set of record tables, read by the same walk as the settings of a module: so its errors have
//  the same form, and what may be written is said in one place. Names, which tables can not check against each other,
//  are checked by hand below.
#include "topology.h"
#include "nearest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

//  ---- the tables

typedef struct {
    zooid_presence_t presence;
    int64_t backoff_ms, backoff_max_ms, restarts, within_ms;
} restart_t;

static const zooid_field_t restart_fields [] = {
    ZOOID_INTEGER (restart_t, backoff_ms,     .optional = true, .unit = "ms", .integers = { true, 1, 3600000 },  .doc = "Before the first restart"),
    ZOOID_INTEGER (restart_t, backoff_max_ms, .optional = true, .unit = "ms", .integers = { true, 1, 3600000 },  .doc = "Before any restart"),
    ZOOID_INTEGER (restart_t, restarts,       .optional = true, .integers = { true, 1, 1000000 },                .doc = "So many"),
    ZOOID_INTEGER (restart_t, within_ms,      .optional = true, .unit = "ms", .integers = { true, 1, 86400000 }, .doc = "within this time, and the node ends"),
};
static const zooid_record_t restart_record = ZOOID_RECORD ("restart", restart_t, restart_fields,
    .presence = ZOOID_PRESENCE (restart_t), .doc = "When the supervisor starts the actor again");

typedef struct {
    zooid_presence_t presence;
    const char *module, *dispatcher;
    zooid_list_t grants;
    bool sets_principal;
    restart_t restart;
} actor_t;

static const zooid_field_t actor_fields [] = {
    ZOOID_STRING (actor_t, module,     .optional = true, .min_length = 1,  .doc = "Name of the module, or a path with a slash; the actor's name otherwise"),
    ZOOID_STRING (actor_t, dispatcher, .optional = true, .min_length = 1, .max_length = 63, .characters = "a-z0-9_",
                  .doc = "Actors of the same one share a thread"),
    ZOOID_LIST (actor_t, grants,       .optional = true, .max_length = 64, .doc = "Scopes of the actor itself",
                .of = ZOOID_ITEM (ZOOID_TYPE_STRING, const char *, .min_length = 1, .max_length = 127)),
    ZOOID_BOOLEAN (actor_t, sets_principal, .optional = true, .doc = "May act on behalf of others: gateway, bridges"),
    ZOOID_EMBEDDED (actor_t, restart, restart_t, .optional = true, .record = &restart_record, .doc = "When it is started again"),
};
static const zooid_record_t actor_record = ZOOID_RECORD ("actor", actor_t, actor_fields, .presence = ZOOID_PRESENCE (actor_t),
    .doc = "An actor");

typedef struct {
    zooid_presence_t presence;
    const char *listen, *key;
    zooid_list_t may, actors;
} node_t;

static const zooid_field_t node_fields [] = {
    ZOOID_LIST (node_t, actors, .max_length = 4096, .of = ZOOID_ITEM (ZOOID_TYPE_STRING, const char *, .min_length = 1, .max_length = 63),
                .doc = "Names of the actors that it runs"),
    ZOOID_STRING (node_t, listen, .optional = true, .min_length = 1, .doc = "Where other nodes reach it: tcp://HOST:PORT"),
    ZOOID_STRING (node_t, key,    .optional = true, .min_length = 40, .max_length = 40, .doc = "Its public key, Z85"),
    ZOOID_LIST (node_t, may, .optional = true, .max_length = 256, .of = ZOOID_ITEM (ZOOID_TYPE_STRING, const char *, .min_length = 1, .max_length = 255),
                .doc = "Operations that it may ask of others"),
};
static const zooid_record_t node_record = ZOOID_RECORD ("node", node_t, node_fields, .presence = ZOOID_PRESENCE (node_t), .doc = "A node");

typedef struct {
    zooid_presence_t presence;
    int64_t zooid;
    zooid_any_t nodes, actors;
} root_t;

static const zooid_field_t root_fields [] = {
    ZOOID_INTEGER (root_t, zooid, .integers = { true, 1, 1 }, .doc = "Version of the form of this file"),
    ZOOID_ANY (root_t, nodes,                    .doc = "Nodes by name"),
    ZOOID_ANY (root_t, actors, .optional = true, .doc = "Settings of actors by name"),
};
static const zooid_record_t root_record = ZOOID_RECORD ("topology", root_t, root_fields, .presence = ZOOID_PRESENCE (root_t),
    .doc = "A topology");

//  ----

struct topology {
    zooid_arena_t *arena;
    report_t *report;
    const char *file;
    const char *folder;
    value_t *root;
    topology_node_t *nodes;
    size_t node_count;
    topology_actor_t *actors;
    size_t actor_count;
    bool nodes_unread;          //  In part: what they run is not known
};

//  A fixed small thing of our own.
static void *
s_take (topology_t *self, size_t size)
{
    void *memory = zooid_arena_take (self->arena, size);
    if (!memory)
        abort ();
    return memory;
}

typedef struct {
    char *data;
    size_t size;
} text_t;

static void
s_text_fini (text_t *self)
{
    free (self->data);
}

static int
s_read_file (topology_t *self, text_t *ret_text)
{
    place_t at = { .file = self->file };
    int file = open (self->file, O_RDONLY | O_CLOEXEC);
    struct stat status = { 0 };
    if (file == -1 || fstat (file, &status)) {
        report_add (self->report, at, "%s; name a topology file", strerror (errno));
        if (file != -1)
            close (file);
        return ZOOID_INVALID;
    }
    int rc = ZOOID_INVALID;
    if (S_ISDIR (status.st_mode))
        report_add (self->report, at, "a folder; name a topology file");
    else {
        char *data = zooid_allocate (DOCUMENT_SIZE_MAX + 2);
        size_t size = 0;
        ssize_t part = 0;
        while (size <= DOCUMENT_SIZE_MAX && (part = read (file, data + size, DOCUMENT_SIZE_MAX + 1 - size)) > 0)
            size += (size_t) part;
        *ret_text = (text_t) { data, size };
        rc = part < 0 ? zooid_fault (-errno) : 0;
    }
    close (file);
    return rc;
}

static bool
s_is_name (const char *name, bool dash)
{
    size_t size = strlen (name);
    const char *rest = dash ? "abcdefghijklmnopqrstuvwxyz0123456789_-" : "abcdefghijklmnopqrstuvwxyz0123456789_";
    return size >= 1 && size <= 63 && name [0] >= 'a' && name [0] <= 'z' && strspn (name, rest) == size;
}

//  Names that the runtime gives to actors of its own.
static bool
s_is_reserved (const char *name)
{
    return strcmp (name, "control") == 0 || strcmp (name, "system") == 0;
}

static int
s_decode (topology_t *self, const zooid_record_t *record, const char *subject, const value_t *map, void *ret_value)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t msgpack = { .limit = 4 * DOCUMENT_SIZE_MAX };
    settings_t how = { .record = record, .subject = subject, .folder = "" };
    int rc = settings_read (&how, map, self->arena, self->report, &msgpack);
    if (rc)
        return rc;
    return zooid_record_decode (record, (zooid_bytes_t) { msgpack.data, msgpack.size }, self->arena, ret_value, NULL);
}

//  A map of names, or nothing. `where` is the member of the root.
static const value_t *
s_names (topology_t *self, const char *where)
{
    const member_t *member = value_find (self->root, where);
    if (!member || member->value->kind == VALUE_NULL)
        return NULL;
    if (member->value->kind == VALUE_MAP)
        return member->value;
    report_add (self->report, member->value->at, "`%s` is %s; write a map of names", where,
                value_kind_text (member->value));
    return NULL;
}

//  ---- actors

static topology_actor_t *
s_find_actor (topology_t *self, const char *name)
{
    for (size_t i = 0; i < self->actor_count; i++)
        if (strcmp (self->actors [i].name, name) == 0)
            return &self->actors [i];
    return NULL;
}

static void
s_read_actor (topology_t *self, topology_actor_t *actor, const member_t *entry)
{
    actor->module = actor->name;
    actor->module_at = actor->at;
    if (!entry) {
        value_t *nothing = s_take (self, sizeof *nothing);
        *nothing = (value_t) { .at = actor->at };
        actor->settings = nothing;
        return;
    }
    actor->settings = entry->value;
    //  Only the runtime's own keys; the others are the module's.
    value_t *own = s_take (self, sizeof *own);
    *own = (value_t) { .kind = VALUE_MAP, .at = entry->value->at };
    own->members = s_take (self, (entry->value->count + 1) * sizeof own->members [0]);
    if (entry->value->kind != VALUE_MAP && entry->value->kind != VALUE_NULL)
        own = entry->value;
    else
        for (size_t i = 0; i < entry->value->count; i++)
            for (size_t k = 0; k < ZOOID_COUNT (actor_fields); k++)
                if (strcmp (actor_fields [k].name, entry->value->members [i].key) == 0)
                    own->members [own->count++] = entry->value->members [i];
    actor_t keys = { 0 };
    if (s_decode (self, &actor_record, zooid_arena_format (self->arena, "actor %s", actor->name), own, &keys))
        return;
    if (ZOOID_HAS (&actor_record, actor_t, &keys, module)) {
        actor->module = keys.module;
        actor->module_at = value_place (own, "/module");
    }
    actor->dispatcher = keys.dispatcher;
    actor->scopes = keys.grants.items;
    actor->scope_count = keys.grants.count;
    actor->sets_principal = keys.sets_principal;
    actor->backoff_ms = keys.restart.backoff_ms;
    actor->backoff_max_ms = keys.restart.backoff_max_ms;
    actor->restarts = keys.restart.restarts;
    actor->within_ms = keys.restart.within_ms;
}

//  ---- nodes

//  Two of one name: what --set says is what is wrong, wherever it stands in the list.
static void
s_refuse_twin (topology_t *self, const topology_actor_t *first, const topology_actor_t *second)
{
    if (first->at.file != self->file && second->at.file == self->file) {
        const topology_actor_t *set = first;
        first = second;
        second = set;
    }
    const char *where = first->at.file == second->at.file
        ? zooid_arena_format (self->arena, "line %u", first->at.line)
        : zooid_arena_format (self->arena, "%s:%u:%u", first->at.file, first->at.line, first->at.column);
    report_add (self->report, second->at,
                "`%s` runs on node %s already, by %s; give it another name here, and `module: %s`", second->name,
                first->node->name, where, second->name);
}

static void
s_add_actor (topology_t *self, const topology_node_t *node, const value_t *item, const value_t *entries)
{
    const char *name = item->text;
    if (!s_is_name (name, false)) {
        report_add (self->report, item->at,
                    "`%s` is no name of an actor; lower-case letters, digits and _, a letter first, at most 63", name);
        return;
    }
    if (s_is_reserved (name)) {
        report_add (self->report, item->at, "`%s` is an actor of the runtime's own; choose another name", name);
        return;
    }
    const topology_actor_t *twin = s_find_actor (self, name);
    if (twin) {
        s_refuse_twin (self, twin, &(topology_actor_t) { .name = name, .at = item->at, .node = node });
        return;
    }
    topology_actor_t *actor = &self->actors [self->actor_count++];
    *actor = (topology_actor_t) { .name = name, .at = item->at, .node = node };
    s_read_actor (self, actor, entries ? value_find (entries, name) : NULL);
}

static bool
s_is_list_of_texts (const value_t *value)
{
    bool is_so = value->kind == VALUE_LIST;
    for (size_t i = 0; is_so && i < value->count; i++)
        is_so = value->members [i].value->kind == VALUE_SCALAR;
    return is_so;
}

static void
s_read_node (topology_t *self, const member_t *member, const value_t *entries)
{
    topology_node_t *node = &self->nodes [self->node_count++];
    *node = (topology_node_t) { .name = member->key, .at = member->at };
    if (!s_is_name (node->name, true))
        report_add (self->report, member->at,
                    "`%s` is no name of a node; lower-case letters, digits, _ and -, a letter first, at most 63",
                    node->name);
    node_t keys = { 0 };
    if (s_decode (self, &node_record, zooid_arena_format (self->arena, "node %s", node->name), member->value, &keys) == 0) {
        node->listen = keys.listen;
        node->key = keys.key;
        if (node->listen && strncmp (node->listen, "tcp://", 6) != 0)
            report_add (self->report, value_place (member->value, "/listen"),
                        "`%s` is no address of a node; write tcp://HOST:PORT", node->listen);
    }
    //  Whatever else is wrong with the node: what it runs can be read, and said to be wrong too.
    const member_t *actors = value_find (member->value, "actors");
    if (!actors || !s_is_list_of_texts (actors->value)) {
        self->nodes_unread = true;
        return;
    }
    for (size_t i = 0; i < actors->value->count; i++)
        s_add_actor (self, node, actors->value->members [i].value, entries);
}

static size_t
s_count_listed (const value_t *nodes)
{
    size_t count = 0;
    for (size_t i = 0; i < nodes->count; i++) {
        const member_t *actors = value_find (nodes->members [i].value, "actors");
        count += actors ? actors->value->count : 0;
    }
    return count;
}

static void
s_choose_hosted (topology_t *self, const char *wanted)
{
    nearest_t nearest;
    nearest_init (&nearest, wanted ? wanted : "");
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t known = { 0 };
    bool found = !wanted;
    for (size_t i = 0; i < self->node_count; i++) {
        topology_node_t *node = &self->nodes [i];
        node->hosted = !wanted || strcmp (wanted, node->name) == 0;
        found = found || node->hosted;
        nearest_offer (&nearest, node->name);
        zooid_buffer_format (&known, "%s`%s`", known.size ? ", " : "", node->name);
    }
    place_t at = { .file = self->file };
    if (!found && nearest_name (&nearest))
        report_add (self->report, at, "no node is named `%s`; did you mean `%s`?", wanted, nearest_name (&nearest));
    else if (!found)
        report_add (self->report, at, "no node is named `%s`; there are %s", wanted,
                    known.size ? zooid_buffer_string (&known) : "none");
}

//  Settings that nobody has: almost always a name that is written in two ways. Nothing is said of them while it is not
//  known what the nodes run.
static void
s_check_entries (topology_t *self, const value_t *entries)
{
    for (size_t i = 0; i < entries->count; i++) {
        const member_t *entry = &entries->members [i];
        if (s_find_actor (self, entry->key))
            continue;
        nearest_t nearest;
        nearest_init (&nearest, entry->key);
        for (size_t k = 0; k < self->actor_count; k++)
            nearest_offer (&nearest, self->actors [k].name);
        if (nearest_name (&nearest))
            report_add (self->report, entry->at,
                        "no node runs `%s`; did you mean `%s`, or add it to a node's `actors`", entry->key,
                        nearest_name (&nearest));
        else
            report_add (self->report, entry->at, "no node runs `%s`; add it to a node's `actors`, or remove this",
                        entry->key);
    }
}

static void
s_read_root (topology_t *self)
{
    if (self->root->kind == VALUE_NULL)
        report_add (self->report, self->root->at, "an empty topology; it begins with `zooid: 1` and names `nodes`");
    else {
        root_t root = { 0 };
        s_decode (self, &root_record, "a topology", self->root, &root);
    }
    const value_t *nodes = s_names (self, "nodes"), *entries = s_names (self, "actors");
    if (!nodes)
        return;
    self->nodes = s_take (self, (nodes->count + 1) * sizeof self->nodes [0]);
    self->actors = s_take (self, (s_count_listed (nodes) + 1) * sizeof self->actors [0]);
    for (size_t i = 0; i < nodes->count; i++)
        s_read_node (self, &nodes->members [i], entries);
    if (nodes->count == 0)
        report_add (self->report, nodes->at, "no node; name one: `nodes: { local: { actors: [...] } }`");
    if (entries && !self->nodes_unread)
        s_check_entries (self, entries);
}

int
topology_new (topology_t **self_p, const topology_options_t *options, report_t *report)
{
    topology_t *self = zooid_allocate (sizeof *self);
    zooid_arena_new (&self->arena, 0);
    self->report = report;
    self->file = options->file ? zooid_arena_copy (self->arena, options->file, strlen (options->file)) : "topology";
    const char *slash = options->file ? strrchr (self->file, '/') : NULL;
    self->folder = slash           ? zooid_arena_copy (self->arena, self->file,
                                             slash == self->file ? 1 : (size_t) (slash - self->file))
                             : options->file ? "."
                                   : "";
    *self_p = self;

    size_t before = report_count (report);
    ZOOID_CLEANUP (s_text_fini) text_t read = { 0 };
    int rc = options->file ? s_read_file (self, &read) : 0;
    const char *text = options->file ? read.data : options->text ? options->text : "";
    if (rc == 0)
        rc = document_read (self->file, text, options->file ? read.size : strlen (text), self->arena, report,
                            &self->root);
    for (size_t i = 0; rc == 0 && i < options->set_count; i++)
        rc = document_set (self->root, options->sets [i], self->arena, report);
    if (rc)
        return rc;
    s_read_root (self);
    if (report_count (report) == before || self->node_count)
        s_choose_hosted (self, options->node);
    return report_count (report) == before ? 0 : ZOOID_INVALID;
}

void
topology_destroy (topology_t **self_p)
{
    topology_t *self = *self_p;
    if (!self)
        return;
    zooid_arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

const topology_node_t *
topology_nodes (const topology_t *self, size_t *ret_count)
{
    *ret_count = self->node_count;
    return self->nodes;
}

const topology_actor_t *
topology_actors (const topology_t *self, size_t *ret_count)
{
    *ret_count = self->actor_count;
    return self->actors;
}

const char *
topology_folder (const topology_t *self)
{
    return self->folder;
}

const zooid_record_t *
topology_actor_record (void)
{
    return &actor_record;
}

zooid_arena_t *
topology_arena (topology_t *self)
{
    return self->arena;
}
