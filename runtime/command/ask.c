//  A question goes through the control socket of a node that runs. Without --node all nodes of the data folder are tried:
//  those of one process answer for each other, and of several processes the one that knows the operation.
#include "client.h"
#include "command.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zooid/record.h>

enum { DEADLINE_MS = 5000, DEADLINE_MAX_MS = 600000, GRACE_MS = 5000, INPUT_MAX = 1024 * 1024 - 1024 };

static const option_t options [] = {
    { "--data", "FOLDER", "Where the nodes keep their data; var" },
    { "--node", "NAME", "Ask this node; without it the one in the folder that runs" },
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

//  ---- the request

//  The arguments, or standard input when they are `-`: secrets do not belong on a command line.
static bool
s_read_arguments (const invocation_t *self, zooid_buffer_t *out)
{
    const char *text = self->argument_count > 1 ? self->arguments [1] : "{}";
    if (strcmp (text, "-") != 0)
        zooid_buffer_text (out, text);
    else {
        char part [16384];
        size_t size;
        while ((size = fread (part, 1, sizeof part, stdin)) > 0 && out->size <= INPUT_MAX)
            zooid_buffer_append (out, part, size);
    }
    if (out->size <= INPUT_MAX)
        return true;
    fprintf (stderr, "zooid ask: the arguments are too long; at most %d bytes\n", INPUT_MAX);
    return false;
}

static bool
s_write_request (const invocation_t *self, int64_t deadline_ms, zooid_arena_t *arena, zooid_buffer_t *out)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t text = { 0 }, msgpack = { 0 };
    const char *why = "";
    if (!s_read_arguments (self, &text))
        return false;
    if (zooid_json_parse ((const char *) text.data, text.size, arena, &msgpack, &why)) {
        fprintf (stderr, "zooid ask: the arguments are not JSON: %s\n", why);
        return false;
    }
    zooid_buffer_text (out, "{\"ask\":");
    zooid_json_quote (self->arguments [0], strlen (self->arguments [0]), out);
    zooid_buffer_format (out, ",\"deadline_ms\":%lld,\"arguments\":", (long long) deadline_ms);
    //  Written again: on one line, whatever line breaks there were.
    zooid_json_write (NULL, (zooid_bytes_t) { msgpack.data, msgpack.size }, out);
    zooid_buffer_text (out, "}");
    return true;
}

//  ---- the answer

typedef struct {
    const char *pointer, *code, *detail;
} mistake_t;

static const zooid_field_t mistake_fields [] = {
    ZOOID_STRING (mistake_t, pointer, .doc = "Where"), ZOOID_STRING (mistake_t, code, .doc = "Which rule"), ZOOID_STRING (mistake_t, detail, .doc = "What"),
};
static const zooid_record_t mistake_record = ZOOID_RECORD ("error", mistake_t, mistake_fields);

typedef struct {
    zooid_presence_t presence;
    zooid_any_t reply;
    const char *failure, *detail;
    zooid_list_t errors;
} answer_t;

static const zooid_field_t answer_fields [] = {
    ZOOID_ANY (answer_t, reply, .optional = true, .nullable = true, .doc = "When it succeeded"),
    ZOOID_STRING (answer_t, failure, .optional = true, .doc = "Else its name"),
    ZOOID_STRING (answer_t, detail, .optional = true, .max_length = 65536, .doc = "Of the failure"),
    ZOOID_LIST (answer_t, errors, .optional = true, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, mistake_t, .record = &mistake_record), .doc = "Of the failure"),
};
static const zooid_record_t answer_record = ZOOID_RECORD ("answer", answer_t, answer_fields, .presence = ZOOID_PRESENCE (answer_t));

static bool
s_read_answer (const zooid_buffer_t *line, zooid_arena_t *arena, answer_t *ret_answer)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t msgpack = { 0 };
    return zooid_json_read (&answer_record, (const char *) line->data, line->size, ZOOID_UNKNOWN_SKIPPED, arena,
                            &msgpack, NULL) == 0
           && zooid_record_decode (&answer_record, (zooid_bytes_t) { msgpack.data, msgpack.size }, arena, ret_answer,
                                NULL) == 0;
}

static int
s_show (const invocation_t *self, const zooid_buffer_t *line, const answer_t *answer)
{
    static const char before [] = "{\"reply\":";
    bool failed = ZOOID_HAS (&answer_record, answer_t, answer, failure);
    if (failed && invocation_has (self, "--json"))
        printf ("%.*s\n", (int) line->size, (const char *) line->data);
    else if (failed) {
        fprintf (stderr, "zooid ask: %s: %s\n", answer->failure, answer->detail ? answer->detail : "");
        for (size_t i = 0; i < answer->errors.count; i++) {
            const mistake_t *mistake = (const mistake_t *) answer->errors.items + i;
            fprintf (stderr, "  %s %s\n", *mistake->pointer ? mistake->pointer : "(the whole)", mistake->detail);
        }
    }
    else {
        //  As it came: reading and writing it could change the numbers.
        const char *json = (const char *) line->data + sizeof before - 1;
        size_t size = line->size - sizeof before;
        if (invocation_has (self, "--json"))
            printf ("%.*s\n", (int) size, json);
        else
            s_indent (json, size, stdout);
    }
    return failed ? EXIT_FAILED : EXIT_DONE;
}

