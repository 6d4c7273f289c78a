//  windows.h - tumbling windows by event time: which are open, when they close, how many there may be
//
//  A window is [start, end) of one device and metric; starts are multiples of the window's length. Each device has
//  its own watermark, the newest time it measured at less the lateness: a window whose end the watermark reached is
//  closed, and what comes for it later is late. A device that falls silent closes its windows after a window and the
//  lateness of our time. Pure: times come from the caller. What is closed stays until the caller has put it somewhere
//  safe.
#ifndef ANALYTICS_WINDOWS_H
#define ANALYTICS_WINDOWS_H

#include <zooid/bytes.h>

enum { WINDOW_NAME_MAX = 64 };

typedef struct {
    char device [WINDOW_NAME_MAX + 1];
    char metric [WINDOW_NAME_MAX + 1];
    int64_t start_at;
    int64_t end_at;
    int64_t count;
    double minimum;
    double maximum;
    double mean;
    bool closed;
    bool partial;               //  Closed before its time: there may be more of it later
} window_t;

//  One more value, a finite one. However many there are, the mean keeps its digits and never overflows.
void
    window_add (window_t *self, double value);
//  All values of `other` too.
void
    window_merge (window_t *self, const window_t *other);
//  Newest first, then by metric, then by end: < 0, 0, > 0. The device is not compared.
int
    window_compare (const window_t *self, const window_t *other);

typedef struct windows windows_t;

typedef struct {
    int64_t window_ms;
    int64_t lateness_ms;
    size_t limit;               //  Windows, open and closed; and devices
    uint32_t seed;              //  Of the hash
} windows_options_t;

typedef struct {
    uint64_t late;              //  Values that came for a closed window
    uint64_t refused;           //  Values that found no room
    uint64_t lost;              //  Closed windows that made room for others before they were taken
    size_t open;
    size_t closed;
    size_t devices;
} windows_figures_t;

void
    windows_new (windows_t **self_p, const windows_options_t *options);
void
    windows_destroy (windows_t **self_p);

//  A reading: `count` values by metric, measured at the same time. now_ms: a clock for durations. Names that are
//  longer than WINDOW_NAME_MAX are refused. What was late or found no room is counted.
void
    windows_add (windows_t *self, const char *device, int64_t measured_at, const char *const *metrics,
                 const double *values, size_t count, int64_t now_ms);
//  Close the windows of devices that fell silent.
void
    windows_close_silent (windows_t *self, int64_t now_ms);
//  Close all that are open, as partial ones: what comes for them later is not late but another part.
void
    windows_close_partial (windows_t *self);

//  Copy the first closed windows, in the order in which they closed, at most `limit` of them. They stay, and are not
//  given up for others, until windows_drop is told the count.
size_t
    windows_take (windows_t *self, window_t *ret_windows, size_t limit);
//  The first `count` of them are safe. 0: none is, they may be taken again.
void
    windows_drop (windows_t *self, size_t count);

//  Copy all windows of a device, open and closed, by window_compare; metric NULL: of all. In the arena; NULL when it
//  ended.
const window_t *
    windows_of (const windows_t *self, const char *device, const char *metric, zooid_arena_t *arena, size_t *ret_count);
void
    windows_figures (const windows_t *self, windows_figures_t *ret_figures);

#endif
