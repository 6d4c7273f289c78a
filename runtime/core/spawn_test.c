//  On which thread an actor comes, and what a spawn that is refused leaves behind: nothing.
#include "system_parts.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <zooid/supervision.h>
#include <zooid/system.h>

static const zooid_contract_t blank_contract = { .name = "blank", .doc = "Nothing" };
static const zooid_module_t blank_module = {
    ZOOID_MODULE_HEADER, .name = "blank", .version = "1", .doc = "Nothing", .contract = &blank_contract };

//  ---- a thread for one actor alone

//  It brings a loop; in virtual time nobody calls it.
static int
s_loop (zooid_context_t *self, zooid_loop_t *loop)
{
    (void) self;
    (void) loop;
    return 0;
}

static const zooid_module_t looper_module = {
    ZOOID_MODULE_HEADER, .name = "looper", .version = "1", .doc = "Nothing", .contract = &blank_contract, .run = s_loop };

//  Spawns two that want a thread each.
static int
parent_start (zooid_context_t *self, const void *settings)
{
    (void) settings;
    static const char *const dispatchers [] = { NULL, "named" };
    for (size_t i = 0; i < ZOOID_COUNT (dispatchers); i++) {
        const char *why = "";
        if (zooid_spawn (self, &(zooid_child_t) { .module = &looper_module, .dispatcher = dispatchers [i] }, &why, NULL))
            fail_msg ("%s", why);
    }
    return 0;
}

static const zooid_module_t parent_module = {
    ZOOID_MODULE_HEADER, .name = "parent", .version = "1", .doc = "Nothing", .contract = &blank_contract, .start = parent_start };

static int
s_fall (zooid_context_t *self, void *state)
{
    (void) self;
    (void) state;
    return zooid_fault (-EIO);
}

static void
test_spawn_uses_a_thread_again_when_its_only_actor_has_ended (void **state)
{
    (void) state;
    zooid_system_t *system = NULL;
    zooid_arena_t *arena = NULL;
    zooid_ref_t parent;
    const char *why = "";
    zooid_arena_new (&arena, 0);
    assert_int_equal (zooid_system_new (&system, &(zooid_system_options_t) { .environment = ZOOID_VIRTUAL }), 0);
    assert_int_equal (zooid_system_spawn (system, &(zooid_spawn_t) { .name = "parent", .module = &parent_module }, arena, &why, &parent), 0);
    zooid_system_run (system, 1);
    assert_int_equal (atomic_load (&system->dispatcher_count), 3);
    for (int i = 1; i <= 5; i++) {
        assert_int_equal (zooid_system_post (system, parent, s_fall, NULL, NULL), 0);
        zooid_system_run (system, 10000 * i);
    }
    assert_int_equal (atomic_load (&system->dispatcher_count), 3);
    zooid_system_destroy (&system);
    zooid_arena_destroy (&arena);
}

//  ---- refused

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
        cmocka_unit_test (test_spawn_uses_a_thread_again_when_its_only_actor_has_ended),
        cmocka_unit_test (test_spawn_leaves_no_thread_or_descriptor_when_the_name_is_taken),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
