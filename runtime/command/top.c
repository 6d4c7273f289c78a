//  A reading, a pause, a reading: what changed between two of them is shown a second. While a node is waited for, keys and
//  signals are attended to all the same, so that one that hangs can not hold up who looks at it.
#include "roster.h"
#include "plain.h"
#include "screen.h"
#include "../node/nearest.h"

#include <ctype.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <zooid/msgpack.h>

enum { INTERVAL_MIN_MS = 100, INTERVAL_MAX_MS = 3600000 };

static const option_t options [] = {
    NODES_OPTIONS,
    { "--interval", "TIME", "Between two readings: 500ms, 1s, 1m; 1s" },
    { "--sort", "COLUMN", "Sort by this column; handled/s" },
    { "--once", NULL, "Print one table, as when standard output is no terminal" },
    { "--json", NULL, "One table, a JSON object a line" },
};

static const char *const shown [] = {
    "name", "node", "module", "waiting", "bytes", "in/s", "handled/s", "asks", "restarts", "refused", "dropped", "dead", "state",
    NULL,
};

typedef struct {
    nodes_t nodes;
    int64_t interval_ms;
    const roster_column_t *column;
    bool reversed;
    roster_t *roster;
    int64_t read_at;            //  Wall clock, seconds
    bool failed;                //  The last reading: `roster` is an older one. nodes.why
    screen_t *screen;
    bool ended;
} top_t;

//  ---- options

static bool
s_read_interval (top_t *self, const char *text)
{
    static const zooid_field_t field = { .name = "interval", .type = ZOOID_TYPE_DURATION,
                                         .integers = { true, INTERVAL_MIN_MS, INTERVAL_MAX_MS } };
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t msgpack = { 0 };
    zooid_violations_t violations = { .count = 0 };
    zooid_token_t token;
    zooid_arena_new (&arena, 0);
    if (zooid_field_parse (&field, text, "", arena, &msgpack, &violations)) {
        fprintf (stderr, "zooid top: --interval %s %s\n", text, violations.items [0].detail);
        return false;
    }
    zooid_cursor_next (&(zooid_cursor_t) { { msgpack.data, msgpack.size } }, &token);
    self->interval_ms = token.integer;
    return true;
}

static bool
s_is_shown (const roster_column_t *column)
{
    for (size_t i = 0; column && shown [i]; i++)
        if (strcmp (shown [i], column->name) == 0)
            return true;
    return false;
}

static bool
s_read_column (top_t *self, const char *name)
{
    self->column = roster_find_column (name);
    if (s_is_shown (self->column))
        return true;
    nearest_t nearest;
    nearest_init (&nearest, name);
    for (size_t i = 0; shown [i]; i++)
        nearest_offer (&nearest, shown [i]);
    fprintf (stderr, "zooid top: there is no column `%s`; ", name);
    if (nearest_name (&nearest))
        fprintf (stderr, "did you mean `%s`?\n", nearest_name (&nearest));
    else
        for (size_t i = 0; shown [i]; i++)
            fprintf (stderr, "%s%s%s", i ? " " : "there are ", shown [i], shown [i + 1] ? "" : "\n");
    return false;
}

//  ---- readings

//  The new reading takes the place of the one before. False: that stays, and nodes.why says why.
static bool
s_read (top_t *self)
{
    roster_t *roster = NULL;
    self->failed = roster_new (&roster, &self->nodes) != 0;
    if (self->failed)
        return false;
    if (self->roster)
        roster_rate (roster, self->roster);
    roster_destroy (&self->roster);
    self->roster = roster;
    self->read_at = time (NULL);
    return true;
}

//  ---- the screen

typedef struct {
    size_t states [ROSTER_HEALTHY + 1], nodes;
    int64_t waiting, bytes, dead;
    double in_rate, handled_rate;
} totals_t;

