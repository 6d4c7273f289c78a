//  Hostile msgpack into a record of every type. What is taken must come back the same: as a struct, and as JSON.
//
//  The first byte chooses the table.
#include "fuzz.h"

#include "sample.h"

#include <zooid/msgpack.h>

#include <string.h>

static void
s_must_be_json_twice (const zooid_record_t *record, zooid_bytes_t msgpack, zooid_arena_t *arena)
{
    zooid_buffer_t json = { 0 }, packed = { 0 }, again = { 0 };
    zooid_violations_t violations = { .count = 0 };
    FUZZ_MUST (zooid_json_write (record, msgpack, &json) == 0);
    int rc = zooid_json_read (record, (const char *) json.data, json.size, ZOOID_UNKNOWN_REFUSED, arena, &packed, &violations);
    FUZZ_MUST (rc == 0 && violations.count == 0);
    FUZZ_MUST (zooid_json_write (record, (zooid_bytes_t) { packed.data, packed.size }, &again) == 0);
    FUZZ_MUST (json.size == again.size && memcmp (json.data, again.data, json.size) == 0);
    zooid_buffer_fini (&json);
    zooid_buffer_fini (&packed);
    zooid_buffer_fini (&again);
}

static void
s_must_come_back (const zooid_record_t *record, const sample_t *value, zooid_arena_t *arena)
{
    zooid_buffer_t packed = { 0 };
    sample_t back;
    FUZZ_MUST (zooid_record_encode (record, value, &packed) == 0);
    zooid_bytes_t msgpack = { packed.data, packed.size };
    FUZZ_MUST (zooid_msgpack_is_sound (msgpack));
    FUZZ_MUST (zooid_record_decode (record, msgpack, arena, &back, NULL) == 0);
    FUZZ_MUST (sample_equals (record, value, &back));
    s_must_be_json_twice (record, msgpack, arena);
    zooid_buffer_fini (&packed);
}

static void
s_must_be_told (const zooid_violations_t *violations)
{
    FUZZ_MUST (violations->count > 0 && violations->count <= ZOOID_VIOLATIONS_MAX);
    for (size_t i = 0; i < violations->count; i++) {
        const zooid_violation_t *item = &violations->items [i];
        FUZZ_MUST (item->pointer && item->code && item->detail);
        FUZZ_MUST (!item->pointer [0] || item->pointer [0] == '/');
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    const zooid_record_t *record = data [0] & 1 ? &sample_required : &sample_optional;
    zooid_bytes_t input = { data + 1, size - 1 };
    zooid_arena_t *arena;
    //  No input may make the decoder take more than its size and the bounds of the lists account for
    zooid_arena_new (&arena, 64 * 1024 + 64 * size);
    sample_t value;
    zooid_violations_t violations = { .count = 0 };
    int rc = zooid_record_decode (record, input, arena, &value, &violations);
    FUZZ_MUST (rc == 0 || rc == ZOOID_INVALID);
    FUZZ_MUST (zooid_record_validate (record, input, NULL, NULL) == rc);
    if (rc == 0) {
        FUZZ_MUST (violations.count == 0 && zooid_msgpack_is_sound (input));
        zooid_arena_t *other;
        zooid_arena_new (&other, 0);
        s_must_come_back (record, &value, other);
        zooid_arena_destroy (&other);
    }
    else
        s_must_be_told (&violations);
    zooid_arena_destroy (&arena);
    return 0;
}
