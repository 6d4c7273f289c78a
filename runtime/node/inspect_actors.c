//  The list is by name, and its cursor is the last name shown. Actors whose dispatcher does not answer are in the directory
//  all the same: of them is told what their mailbox says.
#include "inspect_parts.h"
#include "readable.h"

#include <math.h>
#include <string.h>

//  ---- records

typedef struct {
    const char *reason;
    int64_t count;
} reason_t;

static const zooid_field_t reason_fields [] = {
    ZOOID_STRING (reason_t, reason, .doc = "Why"),
    ZOOID_INTEGER (reason_t, count, .doc = "How many"),
};
static const zooid_record_t reason_record = ZOOID_RECORD ("ledger_reason", reason_t, reason_fields, .doc = "Messages that did not arrive");

typedef struct {
    const char *name;
    int64_t in, handled, in_flight;
    zooid_list_t dead;
} ledger_t;

static const zooid_field_t ledger_fields [] = {
    ZOOID_STRING (ledger_t, name, .doc = "What it counts"),
    ZOOID_INTEGER (ledger_t, in, .doc = "All that came"),
    ZOOID_INTEGER (ledger_t, handled, .doc = "Done with"),
    ZOOID_INTEGER (ledger_t, in_flight, .doc = "Under way, counted on its own"),
    ZOOID_LIST (ledger_t, dead, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, reason_t, .record = &reason_record), .doc = "The rest, by reason"),
};
static const zooid_record_t ledger_record = ZOOID_RECORD ("ledger", ledger_t, ledger_fields, .doc = "in = handled + dead + in_flight");

typedef struct {
    const char *name, *doc;
    double value;
} figure_t;

static const zooid_field_t figure_fields [] = {
    ZOOID_STRING (figure_t, name, .doc = "As in /metrics, without zooid_"),
    ZOOID_REAL (figure_t, value, .doc = "Its value"),
    ZOOID_STRING (figure_t, doc, .doc = "What it is"),
};
static const zooid_record_t figure_record = ZOOID_RECORD ("figure", figure_t, figure_fields, .doc = "A number of an actor's own");

static const char *const health_names [] = { "healthy", "degraded", NULL };

typedef struct {
    zooid_presence_t presence;
    const char *name, *node, *module, *why, *dispatcher;
    int32_t health;
    bool started, answers;
    int64_t restarts, refused, dropped, mailbox_messages, mailbox_bytes, asks_open;
    ledger_t mailbox;
    zooid_list_t ledgers, figures, operations;
} actor_t;

static const zooid_field_t actor_fields [] = {
    ZOOID_STRING (actor_t, name, .doc = "In the topology"),
    ZOOID_STRING (actor_t, node, .doc = "Where it runs"),
    ZOOID_STRING (actor_t, module, .doc = "What it is made of"),
    ZOOID_ENUMERATION (actor_t, health, .names = health_names, .doc = "As it says itself"),
    ZOOID_STRING (actor_t, why, .doc = "Of the health; empty"),
    ZOOID_BOOLEAN (actor_t, started, .doc = "False before its start and between restarts"),
    ZOOID_INTEGER (actor_t, restarts, .doc = "Since the node started"),
    ZOOID_EMBEDDED (actor_t, mailbox, ledger_t, .record = &ledger_record, .doc = "Its mailbox"),
    ZOOID_INTEGER (actor_t, mailbox_bytes, .unit = "bytes", .doc = "Of mailbox_messages"),
    ZOOID_INTEGER (actor_t, refused, .doc = "Never queued"),
    ZOOID_INTEGER (actor_t, dropped, .doc = "Events shed at the sender"),
    ZOOID_INTEGER (actor_t, asks_open, .doc = "Asks of its own without an answer"),
    ZOOID_LIST (actor_t, ledgers, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, ledger_t, .record = &ledger_record), .doc = "Its own"),
    ZOOID_LIST (actor_t, figures, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, figure_t, .record = &figure_record), .doc = "Its own"),
    ZOOID_STRING (actor_t, dispatcher, .optional = true, .doc = "The thread that runs it"),
    ZOOID_BOOLEAN (actor_t, answers, .optional = true,
                   .doc = "False: its dispatcher did not answer in time, and only the mailbox could be looked at"),
    ZOOID_INTEGER (actor_t, mailbox_messages, .optional = true, .doc = "Waiting there or on their way, without replies"),
    ZOOID_LIST (actor_t, operations, .optional = true, .of = ZOOID_ITEM (ZOOID_TYPE_STRING, const char *), .doc = "What it can be asked"),
};
static const zooid_record_t actor_record = ZOOID_RECORD ("system_actor", actor_t, actor_fields, .presence = ZOOID_PRESENCE (actor_t),
    .doc = "An actor that runs");

