//  analytics.h - the analytics actor: its records, its state, and what its files lend each other
#ifndef ANALYTICS_H
#define ANALYTICS_H

#include <zooid/module.h>
#include "windows.h"

enum {
    ANALYTICS_METRICS_MAX = 64,             //  Of one reading
};

typedef struct {
    int64_t window;
    int64_t lateness;
    int64_t keep;
    int64_t rows;
    int64_t sweep;
    int64_t open;
} analytics_settings_t;

//  What is read of a telemetry event.
typedef struct {
    const char *device;
    int64_t measured_at;
    zooid_map_t metrics;                    //  double
} analytics_telemetry_t;

typedef struct {
    const char *device;
    const char *metric;
    int64_t start_at;
    int64_t end_at;
    int64_t count;
    double minimum;
    double maximum;
    double mean;
} analytics_window_t;

typedef struct {
    zooid_presence_t presence;
    const char *device;
    const char *metric;
    int64_t limit;
    const char *cursor;
} analytics_windows_t;

typedef struct {
    zooid_presence_t presence;
    zooid_list_t items;                     //  analytics_window_t
    const char *next;
} analytics_page_t;

extern const zooid_record_t analytics_telemetry, analytics_window, analytics_windows, analytics_page;
extern const zooid_contract_t analytics_contract;

typedef struct {
    const analytics_settings_t *settings;
    windows_t *windows;                     //  Open ones, and closed ones that are not stored yet
    windows_figures_t shown;                //  Figures, as they were counted last
    int64_t writer;                         //  This run of the actor, in the rows that it wrote
    int64_t rows;                           //  How many the store has
    bool draining;
    bool storing;
    bool pruning;
} analytics_t;

//  What shows a window and what the store has of it, by its names.
analytics_window_t
    analytics_show (const window_t *window);

//  ---- store.c: closed windows on their way to the store, and those that it forgets

int
    store_start (zooid_context_t *self);
//  Store what is closed, unless a commit is under way, which goes on with it.
int
    store_closed (zooid_context_t *self);
//  Forget what is too old or too much, in small steps.
int
    store_prune (zooid_context_t *self);

//  ---- query.c

int
    analytics_on_windows (zooid_context_t *self, const void *arguments);

#endif
