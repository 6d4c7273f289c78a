//  Everything that `run` would read, and nothing that it would start.
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zooid/node.h>
#include <zooid/record.h>

static const option_t options [] = {
    { "--node", "NAME", "Check it for this node alone: its modules, its secrets" },
    { "--set", "PATH=VALUE", "As of `zooid run`" },
    { "--json", NULL, "One JSON object: {file, sound, errors: [{file, line, column, detail}]}" },
};

static void
s_quote (const char *text, size_t size)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t quoted = { 0 };
    zooid_json_quote (text, size, &quoted);
    fputs (zooid_buffer_string (&quoted), stdout);
}

//  The number behind the last colon of the text's first `size` bytes. Returns where that colon is; 0: there is none.
static size_t
s_take_number (const char *text, size_t size, unsigned *ret_number)
{
    size_t start = size;
    while (start > 0 && text [start - 1] >= '0' && text [start - 1] <= '9')
        start--;
    if (start == size || start < 2 || text [start - 1] != ':')
        return 0;
    *ret_number = (unsigned) strtoul (text + start, NULL, 10);
    return start - 1;
}

//  `file:line:column: detail`, `file: detail` or a detail alone.
static void
s_show_error (const char *line, size_t size)
{
    const char *end = memmem (line, size, ": ", 2);
    size_t head = end ? (size_t) (end - line) : 0;
    unsigned row = 0, column = 0;
    size_t file = s_take_number (line, head, &column);
    file = s_take_number (line, file, &row);
    fputs ("{\"file\":", stdout);
    s_quote (line, row ? file : 0);
    printf (",\"line\":%u,\"column\":%u,\"detail\":", row, row ? column : 0);
    s_quote (row ? end + 2 : line, row ? size - head - 2 : size);
    fputs ("}", stdout);
}

static void
s_show_json (const char *file, const char *errors)
{
    fputs ("{\"file\":", stdout);
    s_quote (file, strlen (file));
    printf (",\"sound\":%s,\"errors\":[", *errors ? "false" : "true");
    for (const char *line = errors; *line;) {
        size_t size = strcspn (line, "\n");
        fputs (line == errors ? "" : ",", stdout);
        s_show_error (line, size);
        line += size + (line [size] == '\n');
    }
    puts ("]}");
}

static int
s_check (const invocation_t *self)
{
    const char *sets [INVOCATION_MAX];
    const zooid_node_options_t how = {
        .file = self->arguments [0], .node = invocation_value (self, "--node"), .data = "", .sets = sets,
        .set_count = invocation_values (self, "--set", sets),
    };
    ZOOID_CLEANUP (zooid_node_destroy) zooid_node_t *node = NULL;
    int rc = zooid_node_new (&node, &how);
    if (rc < 0) {
        fprintf (stderr, "zooid check: %s\n", zooid_fault_trace ());
        return EXIT_FAILED;
    }
    const char *errors = zooid_node_errors (node);
    if (invocation_has (self, "--json"))
        s_show_json (self->arguments [0], errors);
    else if (*errors)
        fputs (errors, stderr);
    else
        printf ("%s is sound\n", self->arguments [0]);
    return *errors ? EXIT_USAGE : EXIT_DONE;
}

const command_t command_check = {
    .name = "check", .arguments = "FILE [options]", .minimum = 1, .maximum = 1, .options = options, .option_count = ZOOID_COUNT (options),
    .run = s_check,
    .doc = "Say what is wrong with a topology file, with line and column\nNothing is started. All errors are said at once.",
};
