//  query.c - a page of windows: what the store has and what memory has, as one list
//
//  The actor's turn copies the device's windows out of memory; the snapshot, a moment later and on the pool, reads rows
//  and merges the two sorted lists. A window that both have is in two parts (a partial one of an earlier run, and what
//  came since), unless it was closed and this run wrote the row: then it was stored between the two moments.
#include "analytics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zooid/page.h>

typedef struct {
    zooid_bytes_t payload;
    int64_t writer;
    size_t count;                       //  Of windows, by window_compare
    window_t windows [];
    //  Behind them the payload.
} query_t;

//  A page under way.
typedef struct {
    analytics_windows_t given;
    window_t *items;
    size_t count, limit;
    window_t place;                     //  The last window of the page before; start_at INT64_MAX: there is none
} page_t;

typedef struct {
    int64_t start_at;
    const char *metric;
    int64_t end_at;
} place_t;
static const zooid_field_t place_fields [] = {
    ZOOID_INTEGER (place_t, start_at, .doc = "Of the last one that was given"),
    ZOOID_STRING (place_t, metric, .max_length = WINDOW_NAME_MAX, .doc = "The same"),
    ZOOID_INTEGER (place_t, end_at, .doc = "The same"),
};
static const zooid_record_t place_record = ZOOID_RECORD ("window_place", place_t, place_fields);

//  ---- on the pool

static int
s_read_arguments (zooid_transaction_t *transaction, const query_t *query, page_t *page)
{
    zooid_arena_t *arena = zooid_transaction_arena (transaction);
    int rc = zooid_record_decode (&analytics_windows, query->payload, arena, &page->given, NULL);
    if (rc)
        return zooid_fault (rc > 0 ? -EPROTO : rc);
    const analytics_windows_t *given = &page->given;
    bool has_limit = ZOOID_HAS (&analytics_windows, analytics_windows_t, given, limit);
    page->limit = has_limit ? (size_t) given->limit : ZOOID_PAGE_LIMIT;
    page->items = zooid_arena_take (arena, (page->limit + 1) * sizeof *page->items);
    page->place.start_at = INT64_MAX;
    if (!page->items)
        return zooid_fault (-ENOMEM);
    if (!ZOOID_HAS (&analytics_windows, analytics_windows_t, given, cursor))
        return 0;
    place_t place;
    if (zooid_page_place (&analytics_windows, given, given->cursor, &place_record, arena, &place))
        return zooid_transaction_fail (transaction, "invalid",
                                       "cursor: not of this list; the `next` of a page with the same filters would be");
    page->place.start_at = place.start_at;
    page->place.end_at = place.end_at;
    strcpy (page->place.metric, place.metric);
    return 0;
}

static zooid_sql_t *
s_select (zooid_transaction_t *transaction, const page_t *page)
{
    const analytics_windows_t *given = &page->given;
    zooid_sql_t *select = zooid_sql (transaction,
        "SELECT start_at, metric, end_at, count, minimum, maximum, mean, writer FROM analytics_window"
        " WHERE device = ?1 AND start_at <= ?2 AND (start_at < ?2 OR (metric, end_at) > (?3, ?4))"
        " AND (?5 IS NULL OR metric = ?5) ORDER BY start_at DESC, metric, end_at");
    zooid_sql_bind_text (select, 1, given->device);
    zooid_sql_bind_integer (select, 2, page->place.start_at);
    zooid_sql_bind_text (select, 3, page->place.metric);
    zooid_sql_bind_integer (select, 4, page->place.end_at);
    bool has_metric = ZOOID_HAS (&analytics_windows, analytics_windows_t, given, metric);
    zooid_sql_bind_text (select, 5, has_metric ? given->metric : NULL);
    return select;
}

//  ZOOID_ROW: *ret_window is one.
static int
s_next_row (zooid_sql_t *select, window_t *ret_window, int64_t *ret_writer)
{
    int rc = zooid_sql_step (select);
    if (rc != ZOOID_ROW)
        return zooid_fault (rc);
    *ret_window = (window_t) {
        .start_at = zooid_sql_integer (select, 0), .end_at = zooid_sql_integer (select, 2),
        .count = zooid_sql_integer (select, 3),
        .minimum = zooid_sql_real (select, 4), .maximum = zooid_sql_real (select, 5),
        .mean = zooid_sql_real (select, 6), .closed = true,
    };
    *ret_writer = zooid_sql_integer (select, 7);
    const char *metric = zooid_sql_text (select, 1);
    if (strlen (metric) > WINDOW_NAME_MAX)
        return zooid_fault (-EILSEQ);
    strcpy (ret_window->metric, metric);
    return ZOOID_ROW;
}

