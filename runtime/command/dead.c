//  What a letter said is shown as JSON where the node could read it, as text where it is one, else as bytes. Whoever wrote
//  it is not trusted: nothing that a terminal would obey gets through.
#include "nodes.h"
#include "plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 50, LIMIT_MAX = 200, PAYLOAD_KEPT = 4096, BYTES_SHOWN = 32 };

static const option_t options [] = {
    NODES_OPTIONS,
    { "--limit", "N", "Show so many at most; 50" },
    { "--json", NULL, "One JSON object a line" },
};

typedef struct {
    zooid_presence_t presence;
    int64_t died_at;
    const char *actor, *reason, *topic, *detail;
    zooid_bytes_t payload;
    zooid_any_t value;
} letter_t;

static const zooid_field_t letter_fields [] = {
    ZOOID_TIMESTAMP (letter_t, died_at, .doc = "When"),
    ZOOID_STRING (letter_t, actor, .doc = "Whose"),
    ZOOID_STRING (letter_t, reason, .doc = "Why"),
    ZOOID_STRING (letter_t, topic, .doc = "Of what"),
    ZOOID_STRING (letter_t, detail, .doc = "More"),
    ZOOID_BYTES (letter_t, payload, .max_length = PAYLOAD_KEPT, .doc = "Its beginning"),
    ZOOID_ANY (letter_t, value, .optional = true, .nullable = true, .doc = "As its contract spells it"),
};
static const zooid_record_t letter_record = ZOOID_RECORD ("letter", letter_t, letter_fields, .presence = ZOOID_PRESENCE (letter_t));

typedef struct {
    zooid_list_t items;
} page_t;

static const zooid_field_t page_fields [] = {
    ZOOID_LIST (page_t, items, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, letter_t, .record = &letter_record), .doc = "Letters"),
};
static const zooid_record_t page_record = ZOOID_RECORD ("page", page_t, page_fields);

static const zooid_field_t whole_fields [] = {
    ZOOID_LIST (page_t, items, .of = ZOOID_ITEM (ZOOID_TYPE_ANY, zooid_any_t), .doc = "Letters"),
};
static const zooid_record_t whole_record = ZOOID_RECORD ("page", page_t, whole_fields);

//  A letter, and all that the node told of it.
typedef struct {
    letter_t letter;
    zooid_bytes_t whole;
} found_t;

//  ---- what one of them said

static void
s_write_bytes (zooid_bytes_t bytes, zooid_buffer_t *out)
{
    zooid_buffer_format (out, "(%zu bytes)", bytes.size);
    for (size_t i = 0; i < bytes.size && i < BYTES_SHOWN; i++)
        zooid_buffer_format (out, " %02x", bytes.data [i]);
    if (bytes.size > BYTES_SHOWN)
        zooid_buffer_text (out, " ...");
}

static void
s_write_payload (const letter_t *letter, zooid_arena_t *arena, zooid_buffer_t *out)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t json = { 0 };
    bool has_value = ZOOID_HAS (&letter_record, letter_t, letter, value);
    if (has_value && zooid_json_write (NULL, letter->value.msgpack, &json) == 0) {
        plain_append (out, zooid_buffer_string (&json));
        return;
    }
    const char *text = zooid_arena_copy (arena, letter->payload.data, letter->payload.size);
    if (!text || !plain_is_text (text, letter->payload.size)) {
        s_write_bytes (letter->payload, out);
        return;
    }
    zooid_json_quote (text, letter->payload.size, &json);
    plain_append (out, zooid_buffer_string (&json));
}

