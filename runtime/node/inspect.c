//  Figures are gathered from every dispatcher between its turns (zooid_figures), so the answer comes later: the request is
//  kept with what it asked for. The list is by name, and its cursor is the last name shown.
#include "inspect.h"

#include <stdlib.h>
#include <string.h>
#include <zooid/directory.h>

enum { LIST_DEFAULT = 50, LIST_MAX = 200, FIGURES_DEADLINE_MS = 1000, TEXT_MAX = 1024 };

//  ---- records

typedef struct {
    zooid_presence_t presence;
    int64_t limit;
    const char *cursor;
} list_arguments_t;

static const zooid_field_t list_fields [] = {
    ZOOID_INTEGER (list_arguments_t, limit, .optional = true, .integers = { true, 1, LIST_MAX }, .doc = "How many; 50 when not given"),
    ZOOID_STRING (list_arguments_t, cursor, .optional = true, .max_length = 63, .doc = "`next` of the page before"),
};
static const zooid_record_t list_arguments = ZOOID_RECORD ("system_list", list_arguments_t, list_fields,
    .presence = ZOOID_PRESENCE (list_arguments_t), .doc = "Which part of a list");

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
    const char *name, *node, *module, *why;
    int32_t health;
    bool started;
    int64_t restarts, refused, dropped, mailbox_bytes, asks_open;
    ledger_t mailbox;
    zooid_list_t ledgers, figures;
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
    ZOOID_INTEGER (actor_t, mailbox_bytes, .unit = "bytes", .doc = "Waiting there"),
    ZOOID_INTEGER (actor_t, refused, .doc = "Never queued"),
    ZOOID_INTEGER (actor_t, dropped, .doc = "Events shed at the sender"),
    ZOOID_INTEGER (actor_t, asks_open, .doc = "Asks of its own without an answer"),
    ZOOID_LIST (actor_t, ledgers, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, ledger_t, .record = &ledger_record), .doc = "Its own"),
    ZOOID_LIST (actor_t, figures, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, figure_t, .record = &figure_record), .doc = "Its own"),
};
static const zooid_record_t actor_record = ZOOID_RECORD ("system_actor", actor_t, actor_fields, .doc = "An actor that runs");

typedef struct {
    zooid_presence_t presence;
    zooid_list_t items;
    const char *next;
} page_t;

static const zooid_field_t actor_page_fields [] = {
    ZOOID_LIST (page_t, items, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, actor_t, .record = &actor_record), .max_length = LIST_MAX, .doc = "By name"),
    ZOOID_STRING (page_t, next, .nullable = true, .doc = "Cursor of the next page"),
};
static const zooid_record_t actor_page = ZOOID_RECORD ("system_actors", page_t, actor_page_fields, .presence = ZOOID_PRESENCE (page_t),
    .doc = "A page of actors");

typedef struct {
    int64_t died_at;
    const char *actor, *reason, *topic, *detail;
    zooid_bytes_t payload;
} dead_t;

static const zooid_field_t dead_fields [] = {
    ZOOID_TIMESTAMP (dead_t, died_at, .doc = "When"),
    ZOOID_STRING (dead_t, actor, .doc = "Whose it was"),
    ZOOID_STRING (dead_t, reason, .doc = "Why it did not arrive"),
    ZOOID_STRING (dead_t, topic, .doc = "Its operation or topic"),
    ZOOID_STRING (dead_t, detail, .doc = "More"),
    ZOOID_BYTES (dead_t, payload, .max_length = 4096, .doc = "Its beginning"),
};
static const zooid_record_t dead_record = ZOOID_RECORD ("dead_letter", dead_t, dead_fields, .doc = "What did not arrive");

static const zooid_field_t dead_page_fields [] = {
    ZOOID_LIST (page_t, items, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, dead_t, .record = &dead_record), .max_length = LIST_MAX, .doc = "Newest first"),
    ZOOID_STRING (page_t, next, .nullable = true, .doc = "Always null: only the last ones are kept"),
};
static const zooid_record_t dead_page = ZOOID_RECORD ("dead_letters", page_t, dead_page_fields, .presence = ZOOID_PRESENCE (page_t),
    .doc = "The last dead letters");

//  ---- system.actors

typedef struct {
    zooid_request_t *request;
    size_t limit;
    char *cursor;
} listing_t;

static void
s_listing_destroy (void *state)
{
    listing_t *self = state;
    zooid_request_destroy (&self->request);
    free (self->cursor);
    free (self);
}

static const char *
s_text (const char *text)
{
    return text ? text : "";
}

//  Bytes of the UTF-8 character at `text`, which ends with a NUL; 0: it is none.
static size_t
s_character (const unsigned char *text)
{
    static const struct { unsigned char lead_mask, lead; uint32_t least; } forms [] = {
        { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 },
    };
    for (size_t size = 1; size <= ZOOID_COUNT (forms); size++) {
        if ((text [0] & forms [size - 1].lead_mask) != forms [size - 1].lead)
            continue;
        uint32_t code = text [0] & (unsigned char) ~forms [size - 1].lead_mask;
        for (size_t i = 1; i < size; i++) {
            if ((text [i] & 0xc0) != 0x80)
                return 0;
            code = code << 6 | (text [i] & 0x3f);
        }
        return code < forms [size - 1].least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : size;
    }
    return 0;
}

