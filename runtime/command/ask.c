//  A question goes through the control socket of a node that runs. Without --node all processes of the data folder are tried,
//  until one knows the operation.
#include "input.h"
#include "nodes.h"

#include <stdio.h>

enum { DEADLINE_MAX_MS = 600000 };

static const option_t options [] = {
    NODES_OPTIONS,
    { "--deadline-ms", "MS", "Wait so long for the answer; 5000" },
    { "--json", NULL, "The answer on one line; a failure too, on standard output" },
};

//  JSON again, with line breaks. The text is sound: the runtime wrote it.
static void
s_indent (const char *json, size_t size, FILE *out)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < size; i++) {
        char byte = json [i], next = i + 1 < size ? json [i + 1] : 0;
        bool opens = !quoted && (byte == '{' || byte == '['), closes = !quoted && (byte == '}' || byte == ']');
        if (byte == '"' && !quoted)
            quoted = true;
        else if (quoted && byte == '\\') {
            fputc (byte, out);
            byte = json [++i];
        }
        else if (quoted && byte == '"')
            quoted = false;
        bool empty = opens && (next == '}' || next == ']');
        if (closes && depth > 0)
            fprintf (out, "\n%*s", 4 * --depth, "");
        fputc (byte, out);
        if (empty) {
            fputc (next, out);
            i++;
        }
        else if (opens)
            fprintf (out, "\n%*s", 4 * ++depth, "");
        else if (!quoted && byte == ',')
            fprintf (out, "\n%*s", 4 * depth, "");
        else if (!quoted && byte == ':')
            fputc (' ', out);
    }
    fputc ('\n', out);
}

static int
s_show (const invocation_t *self, const answer_t *answer)
{
    bool json = invocation_has (self, "--json");
    if (answer->failure && json)
        puts (answer->line);
    else if (answer->failure)
        answer_say_failure (answer, "ask", "");
    else if (json)
        puts (answer->json);
    else
        s_indent (answer->json, answer->size, stdout);
    return answer->failure ? EXIT_FAILED : EXIT_DONE;
}

static int
s_ask (const invocation_t *self)
{
    int64_t deadline_ms = 0;
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t arguments = { 0 };
    ZOOID_CLEANUP (nodes_fini) nodes_t nodes;
    nodes_init (&nodes, self);
    zooid_arena_new (&arena, 0);
    if (!invocation_number (self, "--deadline-ms", 1, DEADLINE_MAX_MS, NODES_DEADLINE_MS, &deadline_ms)
        || !input_json (self, 1, "arguments are", &arguments))
        return EXIT_USAGE;
    answer_t answer;
    if (nodes_find (&nodes)
        && nodes_ask_any (&nodes, self->arguments [0], zooid_buffer_string (&arguments), deadline_ms, "unknown_operation",
                          arena, &answer))
        return s_show (self, &answer);
    fprintf (stderr, "zooid ask: %s\n", nodes.why);
    return EXIT_FAILED;
}

const command_t command_ask = {
    .name = "ask", .arguments = "ACTOR.OPERATION [JSON|-] [options]", .minimum = 1, .maximum = 2, .options = options,
    .option_count = ZOOID_COUNT (options), .run = s_ask,
    .doc = "Ask an operation of a node that runs, with all scopes\n"
           "JSON is what the operation takes, {} when it is left out, standard input when it is `-`.",
};
