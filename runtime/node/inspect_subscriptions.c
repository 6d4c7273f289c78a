#include "inspect_parts.h"

#include <string.h>

static const char *const origin_names [] = { "contract", "code", NULL };
enum { BY_CONTRACT, BY_CODE };
static const char *const overflow_names [] = { "drop_oldest", "drop_new", NULL };

typedef struct {
    const char *pattern, *actor;
    int32_t origin, overflow;
    int64_t limit, waiting, dropped;
} row_t;

static const zooid_field_t row_fields [] = {
    ZOOID_STRING (row_t, pattern, .doc = "Topics that it covers"),
    ZOOID_STRING (row_t, actor, .doc = "Who subscribed"),
    ZOOID_ENUMERATION (row_t, origin, .names = origin_names, .doc = "What made it"),
    ZOOID_ENUMERATION (row_t, overflow, .names = overflow_names, .doc = "What is shed when too many wait"),
    ZOOID_INTEGER (row_t, limit, .doc = "Events that may wait"),
    ZOOID_INTEGER (row_t, waiting, .doc = "Events on their way or in the mailbox"),
    ZOOID_INTEGER (row_t, dropped, .doc = "Shed so far"),
};
static const zooid_record_t row_record = ZOOID_RECORD ("system_subscription", row_t, row_fields, .doc = "An actor wants these events");

typedef struct {
    zooid_presence_t presence;
    zooid_list_t items;
    const char *next;
} page_t;

static const zooid_field_t page_fields [] = {
    ZOOID_LIST (page_t, items, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, row_t, .record = &row_record), .max_length = ZOOID_PAGE_LIMIT_MAX,
                .doc = "By pattern, then actor"),
    ZOOID_STRING (page_t, next, .nullable = true, .doc = "Cursor of the next page"),
};
const zooid_record_t inspect_subscriptions_gives = ZOOID_RECORD ("system_subscriptions", page_t, page_fields,
    .presence = ZOOID_PRESENCE (page_t), .doc = "A page of subscriptions");

//  The last one shown.
typedef struct {
    const char *pattern, *actor;
    int64_t id;
} place_t;

static const zooid_field_t place_fields [] = {
    ZOOID_STRING (place_t, pattern),
    ZOOID_STRING (place_t, actor),
    ZOOID_INTEGER (place_t, id, .decimal = true),
};
static const zooid_record_t place_record = ZOOID_RECORD ("subscription_place", place_t, place_fields);

static bool
s_is_behind (const zooid_subscription_figures_t *figures, const place_t *place)
{
    int order = strcmp (figures->pattern, place->pattern);
    order = order ? order : strcmp (figures->actor, place->actor);
    return order ? order > 0 : figures->id > (uint64_t) place->id;
}

int
inspect_subscriptions (zooid_context_t *self, const void *arguments)
{
    const inspect_list_t *wanted = arguments;
    zooid_arena_t *arena = zooid_arena (self);
    place_t place = { .pattern = "", .actor = "" };
    if (wanted->cursor && zooid_page_place (&inspect_list, wanted, wanted->cursor, &place_record, arena, &place))
        return zooid_fail (self, "invalid", "the cursor is not one of this list");
    const zooid_subscription_figures_t *figures = NULL;
    size_t count = zooid_subscriptions (self, &figures), first = 0, limit = inspect_limit (wanted);
    while (first < count && !s_is_behind (&figures [first], &place))
        first++;
    size_t shown = count - first < limit ? count - first : limit;
    row_t *rows = zooid_arena_take (arena, (shown + 1) * sizeof *rows);
    for (size_t i = 0; i < shown; i++) {
        const zooid_subscription_figures_t *from = &figures [first + i];
        rows [i] = (row_t) {
            .pattern = from->pattern, .actor = from->actor, .origin = from->id ? BY_CODE : BY_CONTRACT,
            .overflow = (int32_t) from->overflow, .limit = (int64_t) from->limit, .waiting = (int64_t) from->waiting, .dropped = (int64_t) from->dropped,
        };
    }
    page_t page = { .items = { rows, shown } };
    const zooid_subscription_figures_t *last = shown ? &figures [first + shown - 1] : NULL;
    if (first + shown < count)
        page.next = zooid_page_cursor (&inspect_list, wanted, &place_record,
                                       &(place_t) { last->pattern, last->actor, (int64_t) last->id }, arena);
    else
        ZOOID_SET_NULL (&inspect_subscriptions_gives, page_t, &page, next);
    return zooid_reply (self, &inspect_subscriptions_gives, &page);
}
