//  route.c - settings become routes in two steps: what can be checked alone is checked at once; what needs the contract
//  of another actor waits until that actor is there. Until then a bridge takes nothing from its source.
#include "route/route.h"

#include <zooid/log.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *const route_guarantee_names [] = { "at-most-once", "at-least-once", NULL };

static const zooid_field_t route_fields [] = {
    ZOOID_STRING (route_settings_t, from, .min_length = 1, .max_length = PATTERN_TEXT_MAX,
                  .doc = "Pattern of the topics that it takes, as the source spells them"),
    ZOOID_STRING (route_settings_t, ask, .optional = true, .max_length = 255, .doc = "Operation that it asks"),
    ZOOID_STRING (route_settings_t, to, .optional = true, .max_length = PATTERN_TEXT_MAX,
                  .doc = "Topic that it publishes on: a template"),
    ZOOID_MAP (route_settings_t, args, .optional = true, .max_length = ZOOID_FIELDS_MAX,
               .of = ZOOID_ITEM (ZOOID_TYPE_STRING, const char *),
               .doc = "Arguments of the operation: templates with {1}, {>}, {topic} and {payload}"),
    ZOOID_ENUMERATION (route_settings_t, guarantee, .optional = true, .names = route_guarantee_names,
                       .doc = "at-least-once: acknowledged only when done"),
    ZOOID_BOOLEAN (route_settings_t, retained, .optional = true, .doc = "Take retained copies too"),
};
const zooid_record_t route_settings_record = ZOOID_RECORD ("route", route_settings_t, route_fields,
    .presence = ZOOID_PRESENCE (route_settings_t), .doc = "Where messages come from and where they go");
const zooid_field_t route_settings_item = {
    .type = ZOOID_TYPE_RECORD, .size = sizeof (route_settings_t), .record = &route_settings_record,
};

#define s_has(settings_, member) ZOOID_HAS (&route_settings_record, route_settings_t, (settings_), member)

//  A subject with a blank or a wildcard would be refused, or understood as something else, by whoever takes it.
static bool
s_is_publishable (const char *template)
{
    size_t segment = 0;
    for (const char *text = template; *text; text++) {
        if (*text == '{')
            text += strcspn (text, "}") - (strchr (text, '}') == NULL);
        else if (*text == '.' && segment == 0)
            return false;
        else if (strchr (" \t\r\n*>", *text))
            return false;
        segment = *text == '.' ? 0 : segment + 1;
    }
    return segment > 0;
}

static int
s_make_ask (route_t *route, const route_settings_t *settings, const pattern_shape_t *shape, problems_t *problems)
{
    static const zooid_map_t none;
    int rc = 0;
    if (s_has (settings, to))
        rc = problems_add (problems, "to", "is not for routes of this bridge; use `ask`");
    if (s_has (settings, ask))
        route->target = zooid_duplicate (settings->ask);
    else
        rc = problems_add (problems, "ask", "is missing; it names the operation, as `iot.ingest`");
    return mapping_new (&route->mapping, s_has (settings, args) ? &settings->args : &none, shape, problems) ? ZOOID_INVALID : rc;
}

static int
s_make_to (route_t *route, const route_settings_t *settings, const pattern_shape_t *shape, problems_t *problems)
{
    const char *why = NULL;
    int rc = 0;
    if (s_has (settings, ask))
        rc = problems_add (problems, "ask", "is not for routes of this bridge; use `to`");
    if (s_has (settings, args))
        rc = problems_add (problems, "args", "is not for routes of this bridge; use `to`");
    if (!s_has (settings, to))
        return problems_add (problems, "to", "is missing; it is the topic to publish on, as `iot.telemetry.{>}`");
    if (!s_is_publishable (settings->to))
        rc = problems_add (problems, "to", "has a blank, a wildcard or an empty segment; write names and places with "
                                           "one dot between them, as `iot.telemetry.{>}`");
    if (template_new (&route->to, settings->to, shape, TEMPLATE_OF_TOPIC, problems->arena, &why))
        rc = problems_add (problems, "to", why);
    route->target = zooid_duplicate (settings->to);
    return rc;
}

