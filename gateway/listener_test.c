//  gateway/listener_test.c - addresses to listen at, and the origins that follow from them
#include "listener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <zooid/module.h>

#include "gateway.h"

extern const zooid_module_t zooid_module_gateway;

static void
test_listener_address_is_parsed_or_refused (void **state)
{
    (void) state;
    static const struct { const char *url, *host; uint16_t port; } rows [] = {
        { "http://127.0.0.1:8000", "127.0.0.1", 8000 }, { "http://0.0.0.0:0", "0.0.0.0", 0 }, { "http://localhost:65535/", "localhost", 65535 },
        { "http://[::1]:80", "::1", 80 }, { "http://127.0.0.1:65536", NULL, 0 }, { "http://127.0.0.1", NULL, 0 }, { "http://:80", NULL, 0 },
        { "https://127.0.0.1:80", NULL, 0 }, { "http://example.com:80", NULL, 0 }, { "http://127.0.0.1:", NULL, 0 }, { "http://127.0.0.1:80x", NULL, 0 },
        { "http://127.0.0.1:-1", NULL, 0 }, { "http://::1:80", NULL, 0 }, { "http://[::1:80", NULL, 0 }, { "127.0.0.1:80", NULL, 0 },
    };
    for (size_t index = 0; index < ZOOID_COUNT (rows); index++) {
        listener_address_t address;
        const char *why = NULL;
        int rc = listener_parse (rows [index].url, &address, &why);
        if (rc != (rows [index].host ? 0 : ZOOID_INVALID))
            fail_msg ("%s: %d", rows [index].url, rc);
        if (rows [index].host) {
            assert_string_equal (address.host, rows [index].host);
            assert_int_equal (address.port, rows [index].port);
        }
    }
}

static void
test_origins_are_those_of_the_listeners_and_no_others (void **state)
{
    (void) state;
    static const struct { const char *origin; bool allowed; } rows [] = {
        { "http://127.0.0.1:8000", true }, { "http://localhost:8000", true }, { "http://[::1]:8000", true }, { "https://zooid.example", true },
        { "http://192.0.2.1", true }, { "http://localhost", false }, { "http://localhost:80001", false }, { "https://localhost:8000", false },
        { "http://localhost:8000.evil.example", false }, { "http://evil.example", false }, { "null", false }, { "", false }, { "HTTP://localhost:8000", false },
    };
    origins_t *origins = NULL;
    origins_new (&origins);
    origins_add_listener (origins, "http://127.0.0.1:8000");
    origins_add_listener (origins, "http://192.0.2.1:80");
    origins_add (origins, "https://zooid.example");
    for (size_t index = 0; index < ZOOID_COUNT (rows); index++)
        if (origins_has (origins, (http_text_t) { .data = rows [index].origin, .size = strlen (rows [index].origin) })
            != rows [index].allowed)
            fail_msg ("%s", rows [index].origin);
    origins_destroy (&origins);
}

static void
test_check_names_each_setting_that_is_wrong_and_what_would_be_right (void **state)
{
    (void) state;
    static const char *const good [] = { "http://127.0.0.1:0", "http://[::1]:8000" },
                      *const bad [] = { "http://127.0.0.1:8000", "127.0.0.1:8000", "http://127.0.0.1:65536" },
                      *const good_origins [] = { "https://zooid.example", "http://localhost:3000" },
                      *const bad_origins [] = { "https://zooid.example/", "zooid.example", "https://", "*" };
    zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    zooid_violations_t violations = { .count = 0 };
    gateway_settings_t settings = { .listen = { .items = good, .count = ZOOID_COUNT (good) },
                                    .origins = { .items = good_origins, .count = ZOOID_COUNT (good_origins) } };
    zooid_module_gateway.check (&settings, arena, &violations);
    assert_int_equal (violations.count, 0);

    settings.listen = (zooid_list_t) { .items = bad, .count = ZOOID_COUNT (bad) };
    settings.origins = (zooid_list_t) { .items = bad_origins, .count = ZOOID_COUNT (bad_origins) };
    zooid_module_gateway.check (&settings, arena, &violations);
    static const char *const pointers [] = { "/listen/1",  "/listen/2",  "/origins/0",
                                             "/origins/1", "/origins/2", "/origins/3" };
    assert_int_equal (violations.count, ZOOID_COUNT (pointers));
    for (size_t index = 0; index < violations.count; index++) {
        assert_string_equal (violations.items [index].pointer, pointers [index]);
        assert_non_null (strstr (violations.items [index].detail, "would be right"));
    }
    assert_non_null (strstr (violations.items [1].detail, "0 to 65535"));
    zooid_arena_destroy (&arena);
}

static void
test_check_refuses_an_address_that_is_there_twice_unless_its_port_is_any (void **state)
{
    (void) state;
    static const char *const urls [] = { "http://127.0.0.1:0", "http://127.0.0.1:8000", "http://[::1]:8000",
                                         "http://127.0.0.1:0", "http://127.0.0.1:8000/" };
    zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    zooid_violations_t violations = { .count = 0 };
    gateway_settings_t settings = { .listen = { .items = urls, .count = ZOOID_COUNT (urls) } };
    zooid_module_gateway.check (&settings, arena, &violations);
    assert_int_equal (violations.count, 1);
    assert_string_equal (violations.items [0].pointer, "/listen/4");
    assert_non_null (strstr (violations.items [0].detail, "is there twice"));
    zooid_arena_destroy (&arena);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_listener_address_is_parsed_or_refused),
        cmocka_unit_test (test_check_names_each_setting_that_is_wrong_and_what_would_be_right),
        cmocka_unit_test (test_check_refuses_an_address_that_is_there_twice_unless_its_port_is_any),
        cmocka_unit_test (test_origins_are_those_of_the_listeners_and_no_others),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
