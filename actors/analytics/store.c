//  store.c - closed windows on their way to the store, and those that it forgets
//
//  One commit is under way at a time, with as many windows as were closed meanwhile; they stay in memory until it is
//  done, so that a store that refuses loses nothing. A row that is there already (a partial window of the run before,
//  or one whose device was forgotten) is merged with. Each row names the run that wrote it: that is how a query,
//  which sees memory and store at two moments, tells a window that it has twice from two parts of one.
#include "analytics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zooid/log.h>

enum {
    BATCH = 256,
    PRUNE_ROWS = 512,
};

typedef struct {
    int64_t writer;
    int64_t inserted;
    size_t count;
    window_t windows [];
} batch_t;

typedef struct {
    int64_t cutoff;
    int64_t excess;
    int64_t forgotten;
} prune_t;

//  ---- start

static int
s_load (zooid_transaction_t *transaction, void *state)
{
    int64_t *rows = state;
    zooid_sql_t *select = zooid_sql (transaction, "SELECT count (*) FROM analytics_window");
    int rc = zooid_sql_step (select);
    if (rc != ZOOID_ROW)
        return zooid_fault (rc ? rc : -EIO);
    *rows = zooid_sql_integer (select, 0);
    return 0;
}

int
store_start (zooid_context_t *self)
{
    analytics_t *analytics = zooid_state (self);
    zooid_random (self, &analytics->writer, sizeof analytics->writer);
    int rc = zooid_load (self, s_load, &analytics->rows);
    return zooid_fault (rc > 0 ? -EIO : rc);
}

//  ---- store

static void
s_bind_key (zooid_sql_t *sql, const window_t *window)
{
    zooid_sql_bind_text (sql, 1, window->device);
    zooid_sql_bind_integer (sql, 2, window->start_at);
    zooid_sql_bind_text (sql, 3, window->metric);
    zooid_sql_bind_integer (sql, 4, window->end_at);
}

//  *window becomes what the row is to say. *ret_found: there is a row.
static int
s_merge_row (zooid_transaction_t *transaction, window_t *window, bool *ret_found)
{
    zooid_sql_t *select = zooid_sql (transaction,
        "SELECT count, minimum, maximum, mean FROM analytics_window"
        " WHERE device = ?1 AND start_at = ?2 AND metric = ?3 AND end_at = ?4");
    s_bind_key (select, window);
    int rc = zooid_sql_step (select);
    *ret_found = rc == ZOOID_ROW;
    if (rc != ZOOID_ROW)
        return zooid_fault (rc);
    window_t row = { .count = zooid_sql_integer (select, 0), .minimum = zooid_sql_real (select, 1),
                     .maximum = zooid_sql_real (select, 2), .mean = zooid_sql_real (select, 3) };
    window_merge (window, &row);
    return zooid_fault (zooid_sql_step (select));
}

static int
s_store_window (zooid_transaction_t *transaction, batch_t *batch, window_t window)
{
    bool found;
    int rc = s_merge_row (transaction, &window, &found);
    if (rc)
        return rc;
    zooid_sql_t *write = found
        ? zooid_sql (transaction,
            "UPDATE analytics_window SET count = ?5, minimum = ?6, maximum = ?7, mean = ?8, writer = ?9"
            " WHERE device = ?1 AND start_at = ?2 AND metric = ?3 AND end_at = ?4")
        : zooid_sql (transaction,
            "INSERT INTO analytics_window (device, start_at, metric, end_at, count, minimum, maximum, mean, writer)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    s_bind_key (write, &window);
    zooid_sql_bind_integer (write, 5, window.count);
    zooid_sql_bind_real (write, 6, window.minimum);
    zooid_sql_bind_real (write, 7, window.maximum);
    zooid_sql_bind_real (write, 8, window.mean);
    zooid_sql_bind_integer (write, 9, batch->writer);
    rc = zooid_sql_step (write);
    if (rc)
        return zooid_fault (rc);
    batch->inserted += !found;
    if (window.partial)
        return 0;                       //  It is announced when it is whole
    const char *topic = zooid_arena_format (zooid_transaction_arena (transaction), "analytics.window.%s",
                                            window.device);
    analytics_window_t shown = analytics_show (&window);
    return zooid_fault (topic ? zooid_transaction_publish (transaction, topic, &analytics_window, &shown) : -ENOMEM);
}

static int
s_store (zooid_transaction_t *transaction, void *state)
{
    batch_t *batch = state;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < batch->count; i++)
        rc = s_store_window (transaction, batch, batch->windows [i]);
    return rc;
}