static totals_t
s_add_up (const roster_t *roster)
{
    totals_t totals = { .nodes = 0 };
    for (size_t i = 0; i < roster->count; i++) {
        const roster_row_t *row = &roster->rows [i];
        bool is_new = true;
        for (size_t k = 0; k < i && is_new; k++)
            is_new = strcmp (roster->rows [k].node, row->node) != 0;
        totals.nodes += is_new;
        totals.states [row->state]++;
        totals.waiting += row->waiting;
        totals.bytes += row->bytes;
        totals.dead += row->dead;
        totals.in_rate += row->rated ? row->in_rate : 0;
        totals.handled_rate += row->rated ? row->handled_rate : 0;
    }
    return totals;
}

//  One line of the frame, in an attribute of the terminal.
static void
s_add_line (zooid_buffer_t *frame, const char *attribute, const char *text, size_t columns)
{
    zooid_buffer_text (frame, attribute);
    zooid_buffer_append (frame, text, plain_cut (text, columns));
    zooid_buffer_text (frame, *attribute ? "\x1b[0m\n" : "\n");
}

static void
s_add_head (const top_t *self, size_t columns, zooid_buffer_t *frame)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t line = { 0 };
    const totals_t totals = s_add_up (self->roster);
    char when [16] = "", size [16];
    struct tm local;
    time_t read_at = (time_t) self->read_at;
    if (localtime_r (&read_at, &local))
        strftime (when, sizeof when, "%H:%M:%S", &local);
    zooid_buffer_format (&line, "zooid top  %s  %zu node%s  %zu actors%s:", when, totals.nodes, totals.nodes == 1 ? "" : "s",
                         self->roster->count, self->roster->is_cut ? " of more" : "");
    for (size_t i = ROSTER_HEALTHY + 1; i-- > 0;)
        if (totals.states [i])
            zooid_buffer_format (&line, " %zu %s", totals.states [i], roster_state_name ((roster_state_t) i));
    s_add_line (frame, "\x1b[1m", zooid_buffer_string (&line), columns);
    zooid_buffer_clear (&line);
    roster_write_size (totals.bytes, size, sizeof size);
    zooid_buffer_format (&line, "waiting %lld (%s bytes)  in %.1f/s  handled %.1f/s  dead %lld  by %s%s",
                         (long long) totals.waiting, size, totals.in_rate, totals.handled_rate, (long long) totals.dead,
                         self->column->name, self->reversed ? ", reversed" : "");
    s_add_line (frame, "", zooid_buffer_string (&line), columns);
    zooid_buffer_clear (&line);
    if (self->failed)
        plain_append (&line, self->nodes.why);
    s_add_line (frame, self->failed ? "\x1b[7m" : "", zooid_buffer_string (&line), columns);
}

//  The titles in reverse, but for the one that is sorted by; in each the letter that sorts by it is underlined.
static void
s_add_titles (const top_t *self, const char *titles, size_t columns, zooid_buffer_t *frame)
{
    size_t column = 0, left = 0, end = plain_cut (titles, columns);
    bool has_key = false;
    zooid_buffer_text (frame, "\x1b[7m");
    for (size_t i = 0; i < end; i++) {
        bool begins = titles [i] != ' ' && left == 0;
        if (begins) {
            left = strcspn (titles + i, " ");
            has_key = true;
            zooid_buffer_text (frame, strcmp (shown [column], self->column->name) == 0 ? "\x1b[0;1m" : "");
        }
        int letter = tolower ((unsigned char) titles [i]);
        bool is_key = left && has_key && letter == roster_find_column (shown [column])->key;
        has_key = has_key && !is_key;
        zooid_buffer_format (frame, is_key ? "\x1b[4m%c\x1b[24m" : "%c", titles [i]);
        if (left && --left == 0) {
            zooid_buffer_text (frame, "\x1b[0;7m");
            column++;
        }
    }
    zooid_buffer_text (frame, "\x1b[0m\n");
}

static void
s_add_foot (size_t hidden, size_t columns, zooid_buffer_t *frame)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t line = { 0 };
    if (hidden)
        zooid_buffer_format (&line, "%zu more below  ", hidden);
    zooid_buffer_text (&line, "q quit  underlined letter: sort, again: reverse  < > next column");
    zooid_buffer_append (frame, line.data, plain_cut (zooid_buffer_string (&line), columns));
}