static int
s_make_from (route_t *route, const route_settings_t *settings, const route_rules_t *rules, problems_t *problems,
             pattern_shape_t *ret_shape)
{
    const char *why = NULL;
    route->from = zooid_duplicate (settings->from);
    route->dialect = rules->dialect;
    if (pattern_check (rules->dialect, settings->from, ret_shape, &why))
        return problems_add (problems, "from", why);
    if (rules->dialect == &pattern_dotted && !zooid_topic_is_pattern (settings->from))
        return problems_add (problems, "from", "is not a pattern of dotted segments of [A-Za-z0-9_-], `*` and `>`; "
                                               "`iot.telemetry.*` would be right");
    return 0;
}

//  All that is wrong with it goes to `problems`.
static int
s_make (route_t *route, const route_settings_t *settings, const route_rules_t *rules, problems_t *problems)
{
    //  While nobody knows what `from` takes, every place may be right.
    pattern_shape_t shape = { .one_count = PATTERN_CAPTURES_MAX, .has_rest = true };
    int rc = s_make_from (route, settings, rules, problems, &shape);
    route->guarantee = rules->at_least_once ? ROUTE_AT_LEAST_ONCE : ROUTE_AT_MOST_ONCE;
    if (s_has (settings, guarantee))
        route->guarantee = (route_guarantee_t) settings->guarantee;
    if (route->guarantee == ROUTE_AT_LEAST_ONCE && !rules->at_least_once)
        rc = problems_add (problems, "guarantee", "can only be at-most-once with this bridge");
    if (s_has (settings, retained) && !rules->retains)
        rc = problems_add (problems, "retained", "is not for routes of this bridge; remove it");
    route->retained = s_has (settings, retained) && settings->retained;
    return (rules->asks ? s_make_ask : s_make_to) (route, settings, &shape, problems) ? ZOOID_INVALID : rc;
}

static void
s_fini (route_t *route)
{
    mapping_destroy (&route->mapping);
    template_destroy (&route->to);
    free (route->name);
    free (route->from);
    free (route->target);
}

int
routes_new (routes_t **self_p, const zooid_map_t *settings, const route_rules_t *rules, zooid_arena_t *arena,
            zooid_violations_t *violations)
{
    ZOOID_CLEANUP (routes_destroy) routes_t *self = zooid_allocate (sizeof *self);
    self->rules = rules;
    self->items = zooid_allocate ((settings->count + 1) * sizeof (route_t));
    const route_settings_t *items = settings->values;
    int rc = 0;
    for (; self->count < settings->count; self->count++) {
        route_t *route = &self->items [self->count];
        problems_t problems = { arena, violations, settings->keys [self->count] };
        route->name = zooid_duplicate (problems.route);
        rc = s_make (route, &items [self->count], rules, &problems) ? ZOOID_INVALID : rc;
    }
    if (rc)
        return rc;
    *self_p = self;
    self = NULL;
    return 0;
}

void
routes_check (const zooid_map_t *settings, const route_rules_t *rules, zooid_arena_t *arena,
              zooid_violations_t *violations)
{
    ZOOID_CLEANUP (routes_destroy) routes_t *routes = NULL;
    (void) routes_new (&routes, settings, rules, arena, violations);
}

static void
s_check_call (route_t *route, const zooid_offers_t *offers, problems_t *problems)
{
    const zooid_operation_t *operation = NULL;
    const char *nearest = NULL;
    int rc = offers->operation (offers->state, route->target, &operation, &nearest);
    if (rc == ZOOID_UNKNOWN)
        problems_add (problems, "ask",
            zooid_arena_format (problems->arena, "names `%s`, which no actor of the topology offers; %s%s%s", route->target,
                                nearest ? "did you mean `" : "add the actor, or ask another", nearest ? nearest : "",
                                nearest ? "`?" : ""));
    else if (rc == 0)
        mapping_bind (route->mapping, operation->takes, problems);
}

