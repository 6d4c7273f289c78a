//  reading_fuzz.c - any bytes are a reading that keeps its promises, or a refusal that has a name
#include "reading.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static void
s_check_reading (const reading_t *reading, int64_t now_ms, zooid_arena_t *arena)
{
    assert (reading->count >= 1 && reading->count <= READING_METRICS_MAX);
    assert (reading->measured_at >= 0 && reading->measured_at <= now_ms + READING_AHEAD_MAX_MS);
    assert (!reading->id || (strlen (reading->id) >= 1 && strlen (reading->id) <= READING_ID_MAX));
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t packed = { 0 };
    reading_pack (reading, &packed);
    reading_t copy;
    assert (reading_unpack ((zooid_bytes_t) { packed.data, packed.size }, NULL, arena, &copy) == 0);
    assert (copy.count == reading->count);
    for (size_t i = 0; i < reading->count; i++) {
        assert (isfinite (reading->values [i]) && copy.values [i] == reading->values [i]);
        assert (strcmp (copy.names [i], reading->names [i]) == 0);
        assert (strlen (reading->names [i]) >= 1 && strlen (reading->names [i]) <= READING_NAME_MAX);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static const char *const failures [] = { "bad_json", "bad_metric", "bad_value", "future_timestamp", "too_large" };
    const int64_t now_ms = 1795361128123;
    zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    reading_t reading;
    reading_refusal_t refusal = { 0 };
    int rc = reading_parse ((zooid_bytes_t) { data, size }, now_ms, arena, &reading, &refusal);
    assert (rc == 0 || rc == ZOOID_REFUSED);
    if (rc == 0)
        s_check_reading (&reading, now_ms, arena);
    else {
        size_t known = 0;
        for (size_t i = 0; i < ZOOID_COUNT (failures); i++)
            known += strcmp (refusal.failure, failures [i]) == 0;
        assert (known == 1 && *refusal.detail);
    }
    //  What lies in the store was written by us, but a file can rot.
    (void) reading_unpack ((zooid_bytes_t) { data, size }, NULL, arena, &reading);
    zooid_arena_destroy (&arena);
    return 0;
}
