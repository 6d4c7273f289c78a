#include <zooid/bytes.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdalign.h>
#include <stdio.h>
#include <string.h>

static void
test_arena_gives_zeroed_aligned_memory_when_reused (void **state)
{
    (void) state;
    zooid_arena_t *arena;
    zooid_arena_new (&arena, 0);
    for (int round = 0; round < 3; round++) {
        for (size_t size = 0; size < 3000; size += 7) {
            uint8_t *piece = zooid_arena_take (arena, size);
            assert_non_null (piece);
            assert_int_equal ((uintptr_t) piece % alignof (max_align_t), 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal (piece [i], 0);
            memset (piece, 0xa5, size);
        }
        zooid_arena_reset (arena);
    }
    zooid_arena_destroy (&arena);
    assert_null (arena);
    zooid_arena_destroy (&arena);
}

static void
test_arena_keeps_every_piece_when_blocks_are_added (void **state)
{
    (void) state;
    enum { COUNT = 2000 };
    zooid_arena_t *arena;
    zooid_arena_new (&arena, 0);
    char *pieces [COUNT];
    for (int i = 0; i < COUNT; i++) {
        //  Large ones, with a block of their own, in between
        pieces [i] = i % 500 == 3 ? zooid_arena_take (arena, 200000) : zooid_arena_format (arena, "piece %d", i);
        if (i % 500 == 3)
            strcpy (pieces [i] + 199980, "large");
    }
    for (int i = 0; i < COUNT; i++) {
        char expected [32];
        snprintf (expected, sizeof expected, "piece %d", i);
        assert_string_equal (i % 500 == 3 ? pieces [i] + 199980 : pieces [i], i % 500 == 3 ? "large" : expected);
    }
    zooid_arena_destroy (&arena);
}

static void
test_arena_takes_its_limit_and_refuses_one_past_it (void **state)
{
    (void) state;
    zooid_arena_t *arena;
    zooid_arena_new (&arena, 1024);
    assert_non_null (zooid_arena_take (arena, 512));
    assert_non_null (zooid_arena_take (arena, 512));
    assert_null (zooid_arena_take (arena, 1));
    assert_null (zooid_arena_copy (arena, "", 0));
    assert_null (zooid_arena_format (arena, "x"));
    zooid_arena_reset (arena);
    assert_null (zooid_arena_take (arena, 1025));
    assert_non_null (zooid_arena_take (arena, 1024));
    zooid_arena_destroy (&arena);
}

static void
test_arena_refuses_sizes_that_overflow (void **state)
{
    (void) state;
    zooid_arena_t *arena;
    zooid_arena_new (&arena, 0);
    assert_null (zooid_arena_take (arena, SIZE_MAX));
    assert_null (zooid_arena_take (arena, SIZE_MAX - 32));
    assert_null (zooid_arena_copy (arena, "", SIZE_MAX));
    assert_non_null (zooid_arena_take (arena, 1));
    zooid_arena_destroy (&arena);
}

static void
test_arena_copies_with_nul (void **state)
{
    (void) state;
    zooid_arena_t *arena;
    zooid_arena_new (&arena, 0);
    memset (zooid_arena_take (arena, 64), 0xff, 64);
    zooid_arena_reset (arena);
    assert_string_equal (zooid_arena_copy (arena, "abcdef", 3), "abc");
    assert_string_equal (zooid_arena_copy (arena, NULL, 0), "");
    zooid_arena_destroy (&arena);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_arena_gives_zeroed_aligned_memory_when_reused),
        cmocka_unit_test (test_arena_keeps_every_piece_when_blocks_are_added),
        cmocka_unit_test (test_arena_takes_its_limit_and_refuses_one_past_it),
        cmocka_unit_test (test_arena_refuses_sizes_that_overflow),
        cmocka_unit_test (test_arena_copies_with_nul),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
