#include "module.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static int
s_set_up (void **state)
{
    modules_t *self = NULL;
    if (setenv ("ZOOID_MODULE_PATH", "relative:" PROBE_FOLDER ":", 1))
        return -1;
    modules_new (&self, NULL, 0, PROBE_FOLDER);
    *state = self;
    return 0;
}

static int
s_tear_down (void **state)
{
    modules_t *self = *state;
    modules_destroy (&self);
    return 0;
}

static void
test_module_is_found_by_name_when_the_path_has_its_folder (void **state)
{
    const zooid_module_t *module = NULL, *again = NULL;
    const char *why = NULL;
    assert_int_equal (modules_find (*state, "probe", &module, &why), 0);
    assert_string_equal (why, "");
    assert_string_equal (module->version, "1.2.3");
    assert_int_equal (modules_find (*state, "probe", &again, &why), 0);
    assert_ptr_equal (module, again);
}

static void
test_module_is_found_by_path_when_there_is_a_slash (void **state)
{
    const zooid_module_t *module = NULL;
    const char *why = NULL;
    assert_int_equal (modules_find (*state, "./libzooid_probe.so", &module, &why), 0);
    assert_string_equal (module->name, "probe");
    assert_int_equal (modules_find (*state, PROBE_FOLDER "/libzooid_probe.so", &module, &why), 0);
    assert_int_equal (modules_find (*state, PROBE_FOLDER "/libzooid_none.so", &module, &why), ZOOID_UNKNOWN);
    assert_string_equal (why, "there is no " PROBE_FOLDER "/libzooid_none.so; build it, or name another");
    assert_int_equal (modules_find (*state, "./probe.so", &module, &why), ZOOID_INVALID);
    assert_string_equal (why, "`./probe.so` is no library of a module; it is named libzooid_NAME.so");
}

static void
test_module_path_is_refused_when_it_is_relative_to_nothing (void **state)
{
    (void) state;
    ZOOID_CLEANUP (modules_destroy) modules_t *self = NULL;
    modules_new (&self, NULL, 0, NULL);
    const zooid_module_t *module = NULL;
    const char *why = NULL;
    assert_int_equal (modules_find (self, "./libzooid_probe.so", &module, &why), ZOOID_INVALID);
    assert_string_equal (why, "`./libzooid_probe.so` is relative to no file; give the whole path of the library");
}

static void
test_module_is_never_looked_for_in_the_working_folder (void **state)
{
    (void) state;
    char before [4096];
    assert_non_null (getcwd (before, sizeof before));
    assert_int_equal (chdir (PROBE_FOLDER), 0);
    static const char *const paths [] = { "", ":", ".", ".:./" };
    for (size_t i = 0; i < ZOOID_COUNT (paths); i++) {
        assert_int_equal (setenv ("ZOOID_MODULE_PATH", paths [i], 1), 0);
        ZOOID_CLEANUP (modules_destroy) modules_t *self = NULL;
        modules_new (&self, NULL, 0, NULL);
        const zooid_module_t *module = NULL;
        const char *why = NULL;
        assert_int_equal (modules_find (self, "probe", &module, &why), ZOOID_UNKNOWN);
    }
    assert_int_equal (chdir (before), 0);
}

static void
test_module_error_suggests_the_nearest (void **state)
{
    const zooid_module_t *module = NULL;
    const char *why = NULL;
    assert_int_equal (modules_find (*state, "prboe", &module, &why), ZOOID_UNKNOWN);
    assert_string_equal (why, "there is no module `prboe`; did you mean `probe`?");
    assert_int_equal (modules_find (*state, "zzzzzzzz", &module, &why), ZOOID_UNKNOWN);
    assert_non_null (
        strstr (why, "there is no module `zzzzzzzz`; put the folder of libzooid_zzzzzzzz.so in ZOOID_MODULE_PATH"));
    assert_non_null (strstr (why, PROBE_FOLDER));
    assert_int_equal (modules_find (*state, "../probe", &module, &why), ZOOID_INVALID);
    assert_int_equal (modules_find (*state, "Probe", &module, &why), ZOOID_UNKNOWN);
}

