//  reading.h - what a device sends: one JSON object with metrics, and when wanted a time and a name
//
//      {"id": "b71-0042", "ts": 1795361128123, "temperature": 21.5, "humidity": 48}
//
//  `id` names the reading: a repeat of it is known as one. `ts` is milliseconds UTC or RFC 3339; without it the reading
//  was measured when it came. Every other key is a metric, a finite number. Pure: bytes in, a reading or a refusal out.
#ifndef IOT_READING_H
#define IOT_READING_H

#include <zooid/bytes.h>

enum {
    READING_BODY_MAX = 64 * 1024,
    READING_METRICS_MAX = 64,
    READING_NAME_MAX = 64,              //  Of a device, of a metric
    READING_ID_MAX = 255,
    READING_AHEAD_MAX_MS = 5 * 60 * 1000,
};

typedef struct {
    const char *id;                     //  NULL: it has none
    int64_t measured_at;
    size_t count;
    const char *names [READING_METRICS_MAX];
    double values [READING_METRICS_MAX];
} reading_t;

//  Why a reading is not taken: the name of a failure of iot.ingest, and a sentence.
typedef struct {
    const char *failure;
    char detail [160];
} reading_refusal_t;

//  1 to 64 of [A-Za-z0-9_-].
bool
    reading_is_device (const char *name);

//  Strings are the arena's. ZOOID_REFUSED: bad_json, bad_metric, bad_value, future_timestamp or too_large.
int
    reading_parse (zooid_bytes_t body, int64_t now_ms, zooid_arena_t *arena, reading_t *ret_reading,
                   reading_refusal_t *ret_refusal);

//  The metrics as they lie in the store: a msgpack map of reals.
void
    reading_pack (const reading_t *self, zooid_buffer_t *out);
//  The other way: names, values and count; `only` (NULL: all) is the one that is wanted. ZOOID_INVALID: it is no such
//  map.
int
    reading_unpack (zooid_bytes_t packed, const char *only, zooid_arena_t *arena, reading_t *ret_reading);

#endif
