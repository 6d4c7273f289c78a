//  analytics.c - the module: its tables, and telemetry on its way into windows
//
//  Windows are filled in memory (windows.c) and stored when they close (store.c); a query shows both (query.c). A
//  stop stores what is open as partial windows, which the next run completes: rows of one key are merged, not
//  replaced. A crash loses the open ones, as ephemeral events may be; what was announced is safe.
#include "analytics.h"

#define ANALYTICS_NAME "A-Za-z0-9_-"
#define ANALYTICS_METRIC "A-Za-z0-9_.-"

enum {
    TICK_MS = 1000,
};

//  ---- records

static const zooid_field_t telemetry_fields [] = {
    ZOOID_STRING (analytics_telemetry_t, device, .max_length = WINDOW_NAME_MAX, .doc = "Whose reading it is"),
    ZOOID_TIMESTAMP (analytics_telemetry_t, measured_at, .doc = "Event time"),
    ZOOID_MAP (analytics_telemetry_t, metrics, .of = ZOOID_ITEM (ZOOID_TYPE_REAL, double),
               .max_length = ANALYTICS_METRICS_MAX, .doc = "Value by metric"),
};
const zooid_record_t analytics_telemetry = ZOOID_RECORD ("analytics_telemetry", analytics_telemetry_t, telemetry_fields,
    .doc = "What is read of a telemetry event");

static const zooid_field_t window_fields [] = {
    ZOOID_STRING (analytics_window_t, device, .max_length = WINDOW_NAME_MAX, .doc = "Whose readings"),
    ZOOID_STRING (analytics_window_t, metric, .max_length = WINDOW_NAME_MAX, .doc = "Which of their metrics"),
    ZOOID_TIMESTAMP (analytics_window_t, start_at, .doc = "Measured then or later"),
    ZOOID_TIMESTAMP (analytics_window_t, end_at, .doc = "Measured before"),
    ZOOID_INTEGER (analytics_window_t, count, .integers = { true, 1, INT64_C (9007199254740991) },
                   .doc = "How many values"),
    ZOOID_REAL (analytics_window_t, minimum, .doc = "The least"),
    ZOOID_REAL (analytics_window_t, maximum, .doc = "The greatest"),
    ZOOID_REAL (analytics_window_t, mean, .doc = "Their mean"),
};
const zooid_record_t analytics_window = ZOOID_RECORD ("window", analytics_window_t, window_fields,
    .doc = "A device's metric over a span of event time");

static const zooid_field_t windows_fields [] = {
    ZOOID_STRING (analytics_windows_t, device, .min_length = 1, .max_length = WINDOW_NAME_MAX,
                  .characters = ANALYTICS_NAME, .doc = "Whose"),
    ZOOID_STRING (analytics_windows_t, metric, .optional = true, .min_length = 1, .max_length = WINDOW_NAME_MAX,
                  .characters = ANALYTICS_METRIC, .doc = "Of this metric alone"),
    ZOOID_INTEGER (analytics_windows_t, limit, .optional = true, .integers = { true, 1, 200 },
                   .doc = "Items at most; 50 when not given"),
    ZOOID_STRING (analytics_windows_t, cursor, .optional = true, .max_length = 1024,
                  .doc = "`next` of the page before"),
};
const zooid_record_t analytics_windows = ZOOID_RECORD ("window_list", analytics_windows_t, windows_fields,
    .presence = ZOOID_PRESENCE (analytics_windows_t), .doc = "Which windows");

static const zooid_field_t page_fields [] = {
    ZOOID_LIST (analytics_page_t, items, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, analytics_window_t,
                                                           .record = &analytics_window),
                .max_length = 200, .doc = "Newest first, those of one time by metric; open ones too"),
    ZOOID_STRING (analytics_page_t, next, .nullable = true, .doc = "Cursor of the next page; null: this is the last"),
};
const zooid_record_t analytics_page = ZOOID_RECORD ("window_page", analytics_page_t, page_fields,
    .presence = ZOOID_PRESENCE (analytics_page_t), .doc = "Some of a device's windows");

static const zooid_field_t settings_fields [] = {
    ZOOID_DURATION (analytics_settings_t, window, .integers = { true, 1000, 24 * 3600 * 1000 }, .initial = "1m",
                    .unit = "ms", .doc = "How long a window is"),
    ZOOID_DURATION (analytics_settings_t, lateness, .integers = { true, 0, 3600 * 1000 }, .initial = "10s",
                    .unit = "ms", .doc = "How long, by its device's clock, a window waits for readings out of order"),
    ZOOID_DURATION (analytics_settings_t, keep, .integers = { true, 60 * 1000, INT64_C (10) * 366 * 24 * 3600 * 1000 },
                    .initial = "30d", .unit = "ms", .doc = "Windows that began longer ago are forgotten"),
    ZOOID_INTEGER (analytics_settings_t, rows, .integers = { true, 1, 100 * 1000 * 1000 }, .initial = "1000000",
                   .unit = "windows", .doc = "The oldest windows beyond this are forgotten"),
    ZOOID_DURATION (analytics_settings_t, sweep, .integers = { true, 10, 24 * 3600 * 1000 }, .initial = "1m",
                    .unit = "ms", .doc = "How often what has become too old or too much is looked for"),
    ZOOID_INTEGER (analytics_settings_t, open, .integers = { true, 1, 1000 * 1000 }, .initial = "50000",
                   .unit = "windows", .doc = "In memory, and as many devices; further readings are counted as refused"),
};
static const zooid_record_t settings = ZOOID_RECORD ("analytics_settings", analytics_settings_t, settings_fields,
    .doc = "Settings of analytics");

