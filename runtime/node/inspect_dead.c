//  A letter is shown as the contract reads it, where a contract knows its topic and it is whole. What came from outside
//  may be anything: its texts are made readable, and its bytes are given beside.
#include "inspect_parts.h"
#include "readable.h"

#include <string.h>
#include <zooid/msgpack.h>

//  Deeper values are given as bytes alone: the reply has levels of its own, and so has whoever passes it on.
enum { PAYLOAD_MAX = 4096, VALUE_DEPTH_MAX = 16 };

typedef struct {
    zooid_presence_t presence;
    int64_t died_at;
    const char *actor, *reason, *topic, *detail;
    zooid_bytes_t payload;
    zooid_any_t value;
} letter_t;

static const zooid_field_t letter_fields [] = {
    ZOOID_TIMESTAMP (letter_t, died_at, .doc = "When"),
    ZOOID_STRING (letter_t, actor, .doc = "Whose it was"),
    ZOOID_STRING (letter_t, reason, .doc = "Why it did not arrive"),
    ZOOID_STRING (letter_t, topic, .doc = "Its operation or topic"),
    ZOOID_STRING (letter_t, detail, .doc = "More"),
    ZOOID_BYTES (letter_t, payload, .max_length = PAYLOAD_MAX, .doc = "Its beginning; empty where its record has a secret"),
    ZOOID_ANY (letter_t, value, .optional = true, .doc = "The payload as its contract spells it, when it is whole"),
};
static const zooid_record_t letter_record = ZOOID_RECORD ("dead_letter", letter_t, letter_fields, .presence = ZOOID_PRESENCE (letter_t),
    .doc = "What did not arrive");

typedef struct {
    zooid_presence_t presence;
    zooid_list_t items;
    const char *next;
} page_t;

static const zooid_field_t page_fields [] = {
    ZOOID_LIST (page_t, items, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, letter_t, .record = &letter_record), .max_length = ZOOID_PAGE_LIMIT_MAX,
                .doc = "Newest first"),
    ZOOID_STRING (page_t, next, .nullable = true, .doc = "Always null: only the last ones are kept"),
};
const zooid_record_t inspect_dead_gives = ZOOID_RECORD ("dead_letters", page_t, page_fields, .presence = ZOOID_PRESENCE (page_t),
    .doc = "The last dead letters");

static bool
s_has_secret (const zooid_record_t *record, size_t depth)
{
    for (size_t i = 0; record && depth && i < record->field_count; i++) {
        const zooid_field_t *field = &record->fields [i];
        while (field->of)
            field = field->of;
        if (record->fields [i].secret || field->secret || s_has_secret (field->record, depth - 1))
            return true;
    }
    return false;
}

//  NULL: no contract knows the topic.
static const zooid_record_t *
s_record_of (zooid_context_t *self, const char *topic)
{
    zooid_ref_t ref;
    const zooid_operation_t *operation = NULL;
    const zooid_event_t *event = NULL;
    if (zooid_directory_operation (self, topic, &ref, &operation) == 0)
        return operation->takes;
    return zooid_directory_event (self, topic, &event) == 0 ? event->carries : NULL;
}

static bool
s_is_map (zooid_bytes_t msgpack)
{
    zooid_cursor_t cursor = { msgpack };
    zooid_token_t token;
    return zooid_cursor_next (&cursor, &token) == 0 && token.type == ZOOID_MSGPACK_MAP
           && zooid_msgpack_is_sound (msgpack);
}

static size_t
s_depth (const char *json)
{
    size_t depth = 0, deepest = 0;
    bool quoted = false;
    for (; *json; json++) {
        if (*json == '"')
            quoted = !quoted;
        else if (quoted && *json == '\\')
            json++;
        else if (!quoted && (*json == '{' || *json == '['))
            deepest = ++depth > deepest ? depth : deepest;
        else if (!quoted && (*json == '}' || *json == ']'))
            depth--;
    }
    return deepest;
}

//  All that the runtime carries is a map. A text that is no msgpack may look like a number: a map it never looks like.
static void
s_set_value (letter_t *letter, const zooid_record_t *record, zooid_arena_t *arena)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t json = { 0 }, value = { 0 };
    if (!s_is_map (letter->payload))
        return;
    //  One that died because it breaks its record is shown as it is.
    if (zooid_json_write (record, letter->payload, &json)) {
        zooid_buffer_clear (&json);
        if (zooid_json_write (NULL, letter->payload, &json))
            return;
    }
    const char *why = NULL;
    if (s_depth (zooid_buffer_string (&json)) > VALUE_DEPTH_MAX
        || zooid_json_parse (zooid_buffer_string (&json), json.size, arena, &value, &why))
        return;
    const char *copy = zooid_arena_copy (arena, value.data, value.size);
    letter->value = (zooid_any_t) { { (const uint8_t *) copy, copy ? value.size : 0 } };
    ZOOID_SET (&letter_record, letter_t, letter, value);
}

static letter_t
s_letter (zooid_context_t *self, const zooid_dead_letter_t *from)
{
    zooid_arena_t *arena = zooid_arena (self);
    const zooid_record_t *record = s_record_of (self, from->topic);
    letter_t letter = {
        .died_at = from->at_ms, .actor = readable_text (from->actor, arena), .reason = readable_text (from->reason, arena),
        .topic = readable_text (from->topic, arena), .detail = readable_text (from->detail, arena),
    };
    if (s_has_secret (record, ZOOID_DEPTH_MAX))
        return letter;
    letter.payload = from->payload;
    s_set_value (&letter, record, arena);
    return letter;
}

int
inspect_dead (zooid_context_t *self, const void *arguments)
{
    const zooid_dead_letter_t *letters = NULL;
    size_t count = zooid_dead_letters (self, inspect_limit (arguments), &letters);
    letter_t *shown = zooid_arena_take (zooid_arena (self), (count + 1) * sizeof *shown);
    for (size_t i = 0; i < count; i++)
        shown [i] = s_letter (self, &letters [i]);
    page_t page = { .items = { shown, count } };
    ZOOID_SET_NULL (&inspect_dead_gives, page_t, &page, next);
    return zooid_reply (self, &inspect_dead_gives, &page);
}
