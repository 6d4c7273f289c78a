//  The real environment reads the kernel. The virtual one starts at a fixed date, so that a run that prints times
//  prints the same ones again.
#include "environment.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

//  2026-01-01T00:00:00Z: where virtual wall clocks begin.
#define VIRTUAL_EPOCH_MS INT64_C (1767225600000)

struct environment {
    bool is_virtual;
    int64_t now_ns;
    uint64_t state;
};

void
environment_new (environment_t **self_p, zooid_environment_t kind, uint64_t seed)
{
    environment_t *self = zooid_allocate (sizeof *self);
    self->is_virtual = kind == ZOOID_VIRTUAL;
    self->state = seed;
    *self_p = self;
}

void
environment_destroy (environment_t **self_p)
{
    free (*self_p);
    *self_p = NULL;
}

bool
environment_is_virtual (const environment_t *self)
{
    return self->is_virtual;
}

static int64_t
s_read_clock (clockid_t clock)
{
    struct timespec at;
    int rc = clock_gettime (clock, &at);
    assert (rc == 0);
    return (int64_t) at.tv_sec * 1000000000 + at.tv_nsec;
}

int64_t
environment_monotonic_ns (const environment_t *self)
{
    return self->is_virtual ? self->now_ns : s_read_clock (CLOCK_BOOTTIME);
}

int64_t
environment_tick (const environment_t *self)
{
    return self->is_virtual ? self->now_ns : s_read_clock (CLOCK_MONOTONIC_COARSE);
}

int64_t
environment_wall_ms (const environment_t *self)
{
    return self->is_virtual ? VIRTUAL_EPOCH_MS + self->now_ns / 1000000 : s_read_clock (CLOCK_REALTIME) / 1000000;
}

//  SplitMix64: small, and good enough to choose with.
static uint64_t
s_next (environment_t *self)
{
    uint64_t z = self->state += UINT64_C (0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void
environment_random (environment_t *self, void *ret_data, size_t size)
{
    uint8_t *data = ret_data;
    while (size > 0) {
        size_t piece = size < 256 ? size : 256;
        if (self->is_virtual) {
            piece = size < 8 ? size : 8;
            uint64_t value = s_next (self);
            memcpy (data, &value, piece);
        }
        else {
            ssize_t got = getrandom (data, piece, 0);
            if (got < 0) {
                assert (errno == EINTR);
                continue;
            }
            piece = (size_t) got;
        }
        data += piece;
        size -= piece;
    }
}

void
environment_advance_to_ns (environment_t *self, int64_t monotonic_ns)
{
    assert (self->is_virtual);
    if (monotonic_ns > self->now_ns)
        self->now_ns = monotonic_ns;
}

uint64_t
environment_choose (environment_t *self, uint64_t bound)
{
    assert (self->is_virtual && bound > 0);
    return s_next (self) % bound;
}
