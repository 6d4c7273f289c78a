//  What the compiler cannot see of a contract's tables, looked at once, when an actor of it is spawned. The first thing
//  that is wrong is told by the row it is in; whoever writes contracts mends them one by one anyway.
#include <zooid/contract.h>

#include "name.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BODY_MAX = 64 * 1024 * 1024, WORD_MAX = 64 };

typedef struct {
    const zooid_contract_t *contract;
    zooid_arena_t *arena;
    const char *why;
} checker_t;

//  Always false: "row: what is wrong".
static bool ZOOID_PRINTF (3, 4)
s_wrong (checker_t *self, const char *row, const char *format, ...)
{
    char what [512];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (what, sizeof what, format, arguments);
    va_end (arguments);
    const char *why = zooid_arena_format (self->arena, "%s: %s", row ? row : "(a row without a name)", what);
    self->why = why ? why : "out of memory";
    return false;
}

static bool
s_is_made_of (const char *text, const char *characters)
{
    return text && *text && strspn (text, characters) == strlen (text) && strlen (text) <= WORD_MAX;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static bool
s_check_record (checker_t *self, const char *row, const char *role, const zooid_record_t *record)
{
    const char *why;
    if (!record || zooid_record_check (record, self->arena, &why) == 0)
        return true;
    return s_wrong (self, row, "%s %s", role, why);
}

static bool
s_check_scope (checker_t *self, const char *row, const char *scope)
{
    return s_is_made_of (scope, LOWER DIGITS "_.:-")
        || s_wrong (self, row, "needs a .scope, like \"content:write\" or \"public\"");
}

//  ---- HTTP bindings: "METHOD /path", with {field} and @ as whole segments

static const zooid_field_t *
s_field (const zooid_record_t *record, const char *name, size_t size)
{
    for (size_t i = 0; record && i < record->field_count; i++)
        if (strlen (record->fields [i].name) == size && memcmp (record->fields [i].name, name, size) == 0)
            return &record->fields [i];
    return NULL;
}

//  What stands in a path is one text, and always there.
static bool
s_check_parameter (checker_t *self, const zooid_operation_t *operation, const char *name, size_t size)
{
    const zooid_field_t *field = s_field (operation->takes, name, size);
    if (!field)
        return s_wrong (self, operation->name, "its path has {%.*s}, which is no field of what it takes", (int) size,
                        name);
    if (field->optional || field->nullable || field->type >= ZOOID_TYPE_RECORD)
        return s_wrong (self, operation->name, "its path has {%s}, which must be required and one text", field->name);
    if (field->in != ZOOID_IN_DEFAULT && field->in != ZOOID_IN_PATH)
        return s_wrong (self, operation->name, "its path has {%s}, which the table has elsewhere", field->name);
    return true;
}

static bool
s_path_has (const char *path, const char *name)
{
    char parameter [WORD_MAX + 4];
    snprintf (parameter, sizeof parameter, "/{%s}", name);
    const char *at = strstr (path, parameter);
    return at != NULL && (at [strlen (parameter)] == '/' || !at [strlen (parameter)]);
}

static bool
s_check_segment (checker_t *self, const zooid_operation_t *operation, const char *segment, size_t size,
                 const char *rest)
{
    static const char plain [] = LOWER DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._~";
    if (size == 1 && *segment == '@')
        return true;
    if (size > 2 && *segment == '{' && segment [size - 1] == '}') {
        char again [WORD_MAX + 1];
        snprintf (again, sizeof again, "%.*s", (int) (size - 2), segment + 1);
        if (s_path_has (rest, again))
            return s_wrong (self, operation->name, "its path has {%s} twice", again);
        return s_check_parameter (self, operation, segment + 1, size - 2);
    }
    if (!size || strspn (segment, plain) < size)
        return s_wrong (self, operation->name, "\"%.*s\" cannot stand in a path: a word, {field} or @", (int) size,
                        segment);
    return true;
}

static bool
s_check_path (checker_t *self, const zooid_operation_t *operation, const char *path)
{
    if (*path != '/')
        return s_wrong (self, operation->name, ".http is a method, a space and a path, like \"GET /api/devices\"");
    while (*path) {
        const char *segment = path + 1;
        size_t size = strcspn (segment, "/");
        path = segment + size;
        if (!s_check_segment (self, operation, segment, size, path))
            return false;
    }
    return true;
}

static bool
s_check_places (checker_t *self, const zooid_operation_t *operation, const char *path, bool body)
{
    for (size_t i = 0; operation->takes && i < operation->takes->field_count; i++) {
        const zooid_field_t *field = &operation->takes->fields [i];
        if (field->in == ZOOID_IN_PATH && !s_path_has (path, field->name))
            return s_wrong (self, operation->name, "%s is in the path by the table, but the path has it not",
                            field->name);
        if (field->in == ZOOID_IN_BODY && !body)
            return s_wrong (self, operation->name, "%s is in the body, which a GET or DELETE does not have",
                            field->name);
    }
    return true;
}

static bool
s_check_http (checker_t *self, const zooid_operation_t *operation)
{
    static const struct { const char *name; bool body; } methods [] = {
        { "GET", false }, { "POST", true }, { "PUT", true }, { "PATCH", true }, { "DELETE", false },
    };
    const char *http = operation->http;
    if (!http)
        return true;
    size_t size = strcspn (http, " ");
    for (size_t i = 0; http [size] && i < ZOOID_COUNT (methods); i++) {
        if (strlen (methods [i].name) != size || memcmp (methods [i].name, http, size) != 0)
            continue;
        if (i == 0 && operation->kind == ZOOID_COMMAND)
            return s_wrong (self, operation->name, "is a command, and GET changes nothing");
        return s_check_path (self, operation, http + size + 1)
            && s_check_places (self, operation, http + size + 1, methods [i].body);
    }
    return s_wrong (self, operation->name, ".http begins with GET, POST, PUT, PATCH or DELETE and a space");
}

//  Would one request fit both?
static bool
s_routes_collide (const char *http, const char *other)
{
    while (*http && *other) {
        bool parameter = *http == '{' && *other == '{';
        if (!parameter && *http != *other)
            return false;
        http += parameter ? strcspn (http, "/") : 1;
        other += parameter ? strcspn (other, "/") : 1;
    }
    return !*http && !*other;
}

//  ---- rows

static bool
s_check_failures (checker_t *self, const zooid_operation_t *operation)
{
    for (size_t i = 0; i < operation->fail_count; i++) {
        const zooid_failure_t *failure = &operation->fails [i];
        if (!name_is_snake (failure->name))
            return s_wrong (self, operation->name, "the name of failure %zu is not in snake_case", i);
        if (failure->kind < ZOOID_FAILURE_INVALID || failure->kind > ZOOID_FAILURE_OUTCOME_UNKNOWN)
            return s_wrong (self, operation->name, "failure %s has no kind", failure->name);
        //  A kind's own name may be given a text of its own, not another meaning
        zooid_failure_kind_t named = zooid_failure_kind (failure->name);
        if (strcmp (zooid_failure_kind_name (named), failure->name) == 0 && named != failure->kind)
            return s_wrong (self, operation->name, "failure %s has the name of another kind", failure->name);
        for (size_t j = 0; j < i; j++)
            if (strcmp (failure->name, operation->fails [j].name) == 0)
                return s_wrong (self, operation->name, "failure %s stands there twice", failure->name);
    }
    return true;
}

static bool
s_check_operation (checker_t *self, size_t index)
{
    const zooid_operation_t *operation = &self->contract->operations [index];
    size_t prefix = strlen (self->contract->name);
    const char *name = operation->name;
    if (!name || strncmp (name, self->contract->name, prefix) != 0 || name [prefix] != '.'
        || !name_is_snake (name + prefix + 1))
        return s_wrong (self, name, "an operation is named \"%s.\" and a verb in snake_case", self->contract->name);
    if (operation->kind < ZOOID_COMMAND || operation->kind > ZOOID_STREAM)
        return s_wrong (self, name, "needs a .kind");
    if (!operation->handler)
        return s_wrong (self, name, "has no .handler");
    if (operation->deadline_ms < 0)
        return s_wrong (self, name, "its deadline is below zero");
    if (operation->body_max > BODY_MAX)
        return s_wrong (self, name, "its body_max is above %d bytes", BODY_MAX);
    if (operation->fail_count && !operation->fails)
        return s_wrong (self, name, "has a count of failures, but no table");
    for (size_t i = 0; i < index; i++) {
        const zooid_operation_t *other = &self->contract->operations [i];
        if (strcmp (name, other->name) == 0)
            return s_wrong (self, name, "stands there twice");
        if (operation->http && other->http && s_routes_collide (operation->http, other->http))
            return s_wrong (self, name, "has the route of %s", other->name);
    }
    return s_check_scope (self, name, operation->scope) && s_check_record (self, name, "takes", operation->takes)
        && s_check_record (self, name, "gives", operation->gives) && s_check_http (self, operation)
        && s_check_failures (self, operation);
}

//  An event is published under one topic, whose words are fixed or {named}.
static bool
s_check_event (checker_t *self, size_t index)
{
    const zooid_event_t *event = &self->contract->events [index];
    if (!zooid_topic_is_pattern (event->topic) || strpbrk (event->topic, "*>"))
        return s_wrong (self, event->topic, "an event's topic has dotted words and {names}, no * and >");
    if (!event->carries)
        return s_wrong (self, event->topic, "does not say what it .carries");
    for (size_t i = 0; i < index; i++)
        if (zooid_topic_overlaps (event->topic, self->contract->events [i].topic))
            return s_wrong (self, event->topic, "a topic could be of %s too", self->contract->events [i].topic);
    return s_check_scope (self, event->topic, event->scope)
        && s_check_record (self, event->topic, "carries", event->carries);
}

static bool
s_check_subscription (checker_t *self, size_t index)
{
    const zooid_subscription_t *subscription = &self->contract->subscriptions [index];
    if (!zooid_topic_is_pattern (subscription->topic))
        return s_wrong (self, subscription->topic, "is no pattern: dotted words, *, and > at the end");
    if (!subscription->handler)
        return s_wrong (self, subscription->topic, "has no .handler");
    if (subscription->overflow != ZOOID_DROP_OLDEST && subscription->overflow != ZOOID_DROP_NEW)
        return s_wrong (self, subscription->topic, "has an .overflow that does not exist");
    return s_check_record (self, subscription->topic, "carries", subscription->carries);
}

static bool
s_check_role (checker_t *self, size_t index)
{
    const zooid_role_t *role = &self->contract->roles [index];
    if (!zooid_topic_is_name (role->role))
        return s_wrong (self, role->role, "a role is named in dotted words");
    for (size_t i = 0; role->operation && i < self->contract->operation_count; i++)
        if (strcmp (role->operation, self->contract->operations [i].name) == 0)
            return true;
    return s_wrong (self, role->role, "names no operation of this contract");
}

static bool
s_check_all (checker_t *self)
{
    const zooid_contract_t *contract = self->contract;
    const struct {
        const char *what;
        const void *table;
        size_t count;
        bool (*check) (checker_t *self, size_t index);
    } parts [] = {
        { "operations", contract->operations, contract->operation_count, s_check_operation },
        { "events", contract->events, contract->event_count, s_check_event },
        { "subscriptions", contract->subscriptions, contract->subscription_count, s_check_subscription },
        { "roles", contract->roles, contract->role_count, s_check_role },
    };
    if (!s_is_made_of (contract->name, LOWER DIGITS "_-") || *contract->name < 'a' || *contract->name > 'z')
        return s_wrong (self, contract->name, "a contract is named in lower case, like \"iot\"");
    for (size_t i = 0; i < ZOOID_COUNT (parts); i++) {
        if (parts [i].count && !parts [i].table)
            return s_wrong (self, contract->name, "has a count of %s, but no table", parts [i].what);
        for (size_t row = 0; row < parts [i].count; row++)
            if (!parts [i].check (self, row))
                return false;
    }
    return true;
}

int
zooid_contract_check (const zooid_contract_t *contract, zooid_arena_t *arena, const char **ret_why)
{
    checker_t self = { .contract = contract, .arena = arena };
    if (s_check_all (&self))
        return 0;
    if (ret_why)
        *ret_why = self.why;
    return ZOOID_INVALID;
}