static void
s_draw (const top_t *self)
{
    enum { AROUND = 5 };        //  Three lines of the head, titles, foot
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t frame = { 0 }, title = { 0 };
    size_t rows, columns;
    screen_size (self->screen, &rows, &columns);
    zooid_arena_new (&arena, 0);
    table_t table;
    table_init (&table, arena);
    roster_sort (self->roster, self->column, self->reversed);
    roster_fill (self->roster, shown, &table);
    s_add_head (self, columns, &frame);
    table_write (&table, 0, 0, &title);
    s_add_titles (self, zooid_buffer_string (&title), columns, &frame);
    size_t room = rows > AROUND ? rows - AROUND : 0, fit = self->roster->count < room ? self->roster->count : room;
    for (size_t i = 1; i <= fit; i++) {
        table_write (&table, i, columns, &frame);
        zooid_buffer_text (&frame, "\n");
    }
    for (size_t i = fit; i < room; i++)
        zooid_buffer_text (&frame, "\n");
    s_add_foot (self->roster->count - fit, columns, &frame);
    screen_show (self->screen, &frame);
}

//  ---- keys

//  The column `by` places to the right of the one that is sorted by.
static void
s_move (top_t *self, size_t by)
{
    size_t count = ZOOID_COUNT (shown) - 1, place = 0;
    while (strcmp (shown [place], self->column->name) != 0)
        place++;
    self->column = roster_find_column (shown [(place + by) % count]);
    self->reversed = false;
}

static void
s_press (top_t *self, int key)
{
    if (key == 'q' || key == 'Q')
        self->ended = true;
    else if (key == SCREEN_RIGHT || key == '>')
        s_move (self, 1);
    else if (key == SCREEN_LEFT || key == '<')
        s_move (self, ZOOID_COUNT (shown) - 2);
    for (size_t i = 0; shown [i]; i++) {
        const roster_column_t *column = roster_find_column (shown [i]);
        if (column->key != key)
            continue;
        self->reversed = column == self->column && !self->reversed;
        self->column = column;
        break;
    }
}

//  A client_wait_fn: until the node answers, do what is asked for here.
static bool
s_attend (void *state, int descriptor, int64_t until_ms)
{
    top_t *self = state;
    while (!self->ended) {
        int key = 0;
        switch (screen_wait (self->screen, descriptor, until_ms, &key)) {
        case SCREEN_READY:
        case SCREEN_LATE:    return true;
        case SCREEN_KEY:     s_press (self, key); break;
        case SCREEN_CHANGED: break;
        case SCREEN_END:     self->ended = true; break;
        }
        if (!self->ended)
            s_draw (self);
    }
    return false;
}

static int
s_watch (top_t *self)
{
    int rc = screen_new (&self->screen);
    if (rc) {
        fprintf (stderr, "zooid top: %s\n", strerror (-rc));
        return EXIT_FAILED;
    }
    self->nodes.wait = s_attend;
    self->nodes.wait_state = self;
    for (int64_t next_ms = client_now_ms (); !self->ended;) {
        s_draw (self);
        //  Late already: the node takes longer than the interval. It is left in peace for as long again.
        int64_t now_ms = client_now_ms ();
        next_ms = next_ms + self->interval_ms > now_ms ? next_ms + self->interval_ms : now_ms + self->interval_ms;
        if (s_attend (self, -1, next_ms))
            s_read (self);
    }
    int signal_number = screen_signal (self->screen);
    screen_destroy (&self->screen);
    screen_end_by (signal_number);
    return EXIT_DONE;
}

//  ---- one table

typedef struct {
    zooid_presence_t presence;
    const char *name, *node, *module, *state, *why;
    int64_t waiting, bytes, asks, restarts, refused, dropped, dead;
    double in_per_s, handled_per_s;
} line_t;

