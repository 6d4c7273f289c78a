//  Each page is a reading of its own, so each row knows when it was read. Rates are differences of counters; one that fell
//  is of a process that began anew, and has no rate.
#include "roster.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 200 };

//  ---- what a node says

typedef struct {
    int64_t count;
} reason_t;

static const zooid_field_t reason_fields [] = { ZOOID_INTEGER (reason_t, count, .doc = "How many") };
static const zooid_record_t reason_record = ZOOID_RECORD ("reason", reason_t, reason_fields);

typedef struct {
    int64_t in, handled, in_flight;
    zooid_list_t dead;
} ledger_t;

static const zooid_field_t ledger_fields [] = {
    ZOOID_INTEGER (ledger_t, in, .doc = "Came"),
    ZOOID_INTEGER (ledger_t, handled, .doc = "Handled"),
    ZOOID_INTEGER (ledger_t, in_flight, .doc = "Wait"),
    ZOOID_LIST (ledger_t, dead, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, reason_t, .record = &reason_record), .doc = "Died"),
};
static const zooid_record_t ledger_record = ZOOID_RECORD ("ledger", ledger_t, ledger_fields);

typedef struct {
    zooid_presence_t presence;
    const char *name, *node, *module, *health, *why;
    bool started, answers;
    int64_t restarts, refused, dropped, asks_open, mailbox_messages, mailbox_bytes;
    ledger_t mailbox;
} actor_t;

//  A node of an older version does not have those that are optional.
static const zooid_field_t actor_fields [] = {
    ZOOID_STRING (actor_t, name, .doc = "Name"),
    ZOOID_STRING (actor_t, node, .doc = "Node"),
    ZOOID_STRING (actor_t, module, .doc = "Module"),
    ZOOID_STRING (actor_t, health, .doc = "healthy or degraded"),
    ZOOID_STRING (actor_t, why, .doc = "Of the health"),
    ZOOID_BOOLEAN (actor_t, started, .doc = "It runs"),
    ZOOID_BOOLEAN (actor_t, answers, .optional = true, .doc = "Its dispatcher does"),
    ZOOID_INTEGER (actor_t, restarts, .doc = "Restarts"),
    ZOOID_INTEGER (actor_t, refused, .doc = "Refused"),
    ZOOID_INTEGER (actor_t, dropped, .doc = "Shed"),
    ZOOID_INTEGER (actor_t, asks_open, .doc = "Its own asks"),
    ZOOID_INTEGER (actor_t, mailbox_messages, .optional = true, .doc = "Wait"),
    ZOOID_INTEGER (actor_t, mailbox_bytes, .doc = "Of these"),
    ZOOID_EMBEDDED (actor_t, mailbox, ledger_t, .record = &ledger_record, .doc = "Mailbox"),
};
static const zooid_record_t actor_record = ZOOID_RECORD ("actor", actor_t, actor_fields, .presence = ZOOID_PRESENCE (actor_t));

typedef struct {
    zooid_presence_t presence;
    zooid_list_t items;
    const char *next;
} page_t;

static const zooid_field_t page_fields [] = {
    ZOOID_LIST (page_t, items, .of = ZOOID_ITEM (ZOOID_TYPE_ANY, zooid_any_t), .doc = "Actors"),
    ZOOID_STRING (page_t, next, .nullable = true, .doc = "Cursor"),
};
static const zooid_record_t page_record = ZOOID_RECORD ("page", page_t, page_fields, .presence = ZOOID_PRESENCE (page_t));

static roster_state_t
s_state (const actor_t *actor)
{
    if (ZOOID_HAS (&actor_record, actor_t, actor, answers) && !actor->answers)
        return ROSTER_SILENT;
    if (!actor->started)
        return ROSTER_DOWN;
    return strcmp (actor->health, "healthy") == 0 ? ROSTER_HEALTHY : ROSTER_DEGRADED;
}

static int64_t
s_count_dead (const ledger_t *ledger)
{
    int64_t count = 0;
    for (size_t i = 0; i < ledger->dead.count; i++)
        count += ((const reason_t *) ledger->dead.items) [i].count;
    return count;
}

static bool
s_add (roster_t *self, const zooid_any_t *item, int64_t read_at_ms)
{
    actor_t actor = { .name = "" };
    if (zooid_record_decode (&actor_record, item->msgpack, self->arena, &actor, NULL))
        return false;
    bool has_messages = ZOOID_HAS (&actor_record, actor_t, &actor, mailbox_messages);
    self->rows [self->count++] = (roster_row_t) {
        .name = actor.name, .node = actor.node, .module = actor.module, .why = actor.why, .state = s_state (&actor),
        .waiting = has_messages ? actor.mailbox_messages : actor.mailbox.in_flight, .bytes = actor.mailbox_bytes,
        .in = actor.mailbox.in, .handled = actor.mailbox.handled, .asks = actor.asks_open, .restarts = actor.restarts,
        .refused = actor.refused, .dropped = actor.dropped, .dead = s_count_dead (&actor.mailbox), .read_at_ms = read_at_ms,
        .whole = item->msgpack,
    };
    return true;
}

