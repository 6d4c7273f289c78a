//  route.h - what leads from a source through a mapping to an operation or a topic, and the ledger of what went there
#ifndef ROUTE_ROUTE_H
#define ROUTE_ROUTE_H

#include "route/mapping.h"

#include <zooid/directory.h>

//  ---- as a topology says it

//  at-most-once: what cannot be passed on is dropped and counted. at-least-once: the source is acknowledged only when
//  the operation has answered, and repeats are known by their identity.
typedef enum { ROUTE_AT_MOST_ONCE = 0, ROUTE_AT_LEAST_ONCE } route_guarantee_t;

typedef struct {
    zooid_presence_t presence;
    const char *from;
    const char *ask;
    const char *to;
    zooid_map_t args;       //  Of templates
    int32_t guarantee;      //  route_guarantee_t
    bool retained;
} route_settings_t;

extern const zooid_record_t route_settings_record;
extern const char *const route_guarantee_names [];

//  The `routes` member of a bridge's settings: a map of them by name.
#define ROUTE_SETTINGS(ctype_, member_)                                              \
    ZOOID_MAP (ctype_, member_, .optional = true, .max_length = ROUTE_COUNT_MAX,     \
               .of = &route_settings_item, .doc = "What goes where, by the route's name")
extern const zooid_field_t route_settings_item;

//  The runtime keeps at most so many ledgers an actor.
enum { ROUTE_COUNT_MAX = 64 };

//  What routes of a bridge can be.
typedef struct {
    const pattern_dialect_t *dialect;   //  How `from` is spelled
    bool asks;                          //  true: each has `ask`, false: each has `to`
    bool retains;                       //  The source has retained messages
    bool at_least_once;                 //  It can be had, and is what a route without `guarantee` has
} route_rules_t;

//  ---- as it runs

typedef struct {
    char *name;
    char *from;
    const pattern_dialect_t *dialect;   //  Of `from`
    char *target;                       //  Operation or topic template
    route_guarantee_t guarantee;
    bool retained;
    mapping_t *mapping;                 //  Of `ask`
    template_t *to;
    const zooid_operation_t *operation; //  Of `ask`; NULL until routes_bind found it
    zooid_ledger_t *ledger;
    uint64_t filtered;                  //  Those of ledger->dead that were left out on purpose
} route_t;

typedef struct {
    const route_rules_t *rules;
    route_t *items;
    size_t count;
} routes_t;

//  ZOOID_INVALID: `violations` has all that is wrong with them, at "/routes/NAME/FIELD".
int
    routes_new (routes_t **self_p, const zooid_map_t *settings, const route_rules_t *rules, zooid_arena_t *arena,
                zooid_violations_t *violations);
//  In `check`: the same, and no routes.
void
    routes_check (const zooid_map_t *settings, const route_rules_t *rules, zooid_arena_t *arena,
                  zooid_violations_t *violations);
//  In `check_calls`: operations that no actor offers, arguments that they do not take.
void
    routes_check_calls (const zooid_map_t *settings, const route_rules_t *rules, const zooid_offers_t *offers,
                        zooid_arena_t *arena, zooid_violations_t *violations);
//  What is in flight is counted as dead by "stopped": it is of an actor that ends.
void
    routes_destroy (routes_t **self_p);

//  In `start`: make them and their ledgers. What is wrong is logged as `bad_route`, and -EINVAL.
int
    routes_start (routes_t **self_p, zooid_context_t *context, const zooid_map_t *settings, const route_rules_t *rules);
//  Find the operations of those that have none yet, and check that the arguments fit. ZOOID_UNKNOWN: *ret_why names
//  one that nobody offers yet. -EINVAL: arguments that do not fit, logged as above.
int
    routes_bind (routes_t *self, zooid_context_t *context, const char **ret_why);
//  The first that takes the topic; NULL: none does.
route_t *
    routes_match (const routes_t *self, zooid_bytes_t topic, pattern_captures_t *ret_captures);

//  ---- the ledger: in = delivered + dead + filtered + in flight

void
    route_in (route_t *self);
void
    route_delivered (route_t *self);
//  reason: a constant. It is written down as a dead letter.
void
    route_dead (route_t *self, zooid_context_t *context, const char *reason, const char *topic, zooid_bytes_t payload,
                const char *detail);
//  Left out on purpose: retained copies, or what the source keeps and sends again. Counted, no dead letter.
void
    route_filtered (route_t *self, const char *reason);

#endif