void
routes_check_calls (const zooid_map_t *settings, const route_rules_t *rules, const zooid_offers_t *offers,
                    zooid_arena_t *arena, zooid_violations_t *violations)
{
    const route_settings_t *items = settings->values;
    for (size_t n = 0; n < settings->count && rules->asks; n++) {
        ZOOID_CLEANUP (s_fini) route_t route = { 0 };
        zooid_violations_t said = { 0 };        //  By routes_check
        if (s_make (&route, &items [n], rules, &(problems_t) { arena, &said, settings->keys [n] }) == 0)
            s_check_call (&route, offers, &(problems_t) { arena, violations, settings->keys [n] });
    }
}

static void
s_count_stopped (zooid_ledger_t *ledger)
{
    zooid_ledger_reading_t reading;
    zooid_ledger_read (ledger, &reading);
    for (uint64_t n = 0; n < reading.in_flight; n++)
        zooid_ledger_dead (ledger, "stopped");
}

void
routes_destroy (routes_t **self_p)
{
    routes_t *self = *self_p;
    if (!self)
        return;
    for (size_t n = 0; n < self->count; n++) {
        if (self->items [n].ledger)
            s_count_stopped (self->items [n].ledger);
        s_fini (&self->items [n]);
    }
    free (self->items);
    free (self);
    *self_p = NULL;
}

static int
s_refuse (zooid_context_t *context, const zooid_violations_t *violations)
{
    for (size_t n = 0; n < violations->count; n++)
        zooid_log (context, ZOOID_ERROR, "bad_route", ZOOID_TEXT ("setting", violations->items [n].pointer),
                   ZOOID_TEXT ("why", violations->items [n].detail));
    return zooid_fault (-EINVAL);
}

int
routes_start (routes_t **self_p, zooid_context_t *context, const zooid_map_t *settings, const route_rules_t *rules)
{
    zooid_violations_t violations = { 0 };
    int rc = routes_new (self_p, settings, rules, zooid_arena (context), &violations);
    if (rc == ZOOID_INVALID)
        return s_refuse (context, &violations);
    routes_t *self = *self_p;
    for (size_t n = 0; n < self->count; n++)
        self->items [n].ledger = zooid_ledger (context, self->items [n].name);
    return 0;
}

int
routes_bind (routes_t *self, zooid_context_t *context, const char **ret_why)
{
    zooid_violations_t violations = { 0 };
    int result = 0;
    for (size_t n = 0; n < self->count && self->rules->asks; n++) {
        route_t *route = &self->items [n];
        problems_t problems = { zooid_arena (context), &violations, route->name };
        const zooid_operation_t *operation = NULL;
        zooid_ref_t ref;
        if (route->operation)
            continue;
        if (zooid_directory_operation (context, route->target, &ref, &operation)) {
            *ret_why = zooid_arena_format (zooid_arena (context), "no actor offers %s", route->target);
            result = ZOOID_UNKNOWN;
        }
        else if (mapping_bind (route->mapping, operation->takes, &problems) == 0)
            route->operation = operation;
    }
    return violations.count ? s_refuse (context, &violations) : result;
}

route_t *
routes_match (const routes_t *self, zooid_bytes_t topic, pattern_captures_t *ret_captures)
{
    for (size_t n = 0; n < self->count; n++)
        if (pattern_matches (self->rules->dialect, self->items [n].from, topic, ret_captures))
            return &self->items [n];
    return NULL;
}

void
route_in (route_t *self)
{
    zooid_ledger_in (self->ledger);
}

void
route_delivered (route_t *self)
{
    zooid_ledger_handled (self->ledger);
}

void
route_dead (route_t *self, zooid_context_t *context, const char *reason, const char *topic, zooid_bytes_t payload,
            const char *detail)
{
    zooid_ledger_dead (self->ledger, reason);
    zooid_dead_letter (context, reason, topic, payload, "route %s: %s", self->name,
                       detail && *detail ? detail : reason);
}

void
route_filtered (route_t *self, const char *reason)
{
    self->filtered++;
    zooid_ledger_dead (self->ledger, reason);
}