//  ---- whom to ask

typedef struct {
    char *names [64];
    size_t count;
} nodes_t;

static void
s_nodes_fini (nodes_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        free (self->names [i]);
}

static void
s_find_nodes (const char *data, nodes_t *ret_nodes)
{
    DIR *folder = opendir (data);
    const struct dirent *entry;
    while (folder && ret_nodes->count < ZOOID_COUNT (ret_nodes->names) && (entry = readdir (folder))) {
        char path [4096];
        int size = snprintf (path, sizeof path, "%s/%s/control.sock", data, entry->d_name);
        if (entry->d_name [0] != '.' && size > 0 && (size_t) size < sizeof path && access (path, F_OK) == 0)
            ret_nodes->names [ret_nodes->count++] = zooid_duplicate (entry->d_name);
    }
    if (folder)
        closedir (folder);
}

static int
s_ask_node (const char *data, const char *node, const zooid_buffer_t *request, int64_t deadline_ms,
            zooid_buffer_t *ret_line)
{
    char path [4096];
    int size = snprintf (path, sizeof path, "%s/%s/control.sock", data, node);
    if (size < 0 || (size_t) size >= sizeof path)
        return -ENAMETOOLONG;
    zooid_buffer_clear (ret_line);
    return client_ask (path, (zooid_bytes_t) { request->data, request->size }, deadline_ms + GRACE_MS, ret_line);
}

//  A node that is there and did not answer: it may be the one that knows.
static void
s_add_silent (zooid_buffer_t *out, const char *data, const char *node, int rc, int64_t deadline_ms)
{
    zooid_buffer_format (out, "zooid ask: node %s (%s/%s/control.sock) ", node, data, node);
    if (rc == -ETIMEDOUT)
        zooid_buffer_format (out, "did not answer within %lld ms; look at its log, and end it when it hangs\n",
                             (long long) deadline_ms + GRACE_MS);
    else if (rc == -EACCES || rc == -EPERM)
        zooid_buffer_format (out, "may not be asked: %s; ask as the user that runs it\n", strerror (-rc));
    else if (rc == -ENAMETOOLONG)
        zooid_buffer_format (out, "has too long a path; say a shorter --data\n");
    else
        zooid_buffer_format (out, "ended while it was asked: %s; look at its log, and start it again\n", strerror (-rc));
}

static int
s_ask_nodes (const invocation_t *self, const char *data, const nodes_t *nodes, const zooid_buffer_t *request,
             int64_t deadline_ms, zooid_arena_t *arena)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t line = { 0 }, kept = { 0 }, silent = { 0 };
    answer_t answer = { .failure = NULL };
    for (size_t i = 0; i < nodes->count; i++) {
        int one = s_ask_node (data, nodes->names [i], request, deadline_ms, &line);
        if (one && one != -ECONNREFUSED && one != -ENOENT)
            s_add_silent (&silent, data, nodes->names [i], one, deadline_ms);
        if (one || !s_read_answer (&line, arena, &answer))
            continue;
        if (!answer.failure || strcmp (answer.failure, "unknown_operation") != 0)
            return s_show (self, &line, &answer);
        zooid_buffer_clear (&kept);
        zooid_buffer_append (&kept, line.data, line.size);
    }
    fputs (zooid_buffer_string (&silent), stderr);
    if (kept.size && s_read_answer (&kept, arena, &answer))
        return s_show (self, &kept, &answer);
    const char *node = invocation_value (self, "--node");
    if (silent.size == 0)
        fprintf (stderr, "zooid ask: no node%s%s runs with its data in %s; start one with `zooid run`, or say --data\n",
                 node ? " " : "", node ? node : "", data);
    return EXIT_FAILED;
}

static int
s_ask (const invocation_t *self)
{
    const char *data = invocation_value (self, "--data"), *node = invocation_value (self, "--node");
    const char *deadline = invocation_value (self, "--deadline-ms");
    data = data && *data ? data : "var";
    long deadline_ms = deadline ? strtol (deadline, NULL, 10) : DEADLINE_MS;
    if (deadline_ms < 1 || deadline_ms > DEADLINE_MAX_MS) {
        fprintf (stderr, "zooid ask: --deadline-ms %s; a number from 1 to %d\n", deadline, DEADLINE_MAX_MS);
        return EXIT_USAGE;
    }
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t request = { 0 };
    ZOOID_CLEANUP (s_nodes_fini) nodes_t nodes = { .count = 0 };
    zooid_arena_new (&arena, 0);
    if (!s_write_request (self, deadline_ms, arena, &request))
        return EXIT_USAGE;
    if (node)
        nodes.names [nodes.count++] = zooid_duplicate (node);
    else
        s_find_nodes (data, &nodes);
    return s_ask_nodes (self, data, &nodes, &request, deadline_ms, arena);
}

const command_t command_ask = {
    .name = "ask", .arguments = "ACTOR.OPERATION [JSON|-] [options]", .minimum = 1, .maximum = 2, .options = options,
    .option_count = ZOOID_COUNT (options), .run = s_ask,
    .doc = "Ask an operation of a node that runs, with all scopes\n"
           "JSON is what the operation takes, {} when it is left out, standard input when it is `-`.",
};