static const zooid_migration_t migrations [] = {
    { .doc = "closed windows",
      .sql =
        "CREATE TABLE analytics_window ("
        "    device TEXT NOT NULL, start_at INTEGER NOT NULL, metric TEXT NOT NULL, end_at INTEGER NOT NULL,"
        "    count INTEGER NOT NULL, minimum REAL NOT NULL, maximum REAL NOT NULL, mean REAL NOT NULL, writer INTEGER NOT NULL,"
        "    PRIMARY KEY (device, start_at DESC, metric, end_at)) STRICT, WITHOUT ROWID;"
        "CREATE INDEX analytics_window_start ON analytics_window (start_at);" },
};

analytics_window_t
analytics_show (const window_t *window)
{
    return (analytics_window_t) {
        .device = window->device, .metric = window->metric, .start_at = window->start_at, .end_at = window->end_at,
        .count = window->count, .minimum = window->minimum, .maximum = window->maximum, .mean = window->mean,
    };
}

//  ---- the actor

//  What windows.c counted since the last time.
static void
s_show_figures (zooid_context_t *self)
{
    analytics_t *analytics = zooid_state (self);
    windows_figures_t figures, shown = analytics->shown;
    windows_figures (analytics->windows, &figures);
    analytics->shown = figures;
    zooid_count (self, "analytics_late_total", "Values that came for a closed window", figures.late - shown.late);
    zooid_count (self, "analytics_refused_total", "Values that found no room", figures.refused - shown.refused);
    zooid_count (self, "analytics_lost_total", "Closed windows that made room for others unstored",
                 figures.lost - shown.lost);
    zooid_gauge (self, "analytics_open", "Open windows", (double) figures.open);
    zooid_gauge (self, "analytics_closed", "Closed windows that are not stored yet", (double) figures.closed);
}

static int
s_on_telemetry (zooid_context_t *self, const void *arguments)
{
    const analytics_telemetry_t *event = arguments;
    analytics_t *analytics = zooid_state (self);
    windows_add (analytics->windows, event->device, event->measured_at, event->metrics.keys, event->metrics.values,
                 event->metrics.count, zooid_monotonic_ms (self));
    if (analytics->draining)
        windows_close_partial (analytics->windows);
    return store_closed (self);
}

static int
s_on_tick (zooid_context_t *self, void *state)
{
    (void) state;
    analytics_t *analytics = zooid_state (self);
    windows_close_silent (analytics->windows, zooid_monotonic_ms (self));
    s_show_figures (self);
    return store_closed (self);
}

static int
s_on_prune (zooid_context_t *self, void *state)
{
    (void) state;
    return store_prune (self);
}

static int
s_start (zooid_context_t *self, const void *settings_given)
{
    analytics_t *analytics = zooid_state (self);
    const analytics_settings_t *given = settings_given;
    analytics->settings = given;
    windows_options_t options = {
        .window_ms = given->window, .lateness_ms = given->lateness, .limit = (size_t) given->open,
    };
    zooid_random (self, &options.seed, sizeof options.seed);
    windows_new (&analytics->windows, &options);
    int rc = store_start (self);
    if (rc)
        return zooid_fault (rc);
    zooid_timer_start (self, TICK_MS, TICK_MS, s_on_tick, NULL, NULL, NULL);
    zooid_timer_start (self, given->sweep, given->sweep, s_on_prune, NULL, NULL, NULL);
    return 0;
}

static void
s_drain (zooid_context_t *self)
{
    analytics_t *analytics = zooid_state (self);
    analytics->draining = true;         //  What is still in the mailbox is stored as it comes
    windows_close_partial (analytics->windows);
    (void) store_closed (self);         //  There is no later: what the store refuses now is lost with the memory
}

static void
s_stop (zooid_context_t *self)
{
    analytics_t *analytics = zooid_state (self);
    windows_destroy (&analytics->windows);
}

//  ---- the contract

static const zooid_operation_t operations [] = {
    { .name = "analytics.windows", .kind = ZOOID_QUERY, .takes = &analytics_windows, .gives = &analytics_page,
      .scope = "analytics:read", .http = "GET /api/analytics/{device}", .handler = analytics_on_windows,
      .doc = "Count, least, greatest and mean of a device's metrics over windows of event time, newest first. Windows that are "
             "open are shown as they stand." },
};

static const zooid_event_t events [] = {
    { .topic = "analytics.window.{device}", .carries = &analytics_window, .scope = "analytics:read", .doc = "A window closed." },
};

static const zooid_subscription_t subscriptions [] = {
    { .topic = "iot.telemetry.*", .carries = &analytics_telemetry, .handler = s_on_telemetry, .overflow = ZOOID_DROP_OLDEST,
      .limit = 8192, .doc = "Every reading that was stored" },
};

const zooid_contract_t analytics_contract = {
    .name = "analytics", ZOOID_OPERATIONS (operations), ZOOID_EVENTS (events), ZOOID_SUBSCRIPTIONS (subscriptions),
    .doc = "What devices measured, by windows of time.",
};

ZOOID_EXPORT const zooid_module_t zooid_module_analytics = {
    ZOOID_MODULE_HEADER, .name = "analytics", .version = "0.1.0", .doc = "Telemetry by windows of time.",
    .contract = &analytics_contract, .settings = &settings, .state_size = sizeof (analytics_t),
    .start = s_start, .drain = s_drain, .stop = s_stop, ZOOID_MIGRATIONS (migrations),
};
