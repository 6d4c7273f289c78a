//  Hostile JSON: by a record of every type, and without a record. What is taken is sound msgpack of the record, and comes
//  back the same after it was written as JSON.
//
//  The first byte chooses the table and what is done with unknown names.
#include "fuzz.h"

#include "sample.h"

#include <zooid/msgpack.h>

#include <string.h>

static bool
s_same (const zooid_buffer_t *a, const zooid_buffer_t *b)
{
    return a->size == b->size && memcmp (a->data, b->data, a->size) == 0;
}

static void
s_read_by_record (const zooid_record_t *record, const char *text, size_t size, zooid_unknown_t unknown, zooid_arena_t *arena)
{
    zooid_buffer_t packed = { 0 }, json = { 0 }, again = { 0 };
    zooid_violations_t violations = { .count = 0 };
    int rc = zooid_json_read (record, text, size, unknown, arena, &packed, &violations);
    FUZZ_MUST (rc == 0 || rc == ZOOID_INVALID);
    FUZZ_MUST ((rc == 0) == (violations.count == 0));
    if (rc == 0) {
        zooid_bytes_t msgpack = { packed.data, packed.size };
        FUZZ_MUST (zooid_record_validate (record, msgpack, NULL, NULL) == 0);
        FUZZ_MUST (zooid_json_write (record, msgpack, &json) == 0);
        rc = zooid_json_read (record, (const char *) json.data, json.size, ZOOID_UNKNOWN_REFUSED, arena, &again, NULL);
        FUZZ_MUST (rc == 0 && s_same (&packed, &again));
    }
    else
        FUZZ_MUST (packed.size == 0);
    zooid_buffer_fini (&packed);
    zooid_buffer_fini (&json);
    zooid_buffer_fini (&again);
}

static void
s_read_without_record (const char *text, size_t size, zooid_arena_t *arena)
{
    zooid_buffer_t packed = { 0 }, json = { 0 }, again = { 0 };
    const char *why = NULL;
    int rc = zooid_json_parse (text, size, arena, &packed, &why);
    FUZZ_MUST (rc == 0 || (rc == ZOOID_INVALID && why && packed.size == 0));
    if (rc == 0) {
        zooid_bytes_t msgpack = { packed.data, packed.size };
        FUZZ_MUST (zooid_msgpack_is_sound (msgpack));
        //  JSON may say \u0000 nowhere, so every text can be written and read again
        FUZZ_MUST (zooid_json_write (NULL, msgpack, &json) == 0);
        FUZZ_MUST (zooid_json_parse ((const char *) json.data, json.size, arena, &again, NULL) == 0);
        FUZZ_MUST (s_same (&packed, &again));
    }
    zooid_buffer_fini (&packed);
    zooid_buffer_fini (&json);
    zooid_buffer_fini (&again);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    const zooid_record_t *record = data [0] & 1 ? &sample_required : &sample_optional;
    zooid_unknown_t unknown = data [0] & 2 ? ZOOID_UNKNOWN_SKIPPED : ZOOID_UNKNOWN_REFUSED;
    const char *text = (const char *) data + 1;
    zooid_arena_t *arena;
    zooid_arena_new (&arena, 0);
    s_read_by_record (record, text, size - 1, unknown, arena);
    s_read_without_record (text, size - 1, arena);
    zooid_arena_destroy (&arena);
    return 0;
}
