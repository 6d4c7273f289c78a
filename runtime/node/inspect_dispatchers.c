//  Names of dispatchers may repeat, and none is ever taken away: so the cursor is how many were shown.
#include "inspect_parts.h"

typedef struct {
    const char *name;
    bool answers;
    int64_t thread, cpu_ms, actors, ready, waiting, turns, handled;
} dispatcher_t;

static const zooid_field_t dispatcher_fields [] = {
    ZOOID_STRING (dispatcher_t, name, .doc = "Of its thread, behind z:"),
    ZOOID_BOOLEAN (dispatcher_t, answers, .doc = "False: not in time, a handler holds it up; what follows is not known and 0"),
    ZOOID_INTEGER (dispatcher_t, thread, .doc = "The system's number of its thread"),
    ZOOID_INTEGER (dispatcher_t, cpu_ms, .unit = "ms", .doc = "Processor time that it used"),
    ZOOID_INTEGER (dispatcher_t, actors, .doc = "That it runs"),
    ZOOID_INTEGER (dispatcher_t, ready, .doc = "Of these, with something to do"),
    ZOOID_INTEGER (dispatcher_t, waiting, .doc = "Messages queued for them"),
    ZOOID_INTEGER (dispatcher_t, turns, .doc = "Since the node started"),
    ZOOID_INTEGER (dispatcher_t, handled, .doc = "Messages, in these turns"),
};
static const zooid_record_t dispatcher_record = ZOOID_RECORD ("system_dispatcher", dispatcher_t, dispatcher_fields,
    .doc = "A thread that runs actors");

typedef struct {
    zooid_presence_t presence;
    zooid_list_t items;
    const char *next;
} page_t;

static const zooid_field_t page_fields [] = {
    ZOOID_LIST (page_t, items, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, dispatcher_t, .record = &dispatcher_record),
                .max_length = ZOOID_PAGE_LIMIT_MAX, .doc = "As they were made"),
    ZOOID_STRING (page_t, next, .nullable = true, .doc = "Cursor of the next page"),
};
const zooid_record_t inspect_dispatchers_gives = ZOOID_RECORD ("system_dispatchers", page_t, page_fields,
    .presence = ZOOID_PRESENCE (page_t), .doc = "A page of dispatchers");

typedef struct {
    int64_t shown;
} place_t;

static const zooid_field_t place_fields [] = { ZOOID_INTEGER (place_t, shown, .integers = { true, 0, INT32_MAX }) };
static const zooid_record_t place_record = ZOOID_RECORD ("dispatcher_place", place_t, place_fields);

static int
s_on_dispatchers (zooid_context_t *self, void *state, const zooid_dispatcher_figures_t *figures, size_t count)
{
    inspect_listing_t *listing = state;
    zooid_arena_t *arena = zooid_arena (self);
    size_t skip = listing->skip < count ? listing->skip : count;
    size_t left = count - skip, shown = left < listing->limit ? left : listing->limit;
    dispatcher_t *dispatchers = zooid_arena_take (arena, (shown + 1) * sizeof *dispatchers);
    for (size_t i = 0; i < shown; i++) {
        const zooid_dispatcher_figures_t *from = &figures [skip + i];
        dispatchers [i] = (dispatcher_t) {
            .name = from->name, .answers = from->answered, .thread = from->thread, .cpu_ms = from->cpu_ms,
            .actors = (int64_t) from->actors, .ready = (int64_t) from->ready, .waiting = (int64_t) from->waiting,
            .turns = (int64_t) from->turns, .handled = (int64_t) from->handled,
        };
    }
    page_t page = { .items = { dispatchers, shown } };
    if (shown < left)
        page.next = zooid_page_cursor (&inspect_list, &(inspect_list_t) { .limit = 0 }, &place_record,
                                       &(place_t) { (int64_t) (skip + shown) }, arena);
    else
        ZOOID_SET_NULL (&inspect_dispatchers_gives, page_t, &page, next);
    return zooid_request_reply (self, &listing->request, &inspect_dispatchers_gives, &page);
}

int
inspect_dispatchers (zooid_context_t *self, const void *arguments)
{
    const inspect_list_t *wanted = arguments;
    place_t place = { .shown = 0 };
    if (wanted->cursor
        && zooid_page_place (&inspect_list, wanted, wanted->cursor, &place_record, zooid_arena (self), &place))
        return zooid_fail (self, "invalid", "the cursor is not one of this list");
    inspect_listing_t *listing = inspect_listing_new (self, wanted);
    listing->skip = (size_t) place.shown;
    int rc = zooid_dispatchers (self, INSPECT_DEADLINE_MS, s_on_dispatchers, listing, inspect_listing_destroy);
    return inspect_listing_asked (self, listing, rc);
}