//  ---- a reading

static int
s_blame (nodes_t *nodes, size_t index, const char *why)
{
    nodes_blame (nodes, index, why ? why : NODES_MISUNDERSTOOD);
    return -EPROTO;
}

//  All pages of one process.
static int
s_read_pages (roster_t *self, nodes_t *nodes, size_t index)
{
    const char *cursor = NULL;
    do {
        ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t arguments = { 0 };
        zooid_buffer_format (&arguments, "{\"limit\":%d", PAGE);
        if (cursor) {
            zooid_buffer_text (&arguments, ",\"cursor\":");
            zooid_json_quote (cursor, strlen (cursor), &arguments);
        }
        zooid_buffer_text (&arguments, "}");
        answer_t answer;
        page_t page = { .next = NULL };
        int rc = nodes_ask (nodes, index, "system.actors", zooid_buffer_string (&arguments), NODES_DEADLINE_MS, self->arena,
                            &answer);
        if (rc)
            return rc;
        if (answer.failure)
            return s_blame (nodes, index, zooid_arena_format (self->arena, "%s: %s", answer.failure, answer.detail));
        if (!answer_read (&answer, &page_record, self->arena, &page))
            return s_blame (nodes, index, NULL);
        int64_t read_at_ms = client_now_ms ();
        for (size_t i = 0; i < page.items.count && self->count < ROSTER_MAX; i++)
            if (!s_add (self, (const zooid_any_t *) page.items.items + i, read_at_ms))
                return s_blame (nodes, index, NULL);
        cursor = page.next;
    } while (cursor && self->count < ROSTER_MAX);
    self->is_cut |= cursor != NULL;
    return 0;
}

static int
s_compare_place (const roster_row_t *left, const roster_row_t *right)
{
    int order = strcmp (left->node, right->node);
    return order ? order : strcmp (left->name, right->name);
}

static int
s_by_place (const void *a, const void *b)
{
    return s_compare_place (a, b);
}

int
roster_new (roster_t **self_p, nodes_t *nodes)
{
    if (!nodes_find (nodes))
        return -ENOENT;
    roster_t *self = zooid_allocate (sizeof *self);
    zooid_arena_new (&self->arena, 0);
    self->rows = zooid_arena_take (self->arena, ROSTER_MAX * sizeof *self->rows);
    int rc = 0;
    for (size_t i = 0; !rc && i < nodes->count; i++)
        rc = s_read_pages (self, nodes, i);
    if (rc) {
        roster_destroy (&self);
        return rc;
    }
    qsort (self->rows, self->count, sizeof *self->rows, s_by_place);
    *self_p = self;
    return 0;
}

void
roster_destroy (roster_t **self_p)
{
    if (*self_p) {
        zooid_arena_destroy (&(*self_p)->arena);
        free (*self_p);
    }
    *self_p = NULL;
}

void
roster_rate (roster_t *self, roster_t *before)
{
    qsort (before->rows, before->count, sizeof *before->rows, s_by_place);
    for (size_t i = 0; i < self->count; i++) {
        roster_row_t *row = &self->rows [i];
        const roster_row_t *then = bsearch (row, before->rows, before->count, sizeof *before->rows, s_by_place);
        double seconds = then ? (double) (row->read_at_ms - then->read_at_ms) / 1000 : 0;
        row->rated = seconds > 0 && row->state != ROSTER_SILENT && then->state != ROSTER_SILENT && row->in >= then->in
                     && row->handled >= then->handled;
        if (!row->rated)
            continue;
        row->in_rate = (double) (row->in - then->in) / seconds;
        row->handled_rate = (double) (row->handled - then->handled) / seconds;
    }
}

//  ---- columns

typedef enum { NAME, NODE, MODULE, WAITING, BYTES, IN_RATE, HANDLED_RATE, HANDLED, ASKS, RESTARTS, REFUSED, DROPPED, DEAD, STATE } column_t;

static const roster_column_t columns [] = {
    [NAME] = { "name", 'n', true },
    [NODE] = { "node", 'o', true },
    [MODULE] = { "module", 'm', true },
    [WAITING] = { "waiting", 'w', false },
    [BYTES] = { "bytes", 'b', false },
    [IN_RATE] = { "in/s", 'i', false },
    [HANDLED_RATE] = { "handled/s", 'h', false },
    [HANDLED] = { "handled", 'l', false },
    [ASKS] = { "asks", 'a', false },
    [RESTARTS] = { "restarts", 'r', false },
    [REFUSED] = { "refused", 'f', false },
    [DROPPED] = { "dropped", 'p', false },
    [DEAD] = { "dead", 'd', false },
    [STATE] = { "state", 's', false },
};

