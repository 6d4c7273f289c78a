//  gateway/contracts_test.c - what the gateway makes of contracts: arguments, answers, problems, descriptions, figures
#include "gateway_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <zooid/msgpack.h>

static char *token;

static int
setup (void **state)
{
    fixture_t *fixture = zooid_allocate (sizeof *fixture);
    fixture_init (fixture, &(fixture_options_t) { .settings = "\"metrics\": \"open\"" });
    token = fixture_token (&(token_options_t) { .scope = NULL });
    *state = fixture;
    return 0;
}

static int
teardown (void **state)
{
    fixture_t *fixture = *state;
    assert_int_equal (fixture_fini (fixture), 0);
    free (fixture);
    free (token);
    return 0;
}

//  ---- arguments

static void
s_expect (const fixture_t *fixture, const char *method, const char *path, const char *body, int status,
          const char *part)
{
    answer_t answer;
    int got = fixture_request (fixture, method, path, token, body, &answer);
    if (got != status || (part && !strstr (answer.body, part)))
        fail_msg ("%s %s: %d instead of %d, wanted %s in %s", method, path, got, status, part ? part : "nothing",
                  answer.body);
    answer_fini (&answer);
}

static void
test_arguments_come_from_path_query_and_body (void **state)
{
    s_expect (*state, "GET", "/api/things/a", NULL, 200, "\"name\":\"a\"");
    s_expect (*state, "GET", "/api/things/a?limit=7", NULL, 200, "\"count\":7");
    s_expect (*state, "GET", "/api/things/a?limit=7&tags=x&tags=y", NULL, 200, "\"count\":2007");
    s_expect (*state, "GET", "/api/things/a%2Fb%20c", NULL, 200, "\"name\":\"a/b c\"");
    s_expect (*state, "POST", "/api/things/a", "{\"title\":\"t\",\"count\":3}", 200, "\"count\":3");
    s_expect (*state, "POST", "/api/things/a", "{\"title\":\"t\"}", 200, "\"count\":-1");
    s_expect (*state, "DELETE", "/api/things/a?limit=3", NULL, 204, "");
    s_expect (*state, "GET", "/api/status/sample", NULL, 200, "\"name\":\"open\"");
}

static void
test_arguments_are_refused_with_all_that_is_wrong (void **state)
{
    answer_t answer;
    assert_int_equal (fixture_request (*state, "POST", "/api/things/UPPER?x=1", token,
                                       "{\"title\":\"\",\"count\":12,\"name\":\"b\"}", &answer),
                      422);
    assert_string_equal (answer_header (&answer, "Content-Type"), "application/problem+json");
    static const char *const parts [] = {
        "\"type\":\"/problems/invalid\"", "\"instance\":\"/api/things/UPPER\"", "\"trace_id\":\"", "\"pointer\":\"/name\"", "\"code\":\"characters\"",
        "\"pointer\":\"/title\"", "\"code\":\"length\"", "\"pointer\":\"/count\"", "\"code\":\"maximum\"", "\"pointer\":\"/x\"", "\"code\":\"unknown\"",
    };
    for (size_t index = 0; index < ZOOID_COUNT (parts); index++)
        if (!strstr (answer.body, parts [index]))
            fail_msg ("%s is not in %s", parts [index], answer.body);
    answer_fini (&answer);
    s_expect (*state, "GET", "/api/things/a?limit=0", NULL, 422, "\"code\":\"minimum\"");
    s_expect (*state, "GET", "/api/things/a?limit=x", NULL, 422, "\"pointer\":\"/limit\"");
    s_expect (*state, "GET", "/api/things/a?limit=1&limit=2", NULL, 422, "\"pointer\":\"/limit\"");
    s_expect (*state, "GET", "/api/things/a?tags=1&tags=2&tags=3&tags=4", NULL, 422, "\"pointer\":\"/tags\"");
    s_expect (*state, "POST", "/api/things/a", NULL, 422, "\"code\":\"required\"");
}

static void
test_arguments_are_malformed_when_the_body_is_no_json (void **state)
{
    s_expect (*state, "POST", "/api/things/a", "{\"title\":", 400, "/problems/malformed");
    s_expect (*state, "POST", "/api/things/a", "title=t", 400, "/problems/malformed");
    s_expect (*state, "POST", "/api/things/a", "{\"title\":\"t\"}x", 400, "/problems/malformed");
    s_expect (*state, "POST", "/api/things/a", "{\"title\":\"\xff\"}", 400, "/problems/malformed");
    s_expect (*state, "GET", "/api/things/%00", NULL, 422, "\"pointer\":\"/name\"");
}

static void
test_arguments_are_json_alone (void **state)
{
    client_t client;
    answer_t answer;
    client_open (&client, *state);
    client_print (
        &client,
        "POST /api/things/a HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
        token);
    assert_true (client_receive (&client, false, &answer));
    assert_int_equal (answer.status, 415);
    answer_fini (&answer);
    client_close (&client);
}

