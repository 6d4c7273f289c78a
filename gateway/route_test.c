//  gateway/route_test.c - which operation a method and a path name
#include "route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    const char *id, *other;
} item_t;

static const zooid_field_t item_fields [] = { ZOOID_STRING (item_t, id), ZOOID_STRING (item_t, other) };
static const zooid_record_t item = ZOOID_RECORD ("item", item_t, item_fields, .doc = "For tests");

static const zooid_operation_t operations [] = {
    { .name = "x.list", .http = "GET /api/items" },
    { .name = "x.get", .takes = &item, .http = "GET /api/items/{id}" },
    { .name = "x.put", .takes = &item, .http = "PUT /api/items/{id}" },
    { .name = "x.mine", .http = "GET /api/items/mine" },
    { .name = "x.deep", .takes = &item, .http = "GET /api/items/{id}/of/{other}" },
    { .name = "x.status", .http = "GET /api/bridges/@" },
    { .name = "x.hidden" },
};

static int
setup (void **state)
{
    routes_t *routes = NULL;
    const char *why = NULL;
    routes_new (&routes);
    for (size_t index = 0; index < ZOOID_COUNT (operations); index++)
        assert_int_equal (routes_add (routes, "mqtt", operations [index].name, &operations [index], &why), 0);
    routes_sort (routes);
    *state = routes;
    return 0;
}

static int
teardown (void **state)
{
    routes_t *routes = *state;
    routes_destroy (&routes);
    return 0;
}

static int
s_find (const routes_t *routes, http_method_t method, const char *path, const char **ret_operation,
        http_text_t *ret_captures, unsigned *ret_methods)
{
    const route_t *route = NULL;
    int rc = routes_find (routes, method, (http_text_t) { .data = path, .size = strlen (path) }, &route, ret_captures,
                          ret_methods);
    *ret_operation = rc == 0 ? route->operation : "";
    return rc;
}

static void
test_route_is_the_most_literal_that_fits (void **state)
{
    static const struct { http_method_t method; const char *path, *operation; } rows [] = {
        { HTTP_GET, "/api/items", "x.list" }, { HTTP_HEAD, "/api/items", "x.list" }, { HTTP_GET, "/api/items/a", "x.get" },
        { HTTP_GET, "/api/items/mine", "x.mine" }, { HTTP_PUT, "/api/items/mine", "x.put" }, { HTTP_GET, "/api/items/a/of/b", "x.deep" },
        { HTTP_GET, "/api/bridges/mqtt", "x.status" },
    };
    for (size_t index = 0; index < ZOOID_COUNT (rows); index++) {
        http_text_t captures [BINDING_CAPTURES_MAX];
        const char *operation = NULL;
        unsigned methods = 0;
        assert_int_equal (s_find (*state, rows [index].method, rows [index].path, &operation, captures, &methods), 0);
        assert_string_equal (operation, rows [index].operation);
    }
}

static void
test_route_captures_segments (void **state)
{
    http_text_t captures [BINDING_CAPTURES_MAX];
    const char *operation = NULL;
    unsigned methods = 0;
    assert_int_equal (s_find (*state, HTTP_GET, "/api/items/a%2Fb/of/c", &operation, captures, &methods), 0);
    assert_true (http_text_is (captures [0], "a%2Fb"));
    assert_true (http_text_is (captures [1], "c"));
}

static void
test_route_is_unknown_or_refused_otherwise (void **state)
{
    static const struct { http_method_t method; const char *path; int rc; unsigned methods; } rows [] = {
        { HTTP_POST, "/api/items", ZOOID_REFUSED, HTTP_GET | HTTP_HEAD }, { HTTP_DELETE, "/api/items/a", ZOOID_REFUSED, HTTP_GET | HTTP_HEAD | HTTP_PUT },
        { HTTP_GET, "/api/items/", ZOOID_UNKNOWN, 0 }, { HTTP_GET, "/api/item", ZOOID_UNKNOWN, 0 }, { HTTP_GET, "/api/items/a/of", ZOOID_UNKNOWN, 0 },
        { HTTP_GET, "/", ZOOID_UNKNOWN, 0 }, { HTTP_GET, "//api/items", ZOOID_UNKNOWN, 0 }, { HTTP_GET, "/api/bridges/@", ZOOID_UNKNOWN, 0 },
        { HTTP_GET, "/api/items/..", 0, 0 },        //  A capture like any other: the operation says what an id is
        { HTTP_GET, "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", ZOOID_UNKNOWN, 0 },
    };
    for (size_t index = 0; index < ZOOID_COUNT (rows); index++) {
        http_text_t captures [BINDING_CAPTURES_MAX];
        const char *operation = NULL;
        unsigned methods = 0;
        assert_int_equal (s_find (*state, rows [index].method, rows [index].path, &operation, captures, &methods),
                          rows [index].rc);
        assert_int_equal (methods, rows [index].methods);
    }
}

static void
test_route_is_left_out_when_unsound_or_taken (void **state)
{
    static const struct { zooid_operation_t operation; int rc; } rows [] = {
        { { .name = "y.same", .http = "GET /api/items" }, ZOOID_DUPLICATE },
        { { .name = "y.same", .takes = &item, .http = "GET /api/items/{other}" }, ZOOID_DUPLICATE },
        { { .name = "y.bad", .http = "FETCH /api/y" }, ZOOID_INVALID },
        { { .name = "y.bad", .http = "/api/y" }, ZOOID_INVALID },
        { { .name = "y.bad", .http = "GET api/y" }, ZOOID_INVALID },
        { { .name = "y.bad", .takes = &item, .http = "GET /api/y/{nothing}" }, ZOOID_INVALID },
        { { .name = "y.good", .http = "POST /api/items" }, 0 },
    };
    size_t before = routes_count (*state);
    for (size_t index = 0; index < ZOOID_COUNT (rows); index++) {
        const char *why = NULL;
        assert_int_equal (routes_add (*state, "y", rows [index].operation.name, &rows [index].operation, &why),
                          rows [index].rc);
        assert_true (rows [index].rc != ZOOID_INVALID || why);
    }
    assert_int_equal (routes_count (*state), before + 1);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_route_is_the_most_literal_that_fits),
        cmocka_unit_test (test_route_captures_segments),
        cmocka_unit_test (test_route_is_unknown_or_refused_otherwise),
        cmocka_unit_test (test_route_is_left_out_when_unsound_or_taken),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