static void
test_module_is_refused_when_it_does_not_fit (void **state)
{
    static const struct { const char *name, *says; } wrong [] = {
        { "probe-old", "module `probe-old` does not fit this runtime: " },
        { "probe-misnamed", "the library of module `probe-misnamed` says that it is `another`; name the file after the module" },
        { "probe-silent", PROBE_FOLDER "/libzooid_probe-silent.so exports no `zooid_module_probe_silent`; " },
    };
    for (size_t i = 0; i < ZOOID_COUNT (wrong); i++) {
        const zooid_module_t *module = NULL;
        const char *why = NULL;
        assert_int_equal (modules_find (*state, wrong [i].name, &module, &why), ZOOID_INVALID);
        assert_null (module);
        if (strncmp (why, wrong [i].says, strlen (wrong [i].says)) != 0)
            fail_msg ("%s", why);
    }
}

static void
test_module_that_is_no_library_is_refused (void **state)
{
    (void) state;
    char folder [] = "/tmp/zooid-module-XXXXXX", path [128];
    assert_non_null (mkdtemp (folder));
    snprintf (path, sizeof path, "%s/libzooid_junk.so", folder);
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    assert_true (fputs ("junk", file) >= 0);
    assert_int_equal (fclose (file), 0);
    assert_int_equal (setenv ("ZOOID_MODULE_PATH", folder, 1), 0);
    ZOOID_CLEANUP (modules_destroy) modules_t *self = NULL;
    modules_new (&self, NULL, 0, NULL);
    const zooid_module_t *module = NULL;
    const char *why = NULL;
    assert_int_equal (modules_find (self, "junk", &module, &why), ZOOID_INVALID);
    assert_non_null (strstr (why, "module `junk` can not be loaded: "));
    assert_int_equal (unlink (path), 0);
    assert_int_equal (rmdir (folder), 0);
}

static void
test_module_that_is_given_comes_first (void **state)
{
    (void) state;
    static const zooid_contract_t contract = { .name = "probe", .doc = "Nothing." };
    static const zooid_module_t given = { ZOOID_MODULE_HEADER, .name = "probe", .version = "9", .doc = "Given.",
                                          .contract = &contract };
    ZOOID_CLEANUP (modules_destroy) modules_t *self = NULL;
    modules_new (&self, (const zooid_module_t *const []) { &given }, 1, NULL);
    const zooid_module_t *module = NULL;
    const char *why = NULL;
    assert_int_equal (modules_find (self, "probe", &module, &why), 0);
    assert_ptr_equal (module, &given);
}

static void
test_module_list_has_all_that_fit (void **state)
{
    const zooid_module_t *const *all = NULL;
    size_t count = modules_all (*state, &all), probes = 0;
    for (size_t i = 0; i < count; i++) {
        probes += strcmp (all [i]->name, "probe") == 0;
        assert_string_not_equal (all [i]->name, "probe-old");
        assert_true (i == 0 || strcmp (all [i - 1]->name, all [i]->name) < 0);
    }
    assert_int_equal (probes, 1);
}

#define test(name) cmocka_unit_test_setup_teardown (name, s_set_up, s_tear_down)

int
main (void)
{
    const struct CMUnitTest tests [] = {
        test (test_module_is_found_by_name_when_the_path_has_its_folder),
        test (test_module_is_found_by_path_when_there_is_a_slash),
        test (test_module_path_is_refused_when_it_is_relative_to_nothing),
        test (test_module_is_never_looked_for_in_the_working_folder),
        test (test_module_error_suggests_the_nearest),
        test (test_module_is_refused_when_it_does_not_fit),
        test (test_module_that_is_no_library_is_refused),
        test (test_module_that_is_given_comes_first),
        test (test_module_list_has_all_that_fit),
    };
    return cmocka_run_group_tests_name ("node.module", tests, NULL, NULL);
}