//  ---- answers

static void
test_failures_become_problems_of_their_status (void **state)
{
    s_expect (
        *state, "GET", "/api/things/absent", NULL, 404,
        "\"type\":\"/problems/not_found\",\"title\":\"Not Found\",\"status\":404,\"detail\":\"There is no absent.\"");
    s_expect (*state, "POST", "/api/things/taken", "{\"title\":\"t\"}", 409, "\"type\":\"/problems/taken\"");
    s_expect (*state, "GET", "/api/slow", NULL, 504, "/problems/deadline");
    s_expect (*state, "GET", "/api/nothing", NULL, 404, "/problems/not_found");
    s_expect (*state, "POST", "/api/nothing", "{}", 404, "/problems/not_found");
    s_expect (*state, "GET", "/api/things/", NULL, 404, "/problems/not_found");
    s_expect (*state, "GET", "/sample.hidden", NULL, 404, "/problems/not_found");
}

static void
test_trace_context_goes_through (void **state)
{
    client_t client;
    answer_t answer;
    client_open (&client, *state);
    client_print (
        &client,
        "GET /api/open HTTP/1.1\r\nHost: a\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n");
    assert_true (client_receive (&client, false, &answer));
    assert_non_null (strstr (answer.body, "\"trace\":\"0af7651916cd43dd8448eb211c80319c\""));
    answer_fini (&answer);
    client_print (
        &client,
        "GET /nothing HTTP/1.1\r\nHost: a\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n");
    assert_true (client_receive (&client, false, &answer));
    assert_non_null (strstr (answer.body, "\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\""));
    answer_fini (&answer);
    client_print (
        &client,
        "GET /api/open HTTP/1.1\r\nHost: a\r\ntraceparent: 00-00000000000000000000000000000000-b7ad6b7169203331-01\r\n\r\n");
    assert_true (client_receive (&client, false, &answer));
    assert_null (strstr (answer.body, "\"trace\":\"00000000000000000000000000000000\""));
    answer_fini (&answer);
    client_close (&client);
}

//  ---- descriptions and figures

//  Every {"$ref":"#/components/..."} leads to something.
static void
s_follow_references (zooid_bytes_t document, zooid_bytes_t value)
{
    zooid_cursor_t cursor = { .rest = value };
    zooid_token_t token_read;
    bool is_reference = false;
    while (cursor.rest.size && zooid_cursor_next (&cursor, &token_read) == 0 && token_read.type != ZOOID_MSGPACK_END) {
        char text [256];
        if (token_read.type != ZOOID_MSGPACK_STRING || token_read.bytes.size >= sizeof text) {
            is_reference = false;
            continue;
        }
        snprintf (text, sizeof text, "%.*s", (int) token_read.bytes.size, (const char *) token_read.bytes.data);
        if (is_reference) {
            zooid_bytes_t at = document;
            char *rest = text + 2, *segment;
            while ((segment = strsep (&rest, "/")))
                if (zooid_msgpack_find (at, segment, &at))
                    fail_msg ("a reference to %s leads nowhere", segment);
        }
        is_reference = strcmp (text, "$ref") == 0;
    }
}

static void
test_openapi_describes_the_contracts (void **state)
{
    answer_t answer, again;
    assert_int_equal (fixture_request (*state, "GET", "/openapi.json", NULL, NULL, &answer), 200);
    zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    zooid_buffer_t packed = { .limit = 0 };
    const char *why = "";
    if (zooid_json_parse (answer.body, answer.body_size, arena, &packed, &why))
        fail_msg ("%s", why);
    zooid_bytes_t document = { .data = packed.data, .size = packed.size }, found;
    s_follow_references (document, document);
    static const char *const parts [] = {
        "\"openapi\":\"3.1.0\"", "\"/api/things/{name}\"", "\"operationId\":\"sample_create\"", "\"ThingBody\"", "\"/api/status/sample\"", "\"409\"",
        "\"in\":\"header\"", "\"X-Trace-Note\"", "\"/health/ready\"", "\"security\":[{\"bearer\":[\"sample:write\"]}]", "\"204\"",
    };
    for (size_t index = 0; index < ZOOID_COUNT (parts); index++)
        if (!strstr (answer.body, parts [index]))
            fail_msg ("%s is not in %s", parts [index], answer.body);
    assert_null (strstr (answer.body, "hidden"));
    assert_int_equal (zooid_msgpack_find (document, "paths", &found), 0);

    client_t client;
    client_open (&client, *state);
    client_print (&client, "GET /openapi.json HTTP/1.1\r\nHost: a\r\nIf-None-Match: %s\r\n\r\n",
                  answer_header (&answer, "ETag"));
    assert_true (client_receive (&client, false, &again));
    assert_int_equal (again.status, 304);
    answer_fini (&again);
    client_close (&client);
    answer_fini (&answer);
    zooid_buffer_fini (&packed);
    zooid_arena_destroy (&arena);
}

