#include "roster.h"

#include <stdio.h>

static const option_t options [] = {
    NODES_OPTIONS,
    { "--json", NULL, "One JSON object a line, with all that is known: ledgers, figures, operations" },
};

static const char *const shown [] = {
    "name", "node", "module", "waiting", "bytes", "handled", "restarts", "refused", "dropped", "dead", "state", NULL,
};

static void
s_show_json (const roster_t *roster)
{
    for (size_t i = 0; i < roster->count; i++) {
        ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t json = { 0 };
        zooid_json_write (NULL, roster->rows [i].whole, &json);
        puts (zooid_buffer_string (&json));
    }
}

static void
s_show (const roster_t *roster)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t out = { 0 };
    table_t table;
    table_init (&table, roster->arena);
    roster_fill (roster, shown, &table);
    for (size_t i = 0; i < table_rows (&table); i++) {
        table_write (&table, i, 0, &out);
        zooid_buffer_text (&out, "\n");
    }
    fputs (zooid_buffer_string (&out), stdout);
}

static int
s_actors (const invocation_t *self)
{
    ZOOID_CLEANUP (nodes_fini) nodes_t nodes;
    ZOOID_CLEANUP (roster_destroy) roster_t *roster = NULL;
    nodes_init (&nodes, self);
    if (roster_new (&roster, &nodes)) {
        fprintf (stderr, "zooid actors: %s\n", nodes.why);
        return EXIT_FAILED;
    }
    if (invocation_has (self, "--json"))
        s_show_json (roster);
    else
        s_show (roster);
    if (roster->is_cut)
        fprintf (stderr, "zooid actors: there are more than these %zu; `zooid ask system.actors` gives all, page by page\n",
                 roster->count);
    return EXIT_DONE;
}

const command_t command_actors = {
    .name = "actors", .arguments = "[options]", .options = options, .option_count = ZOOID_COUNT (options), .run = s_actors,
    .doc = "List the actors that run, and how they are\n"
           "waiting, bytes: what is in the mailbox. refused: never got in. dropped: events that a full subscription shed.\n"
           "dead: got in and was not handled (`zooid dead` shows the last). A state is healthy, degraded, down (before its\n"
           "start, between restarts) or silent (a handler holds it up).",
};