static void
s_show (const letter_t *letter, zooid_arena_t *arena)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t out = { 0 };
    char when [ZOOID_TIMESTAMP_SIZE];
    zooid_timestamp_write (letter->died_at, when);
    zooid_buffer_format (&out, "%s  ", when);
    const char *const words [] = { *letter->actor ? letter->actor : "-", letter->reason, letter->topic };
    for (size_t i = 0; i < ZOOID_COUNT (words); i++) {
        plain_append (&out, words [i]);
        zooid_buffer_text (&out, i + 1 < ZOOID_COUNT (words) ? "  " : "");
    }
    if (*letter->detail) {
        zooid_buffer_text (&out, ": ");
        plain_append (&out, letter->detail);
    }
    zooid_buffer_text (&out, "\n");
    if (letter->payload.size) {
        zooid_buffer_text (&out, "    ");
        s_write_payload (letter, arena, &out);
        zooid_buffer_text (&out, letter->payload.size == PAYLOAD_KEPT ? " (its beginning)\n" : "\n");
    }
    fputs (zooid_buffer_string (&out), stdout);
}

static void
s_show_json (const found_t *found)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t json = { 0 };
    zooid_json_write (NULL, found->whole, &json);
    puts (zooid_buffer_string (&json));
}

//  ---- all of them

static int
s_newest_first (const void *a, const void *b)
{
    int64_t left = ((const found_t *) a)->letter.died_at, right = ((const found_t *) b)->letter.died_at;
    return left > right ? -1 : left < right;
}

//  Append those of one process. False: `nodes->why`.
static bool
s_read (nodes_t *nodes, size_t index, int64_t limit, zooid_arena_t *arena, found_t *found, size_t *count_p)
{
    answer_t answer;
    page_t letters = { .items = { NULL, 0 } }, wholes = { .items = { NULL, 0 } };
    const char *arguments = zooid_arena_format (arena, "{\"limit\":%lld}", (long long) limit);
    if (nodes_ask (nodes, index, "system.dead", arguments, NODES_DEADLINE_MS, arena, &answer))
        return false;
    if (answer.failure || !answer_read (&answer, &page_record, arena, &letters)
        || !answer_read (&answer, &whole_record, arena, &wholes)) {
        nodes_blame (nodes, index, answer.failure ? answer.detail : NODES_MISUNDERSTOOD);
        return false;
    }
    const letter_t *letter = letters.items.items;
    const zooid_any_t *whole = wholes.items.items;
    for (size_t i = 0; i < letters.items.count; i++)
        found [(*count_p)++] = (found_t) { letter [i], whole [i].msgpack };
    return true;
}

static int
s_dead (const invocation_t *self)
{
    int64_t limit = 0;
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    ZOOID_CLEANUP (nodes_fini) nodes_t nodes;
    nodes_init (&nodes, self);
    zooid_arena_new (&arena, 0);
    if (!invocation_number (self, "--limit", 1, LIMIT_MAX, LIMIT, &limit))
        return EXIT_USAGE;
    bool done = nodes_find (&nodes);
    size_t count = 0;
    found_t *found = zooid_arena_take (arena, (nodes.count * (size_t) limit + 1) * sizeof *found);
    for (size_t i = 0; done && i < nodes.count; i++)
        done = s_read (&nodes, i, limit, arena, found, &count);
    if (!done) {
        fprintf (stderr, "zooid dead: %s\n", nodes.why);
        return EXIT_FAILED;
    }
    //  Those of one process are in order; ones of the same moment stay so.
    if (nodes.count > 1)
        qsort (found, count, sizeof *found, s_newest_first);
    for (size_t i = 0; i < count && i < (size_t) limit; i++)
        if (invocation_has (self, "--json"))
            s_show_json (&found [i]);
        else
            s_show (&found [i].letter, arena);
    if (count == 0)
        fputs ("zooid dead: there are no dead letters\n", stderr);
    return EXIT_DONE;
}

const command_t command_dead = {
    .name = "dead", .arguments = "[options]", .options = options, .option_count = ZOOID_COUNT (options), .run = s_dead,
    .doc = "Show the last messages that did not arrive, newest first\n"
           "When, whose it was, why, its operation or topic; below that what it said. The node keeps the last 1024.",
};