typedef struct {
    zooid_presence_t presence;
    zooid_list_t items;
    const char *next;
} page_t;

static const zooid_field_t page_fields [] = {
    ZOOID_LIST (page_t, items, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, actor_t, .record = &actor_record), .max_length = ZOOID_PAGE_LIMIT_MAX,
                .doc = "By name"),
    ZOOID_STRING (page_t, next, .nullable = true, .doc = "Cursor of the next page"),
};
const zooid_record_t inspect_actors_gives = ZOOID_RECORD ("system_actors", page_t, page_fields, .presence = ZOOID_PRESENCE (page_t),
    .doc = "A page of actors");

//  ---- from figures to records

//  An actor by what its dispatcher told, by the directory, or by both. One of them may be NULL: it came or went meanwhile,
//  or does not answer.
typedef struct {
    const char *name;
    const zooid_actor_figures_t *figures;
    const zooid_offer_t *offer;
} known_t;

static const char *
s_text (const char *text)
{
    return text ? text : "";
}

static ledger_t
s_ledger (const zooid_ledger_reading_t *reading, zooid_arena_t *arena)
{
    reason_t *reasons = zooid_arena_take (arena, (reading->reason_count + 1) * sizeof *reasons);
    for (size_t i = 0; i < reading->reason_count; i++)
        reasons [i] = (reason_t) { s_text (reading->dead [i].reason), (int64_t) reading->dead [i].count };
    return (ledger_t) {
        .name = s_text (reading->name), .in = (int64_t) reading->in, .handled = (int64_t) reading->handled,
        .in_flight = (int64_t) reading->in_flight, .dead = { reasons, reading->reason_count },
    };
}

static actor_t
s_from_figures (const zooid_actor_figures_t *from, zooid_arena_t *arena)
{
    ledger_t *ledgers = zooid_arena_take (arena, (from->ledger_count + 1) * sizeof *ledgers);
    for (size_t i = 0; i < from->ledger_count; i++)
        ledgers [i] = s_ledger (&from->ledgers [i], arena);
    figure_t *figures = zooid_arena_take (arena, (from->figure_count + 1) * sizeof *figures);
    size_t shown = 0;
    for (size_t i = 0; i < from->figure_count; i++) {
        const struct zooid_figure *figure = &from->figures [i];
        if (isfinite (figure->value))           //  No JSON has others
            figures [shown++] = (figure_t) { s_text (figure->name), s_text (figure->doc), figure->value };
    }
    return (actor_t) {
        .name = s_text (from->actor), .node = s_text (from->node), .module = s_text (from->module),
        .why = readable_text (from->why, arena), .dispatcher = s_text (from->dispatcher), .health = (int32_t) from->health,
        .started = from->started, .answers = true, .restarts = (int64_t) from->restarts, .mailbox = s_ledger (&from->mailbox, arena),
        .mailbox_messages = (int64_t) from->mailbox_messages, .mailbox_bytes = (int64_t) from->mailbox_bytes,
        .refused = (int64_t) from->refused, .dropped = (int64_t) from->dropped, .asks_open = (int64_t) from->asks_open,
        .ledgers = { ledgers, from->ledger_count }, .figures = { figures, shown },
    };
}

