#include "image.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct {
    bool on;
    int64_t count;
    double level;
    int32_t colour;
    int64_t at_ms;
} lamp_t;

static const char *const colours [] = { "red", "green", NULL };
static const zooid_field_t lamp_fields [] = {
    ZOOID_BOOLEAN (lamp_t, on, .doc = "Lit"),
    ZOOID_INTEGER (lamp_t, count, .integers = { true, 0, 10 }, .doc = "Times"),
    ZOOID_REAL (lamp_t, level, .reals = { true, -1, 1 }, .doc = "Level"),
    ZOOID_ENUMERATION (lamp_t, colour, .names = colours, .doc = "Colour"),
    ZOOID_TIMESTAMP (lamp_t, at_ms, .doc = "When"),
};
static const zooid_record_t lamp = ZOOID_RECORD ("lamp", lamp_t, lamp_fields, .doc = "A lamp");

typedef struct {
    int64_t count;
    const char *name;
} named_t;
static const zooid_field_t named_fields [] = {
    ZOOID_INTEGER (named_t, count, .doc = "Times"),
    ZOOID_STRING (named_t, name, .doc = "Name"),
};
static const zooid_record_t named = ZOOID_RECORD ("named", named_t, named_fields, .doc = "Has a text");

typedef struct {
    zooid_presence_t presence;
    int64_t count;
} maybe_t;
static const zooid_field_t maybe_fields [] = {
    ZOOID_INTEGER (maybe_t, count, .optional = true, .doc = "Times"),
};
static const zooid_record_t maybe = ZOOID_RECORD ("maybe", maybe_t, maybe_fields, .presence = ZOOID_PRESENCE (maybe_t), .doc = "May be");

static void
test_image_is_possible_without_pointers_and_options_only (void **state)
{
    (void) state;
    assert_true (image_is_possible (&lamp));
    assert_false (image_is_possible (&named));
    assert_false (image_is_possible (&maybe));
}

//  The oracle is the way by msgpack: encode, then decode.
static bool
s_survives_msgpack (const lamp_t *value)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t packed = { 0 };
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    lamp_t came = { 0 };
    return zooid_record_encode (&lamp, value, &packed) == 0
           && zooid_record_decode (&lamp, (zooid_bytes_t) { packed.data, packed.size }, arena, &came, NULL) == 0;
}

static void
test_image_is_sound_exactly_when_msgpack_would_be (void **state)
{
    (void) state;
    static const lamp_t lamps [] = {
        { true, 5, 0.5, 1, 0 }, { false, 0, -1, 0, 253402300799999 }, { false, 10, 1, 0, -62167219200000 },
        { true, 11, 0, 0, 0 }, { true, -1, 0, 0, 0 }, { true, 1, 1.5, 0, 0 }, { true, 1, NAN, 0, 0 }, { true, 1, INFINITY, 0, 0 },
        { true, 1, 0, 2, 0 }, { true, 1, 0, -1, 0 }, { true, 1, 0, 0, 253402300800000 }, { true, 1, 0, 0, INT64_MIN },
    };
    size_t sound = 0;
    for (size_t i = 0; i < ZOOID_COUNT (lamps); i++) {
        assert_int_equal (image_is_sound (&lamp, &lamps [i]), s_survives_msgpack (&lamps [i]));
        sound += image_is_sound (&lamp, &lamps [i]);
    }
    assert_int_equal (sound, 3);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_image_is_possible_without_pointers_and_options_only),
        cmocka_unit_test (test_image_is_sound_exactly_when_msgpack_would_be),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
