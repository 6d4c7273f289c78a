//  windows.c - two hash tables with lists through them
//
//  Devices stand in a list by the time of their last reading, so that the silent ones are at its head. The windows of a
//  device hang on the device, where a reading finds those that its watermark closes and a query those that it shows; a
//  closed one stands in the list of the closed as well. At the limit a closed window that nobody has taken is given up
//  before a new value is refused: it was waiting for a store that does not keep up, and the newer is worth more.
#include "windows.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    FORGET_MS = 3600 * 1000,    //  A silent device's watermark is remembered so long
    BUCKETS_MIN = 64,
};

typedef struct entry entry_t;
typedef struct device device_t;

struct entry {
    window_t window;
    device_t *device;
    entry_t *chain;                             //  In the bucket
    entry_t *previous, *next;                   //  Of the device
    entry_t *closed_next;
};

struct device {
    char name [WINDOW_NAME_MAX + 1];
    int64_t watermark;
    int64_t last_ms;                            //  When its last reading came, by the clock for durations
    device_t *chain;
    device_t *previous, *next;                  //  By last_ms
    entry_t *entries;
};

struct windows {
    windows_options_t options;
    windows_figures_t figures;
    size_t buckets;                             //  A power of two
    entry_t **entry_buckets;
    device_t **device_buckets;
    device_t *first_device, *last_device;
    entry_t *first_closed, *last_closed;
    size_t taken;                               //  So many of the first closed ones are in the caller's hands
};

//  ---- one window

void
window_add (window_t *self, double value)
{
    self->count++;
    if (self->count == 1) {
        self->minimum = self->maximum = self->mean = value;
        return;
    }
    self->minimum = fmin (self->minimum, value);
    self->maximum = fmax (self->maximum, value);
    //  Welford's mean. The difference of two finite numbers may be too large to be one: then it is divided first.
    double count = (double) self->count, difference = value - self->mean;
    self->mean += isfinite (difference) ? difference / count : value / count - self->mean / count;
    self->mean = fmin (fmax (self->mean, self->minimum), self->maximum);
}

void
window_merge (window_t *self, const window_t *other)
{
    if (other->count == 0)
        return;
    if (self->count == 0) {
        self->count = other->count;
        self->minimum = other->minimum;
        self->maximum = other->maximum;
        self->mean = other->mean;
        return;
    }
    int64_t count = self->count + other->count;
    double share = (double) other->count / (double) count;
    self->mean = self->mean * (1 - share) + other->mean * share;
    self->count = count;
    self->minimum = fmin (self->minimum, other->minimum);
    self->maximum = fmax (self->maximum, other->maximum);
    self->mean = fmin (fmax (self->mean, self->minimum), self->maximum);
}

int
window_compare (const window_t *self, const window_t *other)
{
    if (self->start_at != other->start_at)
        return self->start_at > other->start_at ? -1 : 1;
    int order = strcmp (self->metric, other->metric);
    if (order)
        return order;
    return (self->end_at > other->end_at) - (self->end_at < other->end_at);
}

//  ---- hashes

static size_t
s_hash (const windows_t *self, const char *device, const char *metric, int64_t start_at)
{
    uint64_t hash = 0xcbf29ce484222325u ^ self->options.seed;
    for (; *device; device++)
        hash = (hash ^ (uint8_t) *device) * 0x100000001b3u;
    for (hash = (hash ^ 0xff) * 0x100000001b3u; *metric; metric++)
        hash = (hash ^ (uint8_t) *metric) * 0x100000001b3u;
    hash = (hash ^ (uint64_t) start_at) * 0x9e3779b97f4a7c15u;
    return (size_t) (hash ^ hash >> 32) & (self->buckets - 1);
}

static device_t **
s_device_slot (const windows_t *self, const char *name)
{
    device_t **slot = &self->device_buckets [s_hash (self, name, "", 0)];
    while (*slot && strcmp ((*slot)->name, name) != 0)
        slot = &(*slot)->chain;
    return slot;
}

//  Of an open window; closed ones are never looked for.
static entry_t **
s_open_slot (const windows_t *self, const char *device, const char *metric, int64_t start_at)
{
    entry_t **slot = &self->entry_buckets [s_hash (self, device, metric, start_at)];
    while (*slot && ((*slot)->window.start_at != start_at || (*slot)->window.closed
                     || strcmp ((*slot)->window.metric, metric) != 0 || strcmp ((*slot)->window.device, device) != 0))
        slot = &(*slot)->chain;
    return slot;
}

