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

static int
s_wrong (route_problem_t *ret_problem, const char *field, const char *why)
{
    ret_problem->field = field;
    ret_problem->why = why;
    return ZOOID_INVALID;
}

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
s_make_target (route_t *route, const route_settings_t *settings, const route_rules_t *rules,
               const pattern_shape_t *shape, zooid_arena_t *arena, route_problem_t *ret_problem)
{
    if (rules->asks) {
        if (!s_has (settings, ask))
            return s_wrong (ret_problem, "ask", "is missing; it names the operation, as `iot.ingest`");
        if (s_has (settings, to))
            return s_wrong (ret_problem, "to", "is not for routes of this bridge; use `ask`");
        route->target = zooid_duplicate (settings->ask);
        zooid_map_t none = { 0 };
        return mapping_new (&route->mapping, s_has (settings, args) ? &settings->args : &none, shape, arena,
                            &ret_problem->field, &ret_problem->why);
    }
    if (!s_has (settings, to))
        return s_wrong (ret_problem, "to", "is missing; it is the topic to publish on, as `iot.telemetry.{>}`");
    if (s_has (settings, ask) || s_has (settings, args))
        return s_wrong (ret_problem, s_has (settings, ask) ? "ask" : "args",
                        "is not for routes of this bridge; use `to`");
    if (!s_is_publishable (settings->to))
        return s_wrong (ret_problem, "to", "has a blank, a wildcard or an empty segment");
    route->target = zooid_duplicate (settings->to);
    ret_problem->field = "to";
    return template_new (&route->to, settings->to, shape, TEMPLATE_OF_TOPIC, arena, &ret_problem->why);
}

static int
s_make (route_t *route, const route_settings_t *settings, const route_rules_t *rules, zooid_arena_t *arena,
        route_problem_t *ret_problem)
{
    pattern_shape_t shape;
    const char *why = NULL;
    if (pattern_check (rules->dialect, settings->from, &shape, &why))
        return s_wrong (ret_problem, "from", why);
    if (rules->dialect == &pattern_dotted && !zooid_topic_is_pattern (settings->from))
        return s_wrong (ret_problem, "from", "is not a pattern of dotted segments of [A-Za-z0-9_-], `*` and `>`");
    route->from = zooid_duplicate (settings->from);
    route->dialect = rules->dialect;
    route->guarantee = rules->at_least_once ? ROUTE_AT_LEAST_ONCE : ROUTE_AT_MOST_ONCE;
    if (s_has (settings, guarantee))
        route->guarantee = (route_guarantee_t) settings->guarantee;
    if (route->guarantee == ROUTE_AT_LEAST_ONCE && !rules->at_least_once)
        return s_wrong (ret_problem, "guarantee", "can only be at-most-once with this bridge");
    if (s_has (settings, retained) && !rules->retains)
        return s_wrong (ret_problem, "retained", "is not for routes of this bridge");
    route->retained = s_has (settings, retained) && settings->retained;
    return s_make_target (route, settings, rules, &shape, arena, ret_problem);
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
            route_problem_t *ret_problem)
{
    ZOOID_CLEANUP (routes_destroy) routes_t *self = zooid_allocate (sizeof *self);
    self->rules = rules;
    self->items = zooid_allocate ((settings->count + 1) * sizeof (route_t));
    const route_settings_t *items = settings->values;
    while (self->count < settings->count) {
        route_t *route = &self->items [self->count];
        route->name = zooid_duplicate (settings->keys [self->count]);
        int rc = s_make (route, &items [self->count++], rules, arena, ret_problem);
        if (rc) {
            ret_problem->route = settings->keys [self->count - 1];
            return rc;
        }
    }
    *self_p = self;
    self = NULL;
    return 0;
}

//  "/routes/NAME/args/device" of the field "args.device". A name may hold what a pointer spells otherwise.
static const char *
s_pointer (const char *route, const char *field, zooid_arena_t *arena)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t text = { 0 };
    const char *keys [] = { route, field, NULL };
    if (strncmp (field, "args.", 5) == 0) {
        keys [1] = "args";
        keys [2] = field + 5;
    }
    zooid_buffer_text (&text, "/routes");
    for (size_t n = 0; n < ZOOID_COUNT (keys) && keys [n]; n++) {
        zooid_buffer_text (&text, "/");
        for (const char *key = keys [n]; *key; key++)
            if (*key == '~' || *key == '/')
                zooid_buffer_text (&text, *key == '~' ? "~0" : "~1");
            else
                zooid_buffer_append (&text, key, 1);
    }
    return zooid_arena_format (arena, "%s", zooid_buffer_string (&text));
}