//  A dead letter may be dead because its text is not what a text has to be: it is shown as far as it is one.
static const char *
s_readable (const char *text, zooid_arena_t *arena)
{
    text = s_text (text);
    char *copy = zooid_arena_copy (arena, text, strnlen (text, TEXT_MAX));
    for (char *next = copy; next && *next;) {
        size_t size = s_character ((const unsigned char *) next);
        if (size == 0)
            *next = '?';
        next += size ? size : 1;
    }
    return s_text (copy);
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
s_actor (const zooid_actor_figures_t *from, zooid_arena_t *arena)
{
    ledger_t *ledgers = zooid_arena_take (arena, (from->ledger_count + 1) * sizeof *ledgers);
    for (size_t i = 0; i < from->ledger_count; i++)
        ledgers [i] = s_ledger (&from->ledgers [i], arena);
    figure_t *figures = zooid_arena_take (arena, (from->figure_count + 1) * sizeof *figures);
    for (size_t i = 0; i < from->figure_count; i++)
        figures [i] = (figure_t) { s_text (from->figures [i].name), s_text (from->figures [i].doc),
                                   from->figures [i].value };
    return (actor_t) {
        .name = s_text (from->actor), .node = s_text (from->node), .module = s_text (from->module), .why = s_readable (from->why, arena),
        .health = (int32_t) from->health, .started = from->started, .restarts = (int64_t) from->restarts,
        .mailbox = s_ledger (&from->mailbox, arena), .mailbox_bytes = (int64_t) from->mailbox_bytes,
        .refused = (int64_t) from->refused, .dropped = (int64_t) from->dropped, .asks_open = (int64_t) from->asks_open,
        .ledgers = { ledgers, from->ledger_count }, .figures = { figures, from->figure_count },
    };
}

static int
s_compare (const void *a, const void *b)
{
    const zooid_actor_figures_t *const *left = a, *const *right = b;
    return strcmp ((*left)->actor, (*right)->actor);
}

static int
s_on_figures (zooid_context_t *self, void *state, const zooid_actor_figures_t *figures, size_t count)
{
    listing_t *listing = state;
    zooid_arena_t *arena = zooid_arena (self);
    const zooid_actor_figures_t **sorted = zooid_arena_take (arena, (count + 1) * sizeof *sorted);
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        if (!listing->cursor || strcmp (figures [i].actor, listing->cursor) > 0)
            sorted [found++] = &figures [i];
    qsort (sorted, found, sizeof *sorted, s_compare);
    size_t shown = found < listing->limit ? found : listing->limit;
    actor_t *actors = zooid_arena_take (arena, (shown + 1) * sizeof *actors);
    for (size_t i = 0; i < shown; i++)
        actors [i] = s_actor (sorted [i], arena);
    page_t page = { .items = { actors, shown } };
    if (shown < found)
        page.next = actors [shown - 1].name;
    else
        ZOOID_SET_NULL (&actor_page, page_t, &page, next);
    return zooid_request_reply (self, &listing->request, &actor_page, &page);
}

static void
s_listing_cleanup (listing_t **self_p)
{
    if (*self_p)
        s_listing_destroy (*self_p);
    *self_p = NULL;
}

static int
s_on_actors (zooid_context_t *self, const void *arguments_)
{
    const list_arguments_t *arguments = arguments_;
    ZOOID_CLEANUP (s_listing_cleanup) listing_t *listing = zooid_allocate (sizeof *listing);
    listing->limit = arguments->limit ? (size_t) arguments->limit : LIST_DEFAULT;
    listing->cursor = arguments->cursor ? zooid_duplicate (arguments->cursor) : NULL;
    listing->request = zooid_request_take (self);
    int rc = zooid_figures (self, FIGURES_DEADLINE_MS, s_on_figures, listing, s_listing_destroy);
    if (rc == ZOOID_FULL)
        return zooid_request_fail (self, &listing->request, "overloaded", "too many questions at once; try again");
    if (rc)
        return zooid_fault (rc);
    listing = NULL;
    return 0;
}

//  ---- system.dead

static int
s_on_dead (zooid_context_t *self, const void *arguments_)
{
    const list_arguments_t *arguments = arguments_;
    const zooid_dead_letter_t *letters = NULL;
    size_t count = zooid_dead_letters (self, arguments->limit ? (size_t) arguments->limit : LIST_DEFAULT, &letters);
    zooid_arena_t *arena = zooid_arena (self);
    dead_t *dead = zooid_arena_take (arena, (count + 1) * sizeof *dead);
    for (size_t i = 0; i < count; i++)
        dead [i] = (dead_t) {
            .died_at = letters [i].at_ms, .actor = s_readable (letters [i].actor, arena), .reason = s_readable (letters [i].reason, arena),
            .topic = s_readable (letters [i].topic, arena), .detail = s_readable (letters [i].detail, arena), .payload = letters [i].payload,
        };
    page_t page = { .items = { dead, count } };
    ZOOID_SET_NULL (&dead_page, page_t, &page, next);
    return zooid_reply (self, &dead_page, &page);
}

//  ---- contract

static const zooid_operation_t operations [] = {
    { .name = "system.actors", .kind = ZOOID_QUERY, .takes = &list_arguments, .gives = &actor_page, .scope = "system:read",
      .http = "GET /api/system/actors", .handler = s_on_actors, .doc = "The actors that run here, with their figures." },
    { .name = "system.dead", .kind = ZOOID_QUERY, .takes = &list_arguments, .gives = &dead_page, .scope = "system:read",
      .http = "GET /api/system/dead", .handler = s_on_dead, .doc = "The last dead letters, newest first." },
};

static const zooid_contract_t contract = { .name = "system",
                                           ZOOID_OPERATIONS (operations),
                                           .doc = "What runs here, and how it is." };

const zooid_module_t system_module = {
    ZOOID_MODULE_HEADER, .name = "system", .version = "1.0.0", .doc = "What runs here, and how it is.", .contract = &contract, .state_size = 1,
};