//  ---- devices

static void
s_unlink_device (windows_t *self, device_t *device)
{
    *(device->previous ? &device->previous->next : &self->first_device) = device->next;
    *(device->next ? &device->next->previous : &self->last_device) = device->previous;
}

static void
s_append_device (windows_t *self, device_t *device)
{
    device->previous = self->last_device;
    device->next = NULL;
    *(self->last_device ? &self->last_device->next : &self->first_device) = device;
    self->last_device = device;
}

static void
s_forget_device (windows_t *self, device_t *device)
{
    assert (!device->entries);
    device_t **slot = s_device_slot (self, device->name);
    assert (*slot == device);
    *slot = device->chain;
    s_unlink_device (self, device);
    self->figures.devices--;
    free (device);
}

//  NULL: there are as many as may be, and the one that is silent for longest has windows.
static device_t *
s_find_device (windows_t *self, const char *name, int64_t measured_at)
{
    device_t *found = *s_device_slot (self, name);
    if (found)
        return found;
    if (self->figures.devices == self->options.limit) {
        if (self->first_device->entries)
            return NULL;
        s_forget_device (self, self->first_device);
    }
    device_t *device = zooid_allocate (sizeof *device);
    strcpy (device->name, name);
    device->watermark = measured_at - self->options.lateness_ms;
    *s_device_slot (self, name) = device;
    s_append_device (self, device);
    self->figures.devices++;
    return device;
}

//  ---- windows

static void
s_remove_entry (windows_t *self, entry_t *entry)
{
    entry_t **slot = &self->entry_buckets [s_hash (self, entry->window.device, entry->window.metric,
                                                   entry->window.start_at)];
    while (*slot != entry)
        slot = &(*slot)->chain;
    *slot = entry->chain;
    *(entry->previous ? &entry->previous->next : &entry->device->entries) = entry->next;
    if (entry->next)
        entry->next->previous = entry->previous;
    free (entry);
}

static void
s_close (windows_t *self, entry_t *entry)
{
    entry->window.closed = true;
    *(self->last_closed ? &self->last_closed->closed_next : &self->first_closed) = entry;
    self->last_closed = entry;
    self->figures.open--;
    self->figures.closed++;
}

static void
s_close_until (windows_t *self, device_t *device, int64_t until)
{
    for (entry_t *entry = device->entries; entry; entry = entry->next)
        if (!entry->window.closed && entry->window.end_at <= until) {
            s_close (self, entry);
            if (device->watermark < entry->window.end_at)
                device->watermark = entry->window.end_at;
        }
}

//  Give up the oldest closed window that nobody has taken.
static bool
s_make_room (windows_t *self)
{
    if (self->figures.closed == self->taken)
        return false;
    entry_t *before = NULL, *entry = self->first_closed;
    for (size_t i = 0; i < self->taken; i++) {
        before = entry;
        entry = entry->closed_next;
    }
    *(before ? &before->closed_next : &self->first_closed) = entry->closed_next;
    if (self->last_closed == entry)
        self->last_closed = before;
    s_remove_entry (self, entry);
    self->figures.closed--;
    self->figures.lost++;
    return true;
}

static entry_t *
s_find_entry (windows_t *self, device_t *device, const char *metric, int64_t start_at)
{
    entry_t *found = *s_open_slot (self, device->name, metric, start_at);
    if (found)
        return found;
    if (self->figures.open + self->figures.closed == self->options.limit && !s_make_room (self))
        return NULL;
    entry_t *entry = zooid_allocate (sizeof *entry);
    entry->device = device;
    entry->window = (window_t) { .start_at = start_at, .end_at = start_at + self->options.window_ms };
    strcpy (entry->window.device, device->name);
    strcpy (entry->window.metric, metric);
    *s_open_slot (self, device->name, metric, start_at) = entry;
    entry->next = device->entries;
    if (entry->next)
        entry->next->previous = entry;
    device->entries = entry;
    self->figures.open++;
    return entry;
}

//  ---- the whole