static void
test_metrics_balance (void **state)
{
    answer_t answer;
    assert_int_equal (fixture_request (*state, "GET", "/metrics", NULL, NULL, &answer), 200);
    static const char *const parts [] = {
        "# TYPE zooid_mailbox_in_total counter\n", "zooid_actor_started{actor=\"sample\",node=\"local\"} 1\n",
        "zooid_ledger_in_total{actor=\"gateway\",node=\"local\",ledger=\"http\"} ", "zooid_http_answers_total{status=\"2xx\"} ",
    };
    for (size_t index = 0; index < ZOOID_COUNT (parts); index++)
        if (!strstr (answer.body, parts [index]))
            fail_msg ("%s is not in %s", parts [index], answer.body);
    unsigned long in = 0, handled = 0, in_flight = 0;
    const char *label = "{actor=\"gateway\",node=\"local\",ledger=\"http\"} ";
    static const char *const names [] = { "zooid_ledger_in_total", "zooid_ledger_handled_total",
                                          "zooid_ledger_in_flight" };
    unsigned long *values [] = { &in, &handled, &in_flight };
    for (size_t index = 0; index < 3; index++) {
        char line [128];
        snprintf (line, sizeof line, "\n%s%s", names [index], label);
        const char *at = strstr (answer.body, line);
        assert_non_null (at);
        *values [index] = strtoul (at + strlen (line), NULL, 10);
    }
    assert_true (in >= 1);
    assert_int_equal (in_flight, 1);            //  The scrape itself
    assert_int_equal (in, handled + in_flight);
    answer_fini (&answer);
}

static void
test_health_tells_live_and_ready (void **state)
{
    s_expect (*state, "GET", "/health/live", NULL, 200, "\"status\":\"live\"");
    s_expect (*state, "GET", "/health/ready", NULL, 200, "{\"status\":\"ready\",\"actors\":3,\"reasons\":[]}");
}

//  ---- files

static void
test_files_are_served_from_their_folder_alone (void **state)
{
    const fixture_t *fixture = *state;
    char link_path [128], target [128];
    snprintf (link_path, sizeof link_path, "%s/www/out", fixture->folder);
    snprintf (target, sizeof target, "%s/secret", fixture->folder);
    assert_int_equal (symlink (target, link_path), 0);
    s_expect (fixture, "GET", "/", NULL, 200, "home");
    s_expect (fixture, "GET", "/app.js", NULL, 200, "let a;");
    static const char *const outside [] = {
        "/../secret", "/%2e%2e/secret", "/..%2fsecret", "/%2e%2e%2fsecret", "/.hidden", "/out", "//etc/passwd", "/app.js/", "/app.js%00.html", "/..\\secret",
    };
    for (size_t index = 0; index < ZOOID_COUNT (outside); index++) {
        answer_t answer;
        int status = fixture_request (fixture, "GET", outside [index], NULL, NULL, &answer);
        if (status != 404 && status != 400)
            fail_msg ("%d for %s", status, outside [index]);
        answer_fini (&answer);
    }
    s_expect (fixture, "POST", "/app.js", "{}", 405, NULL);
}

static void
test_files_are_not_sent_again_when_known (void **state)
{
    answer_t answer, again;
    assert_int_equal (fixture_request (*state, "GET", "/app.js", NULL, NULL, &answer), 200);
    assert_string_equal (answer_header (&answer, "Content-Type"), "text/javascript; charset=utf-8");
    client_t client;
    client_open (&client, *state);
    client_print (&client, "GET /app.js HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"x\", %s\r\n\r\n",
                  answer_header (&answer, "ETag"));
    assert_true (client_receive (&client, false, &again));
    assert_int_equal (again.status, 304);
    answer_fini (&again);
    client_print (&client, "GET /app.js HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"x\"\r\n\r\n");
    assert_true (client_receive (&client, false, &again));
    assert_int_equal (again.status, 200);
    answer_fini (&again);
    answer_fini (&answer);
    client_close (&client);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_arguments_come_from_path_query_and_body),
        cmocka_unit_test (test_arguments_are_refused_with_all_that_is_wrong),
        cmocka_unit_test (test_arguments_are_malformed_when_the_body_is_no_json),
        cmocka_unit_test (test_arguments_are_json_alone),
        cmocka_unit_test (test_failures_become_problems_of_their_status),
        cmocka_unit_test (test_trace_context_goes_through),
        cmocka_unit_test (test_openapi_describes_the_contracts),
        cmocka_unit_test (test_metrics_balance),
        cmocka_unit_test (test_health_tells_live_and_ready),
        cmocka_unit_test (test_files_are_served_from_their_folder_alone),
        cmocka_unit_test (test_files_are_not_sent_again_when_known),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
