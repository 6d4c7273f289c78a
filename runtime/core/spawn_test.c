//  What a spawn that is refused leaves behind: nothing.
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <zooid/system.h>

static const zooid_contract_t blank_contract = { .name = "blank", .doc = "Nothing" };
static const zooid_module_t blank_module = {
    ZOOID_MODULE_HEADER, .name = "blank", .version = "1", .doc = "Nothing", .contract = &blank_contract };

static size_t
s_count_entries (const char *path)
{
    DIR *folder = opendir (path);
    assert_non_null (folder);
    size_t count = 0;
    while (readdir (folder))
        count++;
    closedir (folder);
    return count;
}

static void
test_spawn_leaves_no_thread_or_descriptor_when_the_name_is_taken (void **state)
{
    (void) state;
    zooid_system_t *system = NULL;
    zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    assert_int_equal (zooid_system_new (&system, NULL), 0);
    const zooid_spawn_t spawn = { .name = "blank", .module = &blank_module };
    const char *why = "";
    assert_int_equal (zooid_system_spawn (system, &spawn, arena, &why, NULL), 0);
    assert_int_equal (zooid_system_wait_started (system, 10000), 0);
    size_t threads = s_count_entries ("/proc/self/task"), descriptors = s_count_entries ("/proc/self/fd");
    for (int i = 0; i < 10; i++)
        assert_int_equal (zooid_system_spawn (system, &spawn, arena, &why, NULL), ZOOID_INVALID);
    assert_int_equal (s_count_entries ("/proc/self/task"), threads);
    assert_int_equal (s_count_entries ("/proc/self/fd"), descriptors);
    zooid_system_destroy (&system);
    zooid_arena_destroy (&arena);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_spawn_leaves_no_thread_or_descriptor_when_the_name_is_taken),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