static int
s_stored (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    const batch_t *batch = state;
    analytics_t *analytics = zooid_state (self);
    analytics->storing = false;
    windows_drop (analytics->windows, outcome->failure ? 0 : batch->count);
    if (outcome->failure) {
        zooid_log (self, ZOOID_WARN, "windows_not_stored", ZOOID_TEXT ("failure", outcome->failure),
                   ZOOID_TEXT ("detail", outcome->detail));
        return 0;                       //  The next tick tries again
    }
    analytics->rows += batch->inserted;
    zooid_count (self, "analytics_windows_total", "Windows stored", batch->count);
    return store_closed (self);
}

int
store_closed (zooid_context_t *self)
{
    analytics_t *analytics = zooid_state (self);
    windows_figures_t figures;
    windows_figures (analytics->windows, &figures);
    if (analytics->storing || figures.closed == 0)
        return 0;
    size_t limit = figures.closed < BATCH ? figures.closed : BATCH;
    batch_t *batch = zooid_allocate (sizeof *batch + limit * sizeof *batch->windows);
    batch->writer = analytics->writer;
    batch->count = windows_take (analytics->windows, batch->windows, limit);
    int rc = zooid_commit (self, &(zooid_commit_t) { .transaction = s_store, .then = s_stored, .state = batch,
                                                     .destroy = free });
    if (rc == 0) {
        analytics->storing = true;
        return 0;
    }
    windows_drop (analytics->windows, 0);
    free (batch);
    return rc == ZOOID_FULL ? 0 : zooid_fault (rc);
}

//  ---- forget

static int
s_forget (zooid_transaction_t *transaction, void *state)
{
    prune_t *prune = state;
    zooid_sql_t *remove = zooid_sql (transaction,
        "DELETE FROM analytics_window WHERE (device, start_at, metric, end_at) IN"
        " (SELECT device, start_at, metric, end_at FROM analytics_window"
        " INDEXED BY analytics_window_start WHERE start_at < ?1 ORDER BY start_at LIMIT ?2)");
    bool is_full = prune->excess > 0;
    zooid_sql_bind_integer (remove, 1, is_full ? INT64_MAX : prune->cutoff);
    zooid_sql_bind_integer (remove, 2, is_full && prune->excess < PRUNE_ROWS ? prune->excess : PRUNE_ROWS);
    int rc = zooid_sql_step (remove);
    prune->forgotten = zooid_sql_changes (remove);
    return zooid_fault (rc);
}

static int
s_forgotten (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    const prune_t *prune = state;
    analytics_t *analytics = zooid_state (self);
    analytics->pruning = false;
    if (outcome->failure) {
        zooid_log (self, ZOOID_WARN, "prune_failed", ZOOID_TEXT ("failure", outcome->failure),
                   ZOOID_TEXT ("detail", outcome->detail));
        return 0;
    }
    analytics->rows -= prune->forgotten;
    zooid_count (self, "analytics_forgotten_total", "Windows that were too old or too many",
                 (uint64_t) prune->forgotten);
    return prune->forgotten ? store_prune (self) : 0;
}

int
store_prune (zooid_context_t *self)
{
    analytics_t *analytics = zooid_state (self);
    if (analytics->pruning)
        return 0;
    prune_t *prune = zooid_allocate (sizeof *prune);
    *prune = (prune_t) { .cutoff = zooid_wall_ms (self) - analytics->settings->keep,
                         .excess = analytics->rows - analytics->settings->rows };
    int rc = zooid_commit (self, &(zooid_commit_t) { .transaction = s_forget, .then = s_forgotten, .state = prune,
                                                     .destroy = free });
    if (rc == 0) {
        analytics->pruning = true;
        return 0;
    }
    free (prune);
    return rc == ZOOID_FULL ? 0 : zooid_fault (rc);
}
