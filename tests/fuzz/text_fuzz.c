//  One text as each field of a record: times, durations, ids, numbers, base64, names, and JSON where the type is no scalar.
//  What is taken is written as JSON, and that is taken again as the same value.
#include "fuzz.h"

#include "sample.h"

#include <zooid/msgpack.h>

#include <string.h>

static void
s_parse (const zooid_field_t *field, const char *text, zooid_arena_t *arena)
{
    const zooid_field_t alone = *field;
    const zooid_record_t record = { .name = "alone", .size = alone.offset + alone.size, .fields = &alone, .field_count = 1 };
    zooid_buffer_t packed = { 0 }, again = { 0 }, json = { 0 };
    zooid_pack_map (&packed, 1);
    zooid_pack_text (&packed, alone.name);
    zooid_violations_t violations = { .count = 0 };
    int rc = zooid_field_parse (&alone, text, "/query", arena, &packed, &violations);
    FUZZ_MUST (rc == 0 || (rc == ZOOID_INVALID && violations.count > 0));
    if (rc == 0) {
        zooid_bytes_t msgpack = { packed.data, packed.size };
        FUZZ_MUST (zooid_record_validate (&record, msgpack, NULL, NULL) == 0);
        FUZZ_MUST (zooid_json_write (&record, msgpack, &json) == 0);
        FUZZ_MUST (zooid_json_read (&record, (const char *) json.data, json.size, ZOOID_UNKNOWN_REFUSED, arena, &again, NULL) == 0);
        FUZZ_MUST (packed.size == again.size && memcmp (packed.data, again.data, packed.size) == 0);
    }
    zooid_buffer_fini (&packed);
    zooid_buffer_fini (&again);
    zooid_buffer_fini (&json);
}

static void
s_parse_timestamp (const char *text)
{
    int64_t at_ms, back;
    if (zooid_timestamp_read (text, &at_ms))
        return;
    char written [ZOOID_TIMESTAMP_SIZE];
    zooid_timestamp_write (at_ms, written);
    FUZZ_MUST (zooid_timestamp_read (written, &back) == 0 && back == at_ms);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    if (size > 4096)
        return 0;
    char *text = malloc (size + 1);
    if (!text)
        return 0;
    if (size)
        memcpy (text, data, size);
    text [size] = 0;
    zooid_arena_t *arena;
    zooid_arena_new (&arena, 0);
    s_parse_timestamp (text);
    for (size_t i = 0; i < sample_required.field_count; i++)
        s_parse (&sample_required.fields [i], text, arena);
    for (size_t i = 0; i < sample_optional.field_count; i++)
        s_parse (&sample_optional.fields [i], text, arena);
    zooid_arena_destroy (&arena);
    free (text);
    return 0;
}