void
windows_new (windows_t **self_p, const windows_options_t *options)
{
    windows_t *self = zooid_allocate (sizeof *self);
    self->options = *options;
    self->buckets = BUCKETS_MIN;
    while (self->buckets < options->limit / 4)
        self->buckets *= 2;
    self->entry_buckets = zooid_allocate (self->buckets * sizeof *self->entry_buckets);
    self->device_buckets = zooid_allocate (self->buckets * sizeof *self->device_buckets);
    *self_p = self;
}

void
windows_destroy (windows_t **self_p)
{
    windows_t *self = *self_p;
    if (!self)
        return;
    while (self->first_device) {
        device_t *device = self->first_device;
        self->first_device = device->next;
        while (device->entries) {
            entry_t *entry = device->entries;
            device->entries = entry->next;
            free (entry);
        }
        free (device);
    }
    free (self->entry_buckets);
    free (self->device_buckets);
    free (self);
    *self_p = NULL;
}

void
windows_add (windows_t *self, const char *name, int64_t measured_at, const char *const *metrics, const double *values,
             size_t count, int64_t now_ms)
{
    int64_t window_ms = self->options.window_ms;
    int64_t start_at = measured_at - ((measured_at % window_ms) + window_ms) % window_ms;     //  Also before 1970
    device_t *device = strlen (name) <= WINDOW_NAME_MAX ? s_find_device (self, name, measured_at) : NULL;
    if (!device) {
        self->figures.refused += count;
        return;
    }
    device->last_ms = now_ms;
    s_unlink_device (self, device);
    s_append_device (self, device);
    if (start_at + window_ms <= device->watermark) {
        self->figures.late += count;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        bool is_name = strlen (metrics [i]) <= WINDOW_NAME_MAX;
        entry_t *entry = is_name ? s_find_entry (self, device, metrics [i], start_at) : NULL;
        if (entry)
            window_add (&entry->window, values [i]);
        else
            self->figures.refused++;
    }
    if (device->watermark < measured_at - self->options.lateness_ms)
        device->watermark = measured_at - self->options.lateness_ms;
    s_close_until (self, device, device->watermark);
}

void
windows_close_silent (windows_t *self, int64_t now_ms)
{
    int64_t silence_ms = self->options.window_ms + self->options.lateness_ms;
    device_t *next;
    for (device_t *device = self->first_device; device && now_ms - device->last_ms >= silence_ms; device = next) {
        next = device->next;
        s_close_until (self, device, INT64_MAX);
        if (!device->entries && now_ms - device->last_ms >= silence_ms + FORGET_MS)
            s_forget_device (self, device);
    }
}

void
windows_close_partial (windows_t *self)
{
    for (device_t *device = self->first_device; device; device = device->next)
        for (entry_t *entry = device->entries; entry; entry = entry->next)
            if (!entry->window.closed) {
                entry->window.partial = true;
                s_close (self, entry);
            }
}

size_t
windows_take (windows_t *self, window_t *ret_windows, size_t limit)
{
    size_t count = 0;
    for (const entry_t *entry = self->first_closed; entry && count < limit; entry = entry->closed_next)
        ret_windows [count++] = entry->window;
    self->taken = count;
    return count;
}

void
windows_drop (windows_t *self, size_t count)
{
    assert (count <= self->taken);
    self->taken = 0;
    for (; count; count--) {
        entry_t *entry = self->first_closed;
        self->first_closed = entry->closed_next;
        if (!self->first_closed)
            self->last_closed = NULL;
        s_remove_entry (self, entry);
        self->figures.closed--;
    }
}

static int
s_compare (const void *a, const void *b)
{
    return window_compare (a, b);
}

const window_t *
windows_of (const windows_t *self, const char *name, const char *metric, zooid_arena_t *arena, size_t *ret_count)
{
    const device_t *device = *s_device_slot (self, name);
    size_t count = 0;
    for (const entry_t *entry = device ? device->entries : NULL; entry; entry = entry->next)
        count += !metric || strcmp (entry->window.metric, metric) == 0;
    window_t *windows = zooid_arena_take (arena, (count + 1) * sizeof *windows);
    *ret_count = 0;
    if (!windows)
        return NULL;
    for (const entry_t *entry = device ? device->entries : NULL; entry; entry = entry->next)
        if (!metric || strcmp (entry->window.metric, metric) == 0)
            windows [(*ret_count)++] = entry->window;
    qsort (windows, count, sizeof *windows, s_compare);
    return windows;
}

void
windows_figures (const windows_t *self, windows_figures_t *ret_figures)
{
    *ret_figures = self->figures;
}