const roster_column_t *
roster_find_column (const char *name)
{
    for (size_t i = 0; i < ZOOID_COUNT (columns); i++)
        if (strcmp (columns [i].name, name) == 0)
            return &columns [i];
    return NULL;
}

static const char *
s_text_of (const roster_row_t *row, column_t column)
{
    return column == NAME ? row->name : column == NODE ? row->node : row->module;
}

static double
s_number_of (const roster_row_t *row, column_t column)
{
    switch (column) {
    case WAITING:      return (double) row->waiting;
    case BYTES:        return (double) row->bytes;
    case IN_RATE:      return row->rated ? row->in_rate : -1;
    case HANDLED_RATE: return row->rated ? row->handled_rate : -1;
    case HANDLED:      return (double) row->handled;
    case ASKS:         return (double) row->asks;
    case RESTARTS:     return (double) row->restarts;
    case REFUSED:      return (double) row->refused;
    case DROPPED:      return (double) row->dropped;
    case DEAD:         return (double) row->dead;
    case STATE:        return ROSTER_HEALTHY - (double) row->state;
    case NAME:
    case NODE:
    case MODULE:       break;
    }
    return 0;
}

typedef struct {
    column_t column;
    bool is_text, reversed;
} order_t;

static int
s_compare (const void *a, const void *b, void *order_)
{
    const roster_row_t *left = a, *right = b;
    const order_t *order = order_;
    int result;
    if (order->is_text)
        result = strcmp (s_text_of (left, order->column), s_text_of (right, order->column));
    else {
        double one = s_number_of (left, order->column), other = s_number_of (right, order->column);
        result = one > other ? -1 : one < other;
    }
    if (result)
        return order->reversed ? -result : result;
    return s_compare_place (left, right);
}

void
roster_sort (roster_t *self, const roster_column_t *column, bool reversed)
{
    order_t order = { (column_t) (column - columns), column->is_text, reversed };
    qsort_r (self->rows, self->count, sizeof *self->rows, s_compare, &order);
}

void
roster_write_size (int64_t bytes, char *text, size_t size)
{
    static const char units [] = " KMGT";
    double value = (double) bytes;
    size_t unit = 0;
    for (; value >= 1000 && units [unit + 1]; unit++)
        value /= 1024;
    if (unit == 0)
        snprintf (text, size, "%lld", (long long) bytes);
    else
        snprintf (text, size, "%.*f%c", value < 9.95 ? 1 : 0, value, units [unit]);
}

static void
s_write_rate (bool rated, double rate, char *text, size_t size)
{
    if (rated)
        snprintf (text, size, "%.*f", rate < 99.95 ? 1 : 0, rate);
    else
        snprintf (text, size, "-");
}

static const char *const state_names [] = {
    [ROSTER_SILENT] = "silent", [ROSTER_DOWN] = "down", [ROSTER_DEGRADED] = "degraded", [ROSTER_HEALTHY] = "healthy",
};

const char *
roster_state_name (roster_state_t state)
{
    return state_names [state];
}

static void
s_add_cell (const roster_row_t *row, column_t column, table_t *table)
{
    char text [1200];
    switch (column) {
    case NAME:
    case NODE:
    case MODULE:       snprintf (text, sizeof text, "%s", s_text_of (row, column)); break;
    case BYTES:        roster_write_size (row->bytes, text, sizeof text); break;
    case IN_RATE:      s_write_rate (row->rated, row->in_rate, text, sizeof text); break;
    case HANDLED_RATE: s_write_rate (row->rated, row->handled_rate, text, sizeof text); break;
    case STATE:
        snprintf (text, sizeof text, "%s%s%s", roster_state_name (row->state), *row->why ? ": " : "", row->why);
        break;
    case WAITING:
    case HANDLED:
    case ASKS:
    case RESTARTS:
    case REFUSED:
    case DROPPED:
    case DEAD:         snprintf (text, sizeof text, "%.0f", s_number_of (row, column)); break;
    }
    table_add (table, text);
}

void
roster_fill (const roster_t *self, const char *const *names, table_t *table)
{
    for (size_t i = 0; names [i]; i++) {
        const roster_column_t *column = roster_find_column (names [i]);
        char title [32] = "";
        for (size_t k = 0; column->name [k] && k < sizeof title - 1; k++)
            title [k] = (char) toupper ((unsigned char) column->name [k]);
        table_add_column (table, title, column->is_text || column == &columns [STATE]);
    }
    for (size_t i = 0; i < self->count; i++)
        for (size_t k = 0; names [k]; k++)
            s_add_cell (&self->rows [i], (column_t) (roster_find_column (names [k]) - columns), table);
}
