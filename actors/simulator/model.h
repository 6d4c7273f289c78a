//  model.h - a device that is not there: what it would measure, from a seed and the time
//
//  The same seed and the same times give the same readings. Pure: no clock, no chance but the seed's.
#ifndef SIMULATOR_MODEL_H
#define SIMULATOR_MODEL_H

#include <zooid/bytes.h>

enum { MODEL_METRICS_MAX = 5, MODEL_NAME_SIZE = 32 };

//  A generator of its own for each device (splitmix64): the seed alone decides.
typedef struct {
    uint64_t state;
} chance_t;
//  Evenly in [0, 1).
double
    chance_even (chance_t *self);
//  Around 0 with deviation 1, in [-6, 6].
double
    chance_normal (chance_t *self);

//  Where devices stand: what they measure there, and how.
typedef struct place place_t;

typedef struct {
    const place_t *place;
    char name [MODEL_NAME_SIZE];            //  "greenhouse-1"
    chance_t chance;
    double drift [MODEL_METRICS_MAX];       //  A slow walk of each metric
    int64_t battery_phase_ms;               //  When in its life the battery is
    unsigned silent;                        //  Readings still to be left out: a gap
} model_t;

//  Device `number`, from 0. Place by place in turn: greenhouse-1, office-1, cold_room-1, rooftop-1, greenhouse-2...
void
    model_init (model_t *self, uint64_t seed, size_t number);
//  The next reading, as JSON with `ts`, appended to `out`. false: the device is in a gap, and nothing was appended.
bool
    model_read (model_t *self, int64_t at_ms, zooid_buffer_t *out);

#endif
