//  model.c - temperature follows the sun, humidity follows temperature, batteries run down, radios fail
//
//  A metric is base + daily cycle + drift + noise, held within what the sensor can show. The cycle peaks in the early
//  afternoon UTC. Drift is a walk that is pulled back to zero, so that it stays small however long a run is. A
//  battery runs from 100 % to 12 % in 90 days and is changed; where in its life it is depends on the time alone, so
//  that a restart changes no battery. Now and then a device is silent for a while, as devices are.
#include "model.h"

#include <math.h>
#include <stdio.h>

enum {
    GAP_CHANCE = 500,           //  One reading of so many begins a gap
    GAP_LEAST = 5,
    GAP_MOST = 30,
};

static const int64_t s_day_ms = 24 * 3600 * 1000;
static const int64_t s_battery_ms = INT64_C (90) * 24 * 3600 * 1000;
static const double s_peak = 14.0 / 24;     //  Of the day

typedef struct {
    const char *name;           //  NULL ends the metrics of a place
    double base;
    double daily;               //  Half of what a day adds and takes away
    double drift;               //  Step of the walk
    double noise;
    double minimum, maximum;
    int digits;
} metric_t;

struct place {
    const char *name;
    metric_t metrics [MODEL_METRICS_MAX];
};

static const place_t s_places [] = {
    { "greenhouse", {
        { "temperature",   24.0,   6.0, 0.02, 0.15, -10,    55, 2 },
        { "humidity",      68.0, -14.0, 0.05, 0.60,   5,   100, 1 },
        { "soil_moisture", 41.0,  -2.0, 0.03, 0.20,   0,   100, 1 },
        { "light",      18000, 22000,   5.00, 300,    0, 90000, 0 },
    } },
    { "office", {
        { "temperature",   22.0,   1.5, 0.01, 0.10,   5,    40, 2 },
        { "humidity",      44.0,  -4.0, 0.03, 0.40,   5,   100, 1 },
        { "co2",          620,   210,   0.80, 12,   380,  5000, 0 },
    } },
    { "cold_room", {
        { "temperature",    4.0,   0.4, 0.01, 0.12, -30,    20, 2 },
        { "humidity",      82.0,  -2.0, 0.03, 0.50,   5,   100, 1 },
    } },
    { "rooftop", {
        { "temperature",   13.0,   7.5, 0.03, 0.20, -40,    60, 2 },
        { "humidity",      71.0, -16.0, 0.06, 0.80,   5,   100, 1 },
        { "wind_speed",     4.2,   1.6, 0.05, 0.70,   0,    45, 1 },
        { "pressure",    1014.0,   0.8, 0.03, 0.08, 940,  1060, 1 },
    } },
};

//  ---- chance

static uint64_t
s_next (chance_t *self)
{
    uint64_t value = self->state += 0x9e3779b97f4a7c15u;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

double
chance_even (chance_t *self)
{
    return (double) (s_next (self) >> 11) * 0x1p-53;
}

//  Twelve even ones: near enough to normal for a sensor, and never far out.
double
chance_normal (chance_t *self)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += chance_even (self);
    return sum;
}

//  ---- a device

void
model_init (model_t *self, uint64_t seed, size_t number)
{
    *self = (model_t) { .place = &s_places [number % ZOOID_COUNT (s_places)],
                        .chance = { seed ^ (uint64_t) number << 32 } };
    self->chance.state = s_next (&self->chance);
    snprintf (self->name, sizeof self->name, "%s-%zu", self->place->name, number / ZOOID_COUNT (s_places) + 1);
    self->battery_phase_ms = (int64_t) (chance_even (&self->chance) * (double) s_battery_ms);
    for (size_t i = 0; i < MODEL_METRICS_MAX; i++)
        self->drift [i] = chance_normal (&self->chance) * self->place->metrics [i].drift * 5;
}

static bool
s_is_silent (model_t *self)
{
    if (self->silent) {
        self->silent--;
        return true;
    }
    if (chance_even (&self->chance) * GAP_CHANCE < 1)
        self->silent = GAP_LEAST + (unsigned) (chance_even (&self->chance) * (GAP_MOST - GAP_LEAST));
    return self->silent > 0;
}

static double
s_measure (model_t *self, size_t index, int64_t at_ms)
{
    const metric_t *metric = &self->place->metrics [index];
    double day = (double) (at_ms % s_day_ms) / (double) s_day_ms;
    self->drift [index] = self->drift [index] * 0.999 + chance_normal (&self->chance) * metric->drift;
    double value = metric->base + metric->daily * cos (2 * M_PI * (day - s_peak)) + self->drift [index]
                   + chance_normal (&self->chance) * metric->noise;
    return fmin (fmax (value, metric->minimum), metric->maximum);
}

static double
s_battery (const model_t *self, int64_t at_ms)
{
    double life = (double) ((at_ms + self->battery_phase_ms) % s_battery_ms) / (double) s_battery_ms;
    return 100 - 88 * life;
}

bool
model_read (model_t *self, int64_t at_ms, zooid_buffer_t *out)
{
    if (s_is_silent (self))
        return false;
    zooid_buffer_format (out, "{\"ts\":%lld", (long long) at_ms);
    for (size_t i = 0; i < MODEL_METRICS_MAX && self->place->metrics [i].name; i++)
        zooid_buffer_format (out, ",\"%s\":%.*f", self->place->metrics [i].name, self->place->metrics [i].digits,
                             s_measure (self, i, at_ms));
    zooid_buffer_format (out, ",\"battery\":%.2f}", s_battery (self, at_ms));
    return true;
}
