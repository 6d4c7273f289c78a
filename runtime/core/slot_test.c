#include "slot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void
test_slot_refuses_one_past_its_limits (void **state)
{
    (void) state;
    slots_t *slots = NULL;
    slots_new (&slots);
    zooid_ref_t ref;
    slot_t *slot = slots_take (slots, &ref);
    atomic_store (&slot->limit, slot_load_limit (2, 100));
    assert_int_equal (slot_reserve (slot, 50), 0);
    assert_int_equal (slot_reserve (slot, 51), ZOOID_FULL);
    assert_int_equal (slot_reserve (slot, 50), 0);
    assert_int_equal (slot_reserve (slot, 0), ZOOID_FULL);
    slot_release (slot, slot_load_of (50));
    assert_int_equal (slot_reserve (slot, 50), 0);
    assert_int_equal (slot_messages (slot), 2);
    assert_int_equal (slot_bytes (slot), 100);
    slots_destroy (&slots);
}

static void
test_slot_used_again_makes_old_refs_stale (void **state)
{
    (void) state;
    slots_t *slots = NULL;
    slots_new (&slots);
    zooid_ref_t first, second;
    slot_t *slot = slots_take (slots, &first);
    assert_true (slot_is (slot, first));
    slots_give (slots, slot);
    assert_false (slot_is (slot, first));
    assert_ptr_equal (slots_take (slots, &second), slot);
    assert_false (slot_is (slot, first));
    assert_true (slot_is (slot, second));
    assert_false (zooid_ref_equals (first, second));
    slots_destroy (&slots);
}

static void
test_slot_of_no_ref_is_not_found (void **state)
{
    (void) state;
    slots_t *slots = NULL;
    slots_new (&slots);
    assert_null (slots_find (slots, (zooid_ref_t) { 0 }));
    assert_null (slots_find (slots, (zooid_ref_t) { 0, UINT32_MAX, 1 }));
    assert_null (slots_find (slots, (zooid_ref_t) { 0, 5000, 1 }));
    assert_null (slots_find (slots, (zooid_ref_t) { 3, 0, 1 }));
    slots_destroy (&slots);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_slot_refuses_one_past_its_limits),
        cmocka_unit_test (test_slot_used_again_makes_old_refs_stale),
        cmocka_unit_test (test_slot_of_no_ref_is_not_found),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