void
routes_check (const zooid_map_t *settings, const route_rules_t *rules, zooid_arena_t *arena,
              zooid_violations_t *violations)
{
    const route_settings_t *items = settings->values;
    for (size_t n = 0; n < settings->count; n++) {
        ZOOID_CLEANUP (s_fini) route_t route = { 0 };
        route_problem_t problem = { 0 };
        if (s_make (&route, &items [n], rules, arena, &problem) == ZOOID_INVALID)
            zooid_violations_add (violations, arena, s_pointer (settings->keys [n], problem.field, arena), "route", "%s",
                                  problem.why);
    }
}

//  false: *ret_problem says what is wrong.
static bool
s_calls_well (const route_t *route, const zooid_offers_t *offers, zooid_arena_t *arena, route_problem_t *ret_problem)
{
    const zooid_operation_t *operation = NULL;
    const char *nearest = NULL;
    int rc = offers->operation (offers->state, route->target, &operation, &nearest);
    if (rc == ZOOID_UNKNOWN) {
        const char *why = zooid_arena_format (arena, "names `%s`, which no actor of the topology offers%s%s%s", route->target,
                                              nearest ? "; did you mean `" : "", nearest ? nearest : "", nearest ? "`?" : "");
        return s_wrong (ret_problem, "ask", why) == 0;
    }
    return rc || mapping_bind (route->mapping, operation->takes, arena, &ret_problem->field, &ret_problem->why) == 0;
}

void
routes_check_calls (const zooid_map_t *settings, const route_rules_t *rules, const zooid_offers_t *offers,
                    zooid_arena_t *arena, zooid_violations_t *violations)
{
    const route_settings_t *items = settings->values;
    for (size_t n = 0; n < settings->count && rules->asks; n++) {
        ZOOID_CLEANUP (s_fini) route_t route = { 0 };
        route_problem_t problem = { 0 };
        if (s_make (&route, &items [n], rules, arena, &problem) == 0 && !s_calls_well (&route, offers, arena, &problem))
            zooid_violations_add (violations, arena, s_pointer (settings->keys [n], problem.field, arena), "route", "%s",
                                  problem.why);
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
s_refuse (zooid_context_t *context, const route_problem_t *problem)
{
    zooid_log (context, ZOOID_ERROR, "bad_route", ZOOID_TEXT ("route", problem->route),
               ZOOID_TEXT ("field", problem->field), ZOOID_TEXT ("why", problem->why));
    return zooid_fault (-EINVAL);
}

int
routes_start (routes_t **self_p, zooid_context_t *context, const zooid_map_t *settings, const route_rules_t *rules)
{
    route_problem_t problem = { 0 };
    int rc = routes_new (self_p, settings, rules, zooid_arena (context), &problem);
    if (rc == ZOOID_INVALID)
        return s_refuse (context, &problem);
    routes_t *self = *self_p;
    for (size_t n = 0; n < self->count; n++)
        self->items [n].ledger = zooid_ledger (context, self->items [n].name);
    return 0;
}

int
routes_bind (routes_t *self, zooid_context_t *context, route_problem_t *ret_problem)
{
    int result = 0;
    for (size_t n = 0; n < self->count && self->rules->asks; n++) {
        route_t *route = &self->items [n];
        const zooid_operation_t *operation = NULL;
        zooid_ref_t ref;
        if (route->operation)
            continue;
        ret_problem->route = route->name;
        if (zooid_directory_operation (context, route->target, &ref, &operation)) {
            ret_problem->field = "ask";
            ret_problem->why = zooid_arena_format (zooid_arena (context), "no actor offers %s", route->target);
            result = ZOOID_UNKNOWN;
            continue;
        }
        if (mapping_bind (route->mapping, operation->takes, zooid_arena (context), &ret_problem->field,
                          &ret_problem->why))
            return s_refuse (context, ret_problem);
        route->operation = operation;
    }
    return result;
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
