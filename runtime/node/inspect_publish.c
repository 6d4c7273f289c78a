//  The payload comes as an `any`, spelled as JSON spells it, so it is read by the event's record as JSON: what a bridge or
//  a browser would send, and with the same complaints.
#include "inspect_parts.h"
#include "nearest.h"

#include <string.h>
#include <zooid/msgpack.h>

enum { TOPIC_MAX = 255 };

typedef struct {
    const char *topic;
    zooid_any_t payload;
} publish_t;

static const zooid_field_t publish_fields [] = {
    ZOOID_STRING (publish_t, topic, .min_length = 1, .max_length = TOPIC_MAX, .example = "\"door.opened\"",
                  .doc = "One that an actor declares"),
    ZOOID_ANY (publish_t, payload, .doc = "Of the event's record, spelled as in JSON"),
};
const zooid_record_t inspect_publish_takes = ZOOID_RECORD ("system_publish", publish_t, publish_fields, .doc = "An event from outside");

typedef struct {
    const char *topic;
    int64_t subscriptions;
} published_t;

static const zooid_field_t published_fields [] = {
    ZOOID_STRING (published_t, topic, .doc = "As it was given"),
    ZOOID_INTEGER (published_t, subscriptions, .doc = "That it was queued for; those that had no room left are not among them"),
};
const zooid_record_t inspect_publish_gives = ZOOID_RECORD ("system_published", published_t, published_fields, .doc = "It is on its way");

//  ---- a topic that nobody declares

//  What the topic would have to be to fall under the pattern: its own segments where the pattern has a {name}.
static const char *
s_fill (const char *pattern, const char *topic, zooid_arena_t *arena)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t filled = { 0 };
    while (true) {
        size_t segment = strcspn (pattern, "."), own = strcspn (topic, ".");
        if (*pattern == '{' && own)
            zooid_buffer_append (&filled, topic, own);
        else
            zooid_buffer_append (&filled, pattern, segment);
        topic += own + (topic [own] == '.');
        if (!pattern [segment])
            return zooid_arena_copy (arena, filled.data, filled.size);
        zooid_buffer_text (&filled, ".");
        pattern += segment + 1;
    }
}

static int
s_refuse_topic (zooid_context_t *self, const char *topic)
{
    const zooid_offer_t *offers = NULL;
    size_t count = zooid_directory (self, &offers);
    nearest_t nearest;
    nearest_init (&nearest, topic);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < offers [i].module->contract->event_count; k++) {
            const char *filled = s_fill (offers [i].module->contract->events [k].topic, topic, zooid_arena (self));
            if (filled)
                nearest_offer (&nearest, filled);
        }
    if (nearest_name (&nearest))
        return zooid_fail (self, "unknown_topic", "no actor declares an event `%s`; did you mean `%s`?", topic,
                           nearest_name (&nearest));
    return zooid_fail (self, "unknown_topic", "no actor declares an event `%s`; system.subscriptions shows what is waited for",
                       topic);
}

//  ---- arguments that break a rule

//  Pointers of the violations are within `base`.
static int
s_refuse (zooid_context_t *self, const char *detail, const char *base, const zooid_violations_t *violations)
{
    zooid_arena_t *arena = zooid_arena (self);
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t errors = { 0 };
    zooid_pack_array (&errors, violations->count);
    for (size_t i = 0; i < violations->count; i++) {
        const char *pointer = zooid_arena_format (arena, "%s%s", base, violations->items [i].pointer);
        zooid_pack_map (&errors, 3);
        zooid_pack_text (&errors, "pointer");
        zooid_pack_text (&errors, pointer ? pointer : base);
        zooid_pack_text (&errors, "code");
        zooid_pack_text (&errors, violations->items [i].code);
        zooid_pack_text (&errors, "detail");
        zooid_pack_text (&errors, violations->items [i].detail);
    }
    zooid_request_t *request = zooid_request_take (self);
    return zooid_request_forward (self, &request, &(zooid_outcome_t) {
        .failure = "invalid", .kind = ZOOID_FAILURE_INVALID, .detail = detail, .payload = { errors.data, errors.size } });
}

//  ----

int
inspect_publish (zooid_context_t *self, const void *arguments)
{
    const publish_t *wanted = arguments;
    zooid_arena_t *arena = zooid_arena (self);
    const zooid_event_t *event = NULL;
    zooid_violations_t violations = { .count = 0 };
    if (!zooid_topic_is_name (wanted->topic)) {
        zooid_violations_add (&violations, arena, "", "characters",
                              "is no topic: words of A-Za-z0-9_- with dots between them");
        return s_refuse (self, "this is no topic", "/topic", &violations);
    }
    if (zooid_directory_event (self, wanted->topic, &event))
        return s_refuse_topic (self, wanted->topic);
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t json = { 0 }, payload = { 0 };
    if (wanted->payload.msgpack.size == 0)
        zooid_buffer_text (&json, "null");
    else if (zooid_json_write (NULL, wanted->payload.msgpack, &json))
        return zooid_fail (self, "invalid", "the payload has no form in JSON");
    if (zooid_json_read (event->carries, zooid_buffer_string (&json), json.size, ZOOID_UNKNOWN_REFUSED, arena, &payload,
                         &violations))
        return s_refuse (self, "the payload breaks the record of the event", "/payload", &violations);
    size_t reached = 0;
    int rc = zooid_directory_publish (self, wanted->topic, (zooid_bytes_t) { payload.data, payload.size }, &reached);
    if (rc == ZOOID_DENIED)
        return zooid_fail (self, "denied", "an event `%s` needs the scope %s", wanted->topic, event->scope);
    if (rc == ZOOID_UNKNOWN)            //  Its actor ended in this moment
        return s_refuse_topic (self, wanted->topic);
    if (rc)
        return zooid_fault (rc);
    return zooid_reply (self, &inspect_publish_gives, &(published_t) { wanted->topic, (int64_t) reached });
}
