//  The node checks it: by the contract that declares the event, wherever that is from.
#include "input.h"
#include "nodes.h"

#include <stdio.h>
#include <string.h>

static const option_t options [] = {
    NODES_OPTIONS,
    { "--json", NULL, "The answer on one line; a failure too, on standard output" },
};

typedef struct {
    int64_t subscriptions;
} published_t;

static const zooid_field_t published_fields [] = { ZOOID_INTEGER (published_t, subscriptions, .doc = "That it was queued for") };
static const zooid_record_t published_record = ZOOID_RECORD ("published", published_t, published_fields);

static int
s_show (const invocation_t *self, const answer_t *answer, zooid_arena_t *arena)
{
    published_t published = { 0 };
    if (invocation_has (self, "--json"))
        puts (answer->failure ? answer->line : answer->json);
    else if (answer->failure)
        answer_say_failure (answer, "publish", "/payload");
    else if (answer_read (answer, &published_record, arena, &published) && published.subscriptions == 0)
        printf ("published %s; nobody subscribed to it\n", self->arguments [0]);
    else
        printf ("published %s to %lld subscription%s\n", self->arguments [0], (long long) published.subscriptions,
                published.subscriptions == 1 ? "" : "s");
    return answer->failure ? EXIT_FAILED : EXIT_DONE;
}

static int
s_publish (const invocation_t *self)
{
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t payload = { 0 }, arguments = { 0 };
    ZOOID_CLEANUP (nodes_fini) nodes_t nodes;
    nodes_init (&nodes, self);
    zooid_arena_new (&arena, 0);
    if (!input_json (self, 1, "event is", &payload))
        return EXIT_USAGE;
    zooid_buffer_text (&arguments, "{\"topic\":");
    zooid_json_quote (self->arguments [0], strlen (self->arguments [0]), &arguments);
    zooid_buffer_format (&arguments, ",\"payload\":%s}", zooid_buffer_string (&payload));
    answer_t answer;
    if (nodes_find (&nodes)
        && nodes_ask_any (&nodes, "system.publish", zooid_buffer_string (&arguments), NODES_DEADLINE_MS, "unknown_topic",
                          arena, &answer))
        return s_show (self, &answer, arena);
    fprintf (stderr, "zooid publish: %s\n", nodes.why);
    return EXIT_FAILED;
}

const command_t command_publish = {
    .name = "publish", .arguments = "TOPIC JSON|- [options]", .minimum = 2, .maximum = 2, .options = options,
    .option_count = ZOOID_COUNT (options), .run = s_publish,
    .doc = "Publish an event that an actor declares, in its place\n"
           "JSON is the event, standard input when it is `-`. It is checked as the actor's own would be.",
};