static const zooid_field_t line_fields [] = {
    ZOOID_STRING (line_t, name), ZOOID_STRING (line_t, node), ZOOID_STRING (line_t, module), ZOOID_INTEGER (line_t, waiting),
    ZOOID_INTEGER (line_t, bytes), ZOOID_REAL (line_t, in_per_s, .nullable = true), ZOOID_REAL (line_t, handled_per_s, .nullable = true),
    ZOOID_INTEGER (line_t, asks), ZOOID_INTEGER (line_t, restarts), ZOOID_INTEGER (line_t, refused), ZOOID_INTEGER (line_t, dropped),
    ZOOID_INTEGER (line_t, dead), ZOOID_STRING (line_t, state), ZOOID_STRING (line_t, why),
};
static const zooid_record_t line_record = ZOOID_RECORD ("actor", line_t, line_fields, .presence = ZOOID_PRESENCE (line_t));

static void
s_print_json (const roster_row_t *row)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t msgpack = { 0 }, json = { 0 };
    line_t line = {
        .name = row->name, .node = row->node, .module = row->module, .state = roster_state_name (row->state), .why = row->why,
        .waiting = row->waiting, .bytes = row->bytes, .asks = row->asks, .restarts = row->restarts, .refused = row->refused,
        .dropped = row->dropped, .dead = row->dead, .in_per_s = row->in_rate, .handled_per_s = row->handled_rate,
    };
    if (!row->rated) {
        ZOOID_SET_NULL (&line_record, line_t, &line, in_per_s);
        ZOOID_SET_NULL (&line_record, line_t, &line, handled_per_s);
    }
    if (zooid_record_encode (&line_record, &line, &msgpack) == 0
        && zooid_json_write (&line_record, (zooid_bytes_t) { msgpack.data, msgpack.size }, &json) == 0)
        puts (zooid_buffer_string (&json));
}

static int
s_print (top_t *self, bool json)
{
    poll (NULL, 0, (int) self->interval_ms);
    if (!s_read (self)) {
        fprintf (stderr, "zooid top: %s\n", self->nodes.why);
        return EXIT_FAILED;
    }
    roster_sort (self->roster, self->column, self->reversed);
    table_t table;
    table_init (&table, self->roster->arena);
    roster_fill (self->roster, shown, &table);
    for (size_t i = 0; !json && i < table_rows (&table); i++) {
        ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t line = { 0 };
        table_write (&table, i, 0, &line);
        puts (zooid_buffer_string (&line));
    }
    for (size_t i = 0; json && i < self->roster->count; i++)
        s_print_json (&self->roster->rows [i]);
    return EXIT_DONE;
}

static void
s_fini (top_t *self)
{
    roster_destroy (&self->roster);
    nodes_fini (&self->nodes);
}

static int
s_top (const invocation_t *invocation)
{
    ZOOID_CLEANUP (s_fini) top_t self = { .interval_ms = 1000 };
    const char *interval = invocation_value (invocation, "--interval"), *column = invocation_value (invocation, "--sort");
    bool json = invocation_has (invocation, "--json");
    nodes_init (&self.nodes, invocation);
    if ((interval && !s_read_interval (&self, interval)) || !s_read_column (&self, column ? column : "handled/s"))
        return EXIT_USAGE;
    if (!s_read (&self)) {
        fprintf (stderr, "zooid top: %s\n", self.nodes.why);
        return EXIT_FAILED;
    }
    if (json || invocation_has (invocation, "--once") || !screen_is_possible ())
        return s_print (&self, json);
    return s_watch (&self);
}

const command_t command_top = {
    .name = "top", .arguments = "[options]", .options = options, .option_count = ZOOID_COUNT (options), .run = s_top,
    .doc = "Watch the actors that run, busiest first\n"
           "q ends it. The underlined letter of a column sorts by it, and once more the other way; < and > sort by the next\n"
           "column. Columns are those of `zooid actors`, with what comes (in/s) and is handled (handled/s) a second, and\n"
           "asks that wait for an answer.",
};