//  Merge memory and rows until the page has one more than it may show, or both ended.
static int
s_merge (zooid_transaction_t *transaction, const query_t *query, page_t *page)
{
    size_t next = 0;
    while (next < query->count && window_compare (&query->windows [next], &page->place) <= 0)
        next++;
    zooid_sql_t *select = s_select (transaction, page);
    window_t row;
    int64_t writer = 0;
    int rc = s_next_row (select, &row, &writer);
    while (rc >= 0 && (rc == ZOOID_ROW || next < query->count) && page->count <= page->limit) {
        const window_t *held = next < query->count ? &query->windows [next] : NULL;
        int order = rc != ZOOID_ROW ? -1 : !held ? 1 : window_compare (held, &row);
        window_t *item = &page->items [page->count++];
        *item = order < 0 ? *held : row;
        if (order == 0 && !(held->closed && writer == query->writer))
            window_merge (item, held);
        next += order <= 0;
        if (order >= 0)
            rc = s_next_row (select, &row, &writer);
    }
    return rc < 0 ? rc : 0;
}

static int
s_reply (zooid_transaction_t *transaction, page_t *page)
{
    zooid_arena_t *arena = zooid_transaction_arena (transaction);
    bool more = page->count > page->limit;
    if (more)
        page->count = page->limit;
    analytics_window_t *items = zooid_arena_take (arena, (page->count + 1) * sizeof *items);
    if (!items)
        return zooid_fault (-ENOMEM);
    for (size_t i = 0; i < page->count; i++) {
        items [i] = analytics_show (&page->items [i]);
        items [i].device = page->given.device;
    }
    analytics_page_t reply = { .items = { .items = items, .count = page->count } };
    if (more) {
        const window_t *last = &page->items [page->count - 1];
        place_t place = { .start_at = last->start_at, .metric = last->metric, .end_at = last->end_at };
        reply.next = zooid_page_cursor (&analytics_windows, &page->given, &place_record, &place, arena);
    }
    else
        ZOOID_SET_NULL (&analytics_page, analytics_page_t, &reply, next);
    return zooid_fault (zooid_transaction_reply (transaction, &analytics_page, &reply));
}

static int
s_read (zooid_transaction_t *transaction, void *state)
{
    page_t page = { .limit = 0 };
    int rc = s_read_arguments (transaction, state, &page);
    if (rc == 0)
        rc = s_merge (transaction, state, &page);
    return rc ? rc : s_reply (transaction, &page);
}

//  ---- in the actor's turn

int
analytics_on_windows (zooid_context_t *self, const void *arguments)
{
    const analytics_windows_t *given = arguments;
    analytics_t *analytics = zooid_state (self);
    const char *metric = ZOOID_HAS (&analytics_windows, analytics_windows_t, given, metric) ? given->metric : NULL;
    size_t count;
    const window_t *windows = windows_of (analytics->windows, given->device, metric, zooid_arena (self), &count);
    if (!windows)
        return zooid_fault (-ENOMEM);

    zooid_bytes_t payload = zooid_message_payload (zooid_message (self));
    query_t *query = zooid_allocate (sizeof *query + count * sizeof *windows + payload.size);
    query->writer = analytics->writer;
    query->count = count;
    memcpy (query->windows, windows, count * sizeof *windows);
    uint8_t *copy = (uint8_t *) (query->windows + count);
    memcpy (copy, payload.data, payload.size);
    query->payload = (zooid_bytes_t) { copy, payload.size };

    zooid_request_t *request = zooid_request_take (self);
    int rc = zooid_snapshot (self, &(zooid_commit_t) { .transaction = s_read, .request = request, .state = query,
                                                       .destroy = free });
    if (rc == 0)
        return 0;
    free (query);
    if (rc == ZOOID_FULL)
        return zooid_request_fail (self, &request, "overloaded", "too many queries wait");
    zooid_request_destroy (&request);
    return zooid_fault (rc);
}