static actor_t
s_from_outside (zooid_context_t *self, const zooid_offer_t *offer)
{
    zooid_mailbox_reading_t reading = { .dispatcher = "" };
    zooid_mailbox_read (self, offer->ref, &reading);        //  Gone by now: then nothing waits there
    int64_t messages = (int64_t) reading.mailbox_messages;
    return (actor_t) {
        .name = offer->actor, .node = offer->node, .module = offer->module->name, .why = "its dispatcher does not answer",
        .dispatcher = reading.dispatcher, .health = ZOOID_DEGRADED, .started = true,
        .mailbox = { .name = "mailbox", .in = messages, .in_flight = messages },
        .mailbox_messages = messages, .mailbox_bytes = (int64_t) reading.mailbox_bytes, .refused = (int64_t) reading.refused,
        .dropped = (int64_t) reading.dropped,
    };
}

static actor_t
s_actor (zooid_context_t *self, const known_t *known)
{
    zooid_arena_t *arena = zooid_arena (self);
    actor_t actor = known->figures ? s_from_figures (known->figures, arena) : s_from_outside (self, known->offer);
    const zooid_contract_t *contract = known->offer ? known->offer->module->contract : NULL;
    size_t count = contract ? contract->operation_count : 0;
    const char **operations = zooid_arena_take (arena, (count + 1) * sizeof *operations);
    for (size_t i = 0; i < count; i++)
        operations [i] = zooid_operation_name (actor.name, &contract->operations [i], arena);
    actor.operations = (zooid_list_t) { operations, count };
    ZOOID_SET (&actor_record, actor_t, &actor, dispatcher);
    ZOOID_SET (&actor_record, actor_t, &actor, answers);
    ZOOID_SET (&actor_record, actor_t, &actor, mailbox_messages);
    ZOOID_SET (&actor_record, actor_t, &actor, operations);
    return actor;
}

//  ---- system.actors

//  Both lists are by name. Returns how many come behind `after`.
static size_t
s_merge (zooid_context_t *self, const zooid_actor_figures_t *figures, size_t figure_count, const char *after,
         known_t **ret_known)
{
    const zooid_offer_t *offers = NULL;
    size_t offer_count = zooid_directory (self, &offers), count = 0;
    known_t *known = zooid_arena_take (zooid_arena (self), (figure_count + offer_count + 1) * sizeof *known);
    for (size_t i = 0, k = 0; i < figure_count || k < offer_count;) {
        int order = i == figure_count ? 1 : k == offer_count ? -1 : strcmp (figures [i].actor, offers [k].actor);
        known_t *one = &known [count];
        *one = (known_t) { .figures = order <= 0 ? &figures [i++] : NULL, .offer = order >= 0 ? &offers [k++] : NULL };
        one->name = one->figures ? one->figures->actor : one->offer->actor;
        count += !after || strcmp (one->name, after) > 0;
    }
    *ret_known = known;
    return count;
}

static int
s_on_figures (zooid_context_t *self, void *state, const zooid_actor_figures_t *figures, size_t count)
{
    inspect_listing_t *listing = state;
    known_t *known = NULL;
    size_t found = s_merge (self, figures, count, listing->after, &known);
    size_t shown = found < listing->limit ? found : listing->limit;
    actor_t *actors = zooid_arena_take (zooid_arena (self), (shown + 1) * sizeof *actors);
    for (size_t i = 0; i < shown; i++)
        actors [i] = s_actor (self, &known [i]);
    page_t page = { .items = { actors, shown } };
    if (shown < found)
        page.next = actors [shown - 1].name;
    else
        ZOOID_SET_NULL (&inspect_actors_gives, page_t, &page, next);
    return zooid_request_reply (self, &listing->request, &inspect_actors_gives, &page);
}

int
inspect_actors (zooid_context_t *self, const void *arguments)
{
    const inspect_list_t *wanted = arguments;
    inspect_listing_t *listing = inspect_listing_new (self, wanted);
    listing->after = wanted->cursor ? zooid_duplicate (wanted->cursor) : NULL;
    int rc = zooid_figures (self, INSPECT_DEADLINE_MS, s_on_figures, listing, inspect_listing_destroy);
    return inspect_listing_asked (self, listing, rc);
}
