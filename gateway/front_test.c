//  gateway/front_test.c - what the gateway does with the bytes of a connection, seen from a raw socket
#include "gateway_fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <zooid/log.h>
#include "http_head.h"

static int
s_set_up (void **state, const char *settings)
{
    fixture_t *fixture = zooid_allocate (sizeof *fixture);
    fixture_init (fixture, &(fixture_options_t) { .settings = settings });
    *state = fixture;
    return 0;
}

static int
setup (void **state)
{
    return s_set_up (state, NULL);
}

//  Those who wait for an end by the clock; nobody else is to meet one on a busy machine.
static int
setup_impatient (void **state)
{
    return s_set_up (state, "\"head_timeout\": 300, \"idle_timeout\": 400, \"body_timeout\": 300");
}

static int
teardown (void **state)
{
    fixture_t *fixture = *state;
    assert_int_equal (fixture_fini (fixture), 0);
    free (fixture);
    return 0;
}

//  Send bytes, expect this status, then the end of the connection and no second answer.
static void
s_expect_refusal (const fixture_t *fixture, const void *bytes, size_t size, int status)
{
    client_t client;
    answer_t answer;
    client_open (&client, fixture);
    client_send (&client, bytes, size);
    if (!client_receive (&client, false, &answer))
        fail_msg ("no answer to: %.*s", (int) size, (const char *) bytes);
    if (answer.status != status)
        fail_msg ("%d instead of %d to: %.*s", answer.status, status, (int) size, (const char *) bytes);
    assert_string_equal (answer_header (&answer, "Content-Type"), "application/problem+json");
    assert_string_equal (answer_header (&answer, "Connection"), "close");
    assert_non_null (strstr (answer.body, "\"type\":\"/problems/"));
    assert_non_null (strstr (answer.body, "\"trace_id\":\""));
    assert_null (strstr (answer.body, "\"trace_id\":\"0000000000000000"));
    assert_true (client_is_ended (&client));
    answer_fini (&answer);
    client_close (&client);
}

#define HIDDEN "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"

static void
test_front_closes_when_framing_is_doubtful (void **state)
{
    static const struct { const char *text; int status; } rows [] = {
        { "POST /api/big HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" HIDDEN, 400 },
        { "POST /api/big HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" HIDDEN, 501 },
        { "POST /api/big HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501 },
        { "POST /api/big HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400 },
        { "POST /api/big HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 40\r\n\r\nhello" HIDDEN, 400 },
        { "POST /api/big HTTP/1.1\r\nHost: a\r\nContent-Length: 5,6\r\n\r\nhello" HIDDEN, 400 },
        { "POST /api/big HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello", 400 },
        { "POST /api/big HTTP/1.1\r\nHost: a\r\nContent-Length: 5abc\r\n\r\nhello", 400 },
        { "POST /api/big HTTP/1.1\r\nHost: a\r\nContent-Length: 00000000005\r\n\r\nhello", 400 },
        { "GET /api/open HTTP/1.1\r\n\r\n", 400 },
        { "GET /api/open HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400 },
        { "GET /api/open HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\nAuthorization: Bearer y\r\n\r\n", 400 },
        { "GET /api/open HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n" HIDDEN, 400 },
        { "GET /api/open HTTP/1.1\r\nHost: a\r\nX-Auth: a\r\n b\r\n\r\n", 400 },
        { "GET /api/open HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n", 400 },
        { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505 },
        { "\x16\x03\x01\x02", 400 },
        { "hello there\r\n\r\n", 400 },
    };
    for (size_t index = 0; index < ZOOID_COUNT (rows); index++)
        s_expect_refusal (*state, rows [index].text, strlen (rows [index].text), rows [index].status);
}

static void
test_front_refuses_a_head_past_8_kib (void **state)
{
    char text [HTTP_HEAD_MAX + 64] = "GET /api/open HTTP/1.1\r\nHost: a\r\nX: ";
    memset (text + strlen (text), 'x', sizeof text - strlen (text));
    s_expect_refusal (*state, text, sizeof text, 431);
}

static void
test_front_checks_every_request_of_a_pipeline (void **state)
{
    client_t client;
    answer_t answer;
    client_open (&client, *state);
    client_print (&client, "GET /api/open HTTP/1.1\r\nHost: a\r\n\r\nHEAD /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
                  "POST /api/big HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"title\":\"a\"}"
                  "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"
                  "POST /api/big HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" HIDDEN);
    static const int statuses [] = { 200, 200, 200, 404, 400 };
    for (size_t index = 0; index < ZOOID_COUNT (statuses); index++) {
        assert_true (client_receive (&client, index == 1, &answer));
        assert_int_equal (answer.status, statuses [index]);
        answer_fini (&answer);
    }
    assert_true (client_is_ended (&client));
    client_close (&client);
}

static void
test_front_reads_a_request_byte_by_byte (void **state)
{
    static const char text [] =
        "POST /api/big HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"title\":\"a\"}";
    client_t client;
    answer_t answer;
    client_open (&client, *state);
    for (size_t index = 0; index < sizeof text - 1; index++)
        client_send (&client, text + index, 1);
    assert_true (client_receive (&client, false, &answer));
    assert_int_equal (answer.status, 200);
    answer_fini (&answer);
    client_close (&client);
}

static void
test_front_ends_a_slow_head (void **state)
{
    s_expect_refusal (*state, "GET /api/open HTTP/1.1\r\nHost: a\r\nX: ", 36, 408);
    client_t client;
    client_open (&client, *state);          //  One that says nothing is told nothing
    assert_true (client_is_ended (&client));
    client_close (&client);
}

static void
test_front_ends_a_slow_body (void **state)
{
    const char *text =
        "POST /api/big HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{";
    s_expect_refusal (*state, text, strlen (text), 408);
}

static void
s_send_big (client_t *client, size_t size)
{
    char *body = malloc (size);
    memset (body, 'x', size);
    memcpy (body, "{\"title\":\"", 10);
    memcpy (body + size - 2, "\"}", 2);
    client_print (client,
                  "POST /api/big HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                  size);
    client_send (client, body, size);
    free (body);
}

static void
test_front_takes_a_body_of_1_mib_and_no_more (void **state)
{
    client_t client;
    answer_t answer;
    client_open (&client, *state);
    for (size_t size = HTTP_BODY_MAX; size <= HTTP_BODY_MAX + 1; size++) {
        s_send_big (&client, size);
        assert_true (client_receive (&client, false, &answer));
        assert_int_equal (answer.status, size == HTTP_BODY_MAX ? 422 : 413);    //  422: read, and its title is too long
        answer_fini (&answer);
    }
    client_close (&client);
}

static void
test_front_takes_no_body_past_that_of_the_operation (void **state)
{
    char *token = fixture_token (&(token_options_t) { .scope = "sample:write" });
    client_t client;
    answer_t answer;
    client_open (&client, *state);
    client_print (
        &client,
        "POST /api/things/a HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 4097\r\n\r\n",
        token);
    assert_true (client_receive (&client, false, &answer));
    assert_int_equal (answer.status, 413);
    assert_true (client_is_ended (&client));
    answer_fini (&answer);
    client_close (&client);
    free (token);
}

static void
test_front_answers_expect_before_the_body (void **state)
{
    client_t client;
    answer_t answer;
    client_open (&client, *state);
    client_print (
        &client,
        "POST /api/big HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 13\r\nExpect: 100-continue\r\n\r\n");
    assert_true (client_receive (&client, true, &answer));
    assert_int_equal (answer.status, 100);
    answer_fini (&answer);
    client_print (&client, "{\"title\":\"a\"}");
    assert_true (client_receive (&client, false, &answer));
    assert_int_equal (answer.status, 200);
    answer_fini (&answer);
    client_print (
        &client,
        "POST /api/things/a HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 13\r\nExpect: 100-continue\r\n\r\n");
    assert_true (client_receive (&client, false, &answer));     //  Refused instead: nobody signed in
    assert_int_equal (answer.status, 401);
    assert_true (client_is_ended (&client));
    answer_fini (&answer);
    client_close (&client);
}

static void
test_front_answers_head_and_options (void **state)
{
    answer_t answer;
    assert_int_equal (fixture_request (*state, "HEAD", "/api/open", NULL, NULL, &answer), 200);
    assert_true (atoi (answer_header (&answer, "Content-Length")) > 10);
    answer_fini (&answer);
    assert_int_equal (fixture_request (*state, "OPTIONS", "/api/things/a", NULL, NULL, &answer), 204);
    assert_string_equal (answer_header (&answer, "Allow"), "GET, HEAD, POST, DELETE, OPTIONS");
    answer_fini (&answer);
    assert_int_equal (fixture_request (*state, "OPTIONS", "*", NULL, NULL, &answer), 204);
    answer_fini (&answer);
    assert_int_equal (fixture_request (*state, "PUT", "/api/things/a", NULL, NULL, &answer), 405);
    assert_string_equal (answer_header (&answer, "Allow"), "GET, HEAD, POST, DELETE, OPTIONS");
    answer_fini (&answer);
    assert_int_equal (fixture_request (*state, "DELETE", "/health/live", NULL, NULL, &answer), 405);
    answer_fini (&answer);
}

static void
test_front_answers_a_peer_that_has_ended_its_side (void **state)
{
    client_t client;
    answer_t answer;
    client_open (&client, *state);
    client_print (&client, "GET /api/open HTTP/1.1\r\nHost: a\r\n\r\n");
    shutdown (client.descriptor, SHUT_WR);
    assert_true (client_receive (&client, false, &answer));
    assert_int_equal (answer.status, 200);
    assert_true (client_is_ended (&client));
    answer_fini (&answer);
    client_close (&client);
}

static void
test_front_forgets_a_peer_that_leaves_while_its_request_runs (void **state)
{
    for (int round = 0; round < 20; round++) {
        client_t client;
        client_open (&client, *state);
        client_print (&client, "GET /api/slow HTTP/1.1\r\nHost: a\r\n\r\n");
        struct linger at_once = { .l_onoff = 1 };
        setsockopt (client.descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        client_close (&client);             //  A reset
    }
    answer_t answer;
    assert_int_equal (fixture_request (*state, "GET", "/api/slow", NULL, NULL, &answer), 504);
    answer_fini (&answer);
}

//  ---- what is held for peers is bounded

static void
test_front_refuses_connections_past_their_limit (void **state)
{
    (void) state;
    enum { LIMIT = 3 };
    fixture_t fixture;
    client_t clients [LIMIT + 1];
    answer_t answer;
    fixture_init (&fixture, &(fixture_options_t) { .settings = "\"connections_max\": 3" });
    for (size_t index = 0; index <= LIMIT; index++) {
        client_open (&clients [index], &fixture);
        client_print (&clients [index], "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_true (client_receive (&clients [index], false, &answer));
        assert_int_equal (answer.status, index < LIMIT ? 200 : 503);
        answer_fini (&answer);
    }
    for (size_t index = 0; index <= LIMIT; index++)
        client_close (&clients [index]);
    assert_int_equal (fixture_fini (&fixture), 0);
}

static void
test_front_holds_64_mib_of_bodies_and_no_more (void **state)
{
    (void) state;
    enum { LIMIT = 64 };
    fixture_t fixture;
    client_t clients [LIMIT + 1];
    answer_t answer;
    fixture_init (&fixture, &(fixture_options_t) { .settings = NULL });
    for (size_t index = 0; index <= LIMIT; index++) {
        client_open (&clients [index], &fixture);
        client_print (&clients [index], "POST /api/big HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                                        "Content-Length: %d\r\nExpect: 100-continue\r\n\r\n", HTTP_BODY_MAX);
        assert_true (client_receive (&clients [index], index < LIMIT, &answer));
        assert_int_equal (answer.status, index < LIMIT ? 100 : 503);
        answer_fini (&answer);
    }
    for (size_t index = 0; index <= LIMIT; index++)
        client_close (&clients [index]);
    assert_int_equal (fixture_fini (&fixture), 0);
}

static void
test_front_holds_64_mib_of_answers_and_no_more (void **state)
{
    (void) state;
    enum { LIMIT = 4, SIZE = 15 * 1048576 };        //  Five are more than 64 MiB
    fixture_t fixture;
    client_t clients [LIMIT + 1];
    answer_t answer;
    char path [128], byte;
    fixture_init (&fixture, &(fixture_options_t) { .settings = NULL });
    snprintf (path, sizeof path, "%s/www/out", fixture.folder);
    int descriptor = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal (ftruncate (descriptor, SIZE), 0);
    close (descriptor);
    for (size_t index = 0; index < LIMIT; index++) {
        client_open (&clients [index], &fixture);
        client_print (&clients [index], "GET /out HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_true (client_take (&clients [index], &byte, 1));         //  It is being sent, and not read any further
    }
    assert_int_equal (fixture_request (&fixture, "GET", "/out", NULL, NULL, &answer), 503);
    answer_fini (&answer);
    assert_int_equal (fixture_request (&fixture, "GET", "/api/open", NULL, NULL, &answer), 200);
    answer_fini (&answer);
    for (size_t index = 0; index < LIMIT; index++)
        client_close (&clients [index]);
    assert_int_equal (fixture_fini (&fixture), 0);
}

//  ---- where it listens

//  A port that somebody else has. Returns the descriptor that holds it.
static int
s_take_port (uint16_t *ret_port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl (INADDR_LOOPBACK) } };
    socklen_t size = sizeof address;
    int descriptor = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal (bind (descriptor, (struct sockaddr *) &address, size), 0);
    assert_int_equal (listen (descriptor, 1), 0);
    assert_int_equal (getsockname (descriptor, (struct sockaddr *) &address, &size), 0);
    *ret_port = ntohs (address.sin_port);
    return descriptor;
}

//  What is logged, so far as it fits. Written under the log's lock by the gateway's thread alone.
typedef struct {
    char text [8192];
    size_t size;
} lines_t;

static void
s_on_line (void *state, const char *line, size_t size)
{
    lines_t *lines = state;
    size_t room = sizeof lines->text - 1 - lines->size, taken = size < room ? size : room;
    memcpy (lines->text + lines->size, line, taken);
    lines->size += taken;
}

static void
s_expect_line (const lines_t *lines, uint16_t port)
{
    char url [64];
    snprintf (url, sizeof url, "http://127.0.0.1:%u", port);
    const char *line = strstr (lines->text, "listen_failed");
    if (!line || !strstr (line, url) || !strstr (line, "Address already in use")
        || !strstr (line, "another process has the port; end it or set actors.gateway.listen"))
        fail_msg ("%s", lines->text);
}

//  Wait until /health/ready says so, by asking it again and again.
static void
s_await_health (const fixture_t *fixture, const char *part)
{
    time_t end = time (NULL) + 2 * FIXTURE_TIMEOUT_MS / 1000;
    bool is_there = false;
    while (!is_there && time (NULL) < end) {
        answer_t answer;
        assert_int_equal (fixture_request (fixture, "GET", "/health/ready", NULL, NULL, &answer), 200);
        is_there = strstr (answer.body, part) != NULL;
        answer_fini (&answer);
    }
    assert_true (is_there);
}

static void
test_front_serves_the_other_addresses_while_a_port_is_taken (void **state)
{
    (void) state;
    fixture_t fixture;
    answer_t answer;
    lines_t lines = { .size = 0 };
    uint16_t taken = 0;
    char listen [128], url [64];
    int holder = s_take_port (&taken);
    snprintf (url, sizeof url, "http://127.0.0.1:%u is not served", taken);
    snprintf (listen, sizeof listen, "[\"http://127.0.0.1:%u\", \"http://127.0.0.1:0\"]", taken);
    zooid_log_sink (s_on_line, &lines);
    fixture_init (&fixture, &(fixture_options_t) { .listen = listen });
    zooid_log_sink (NULL, NULL);
    s_expect_line (&lines, taken);
    assert_int_equal (fixture_request (&fixture, "GET", "/health/ready", NULL, NULL, &answer), 200);
    assert_non_null (strstr (answer.body, "\"status\":\"degraded\""));
    assert_non_null (strstr (answer.body, url));
    answer_fini (&answer);

    close (holder);                         //  It is had as soon as it is free
    s_await_health (&fixture, "\"status\":\"ready\"");
    fixture.port = taken;
    assert_int_equal (fixture_request (&fixture, "GET", "/api/open", NULL, NULL, &answer), 200);
    answer_fini (&answer);
    assert_int_equal (fixture_fini (&fixture), 0);
}

static void
test_front_says_that_there_is_no_folder_of_static_files (void **state)
{
    (void) state;
    fixture_t fixture;
    answer_t answer;
    lines_t lines = { .size = 0 };
    char folder [64], path [128];
    snprintf (folder, sizeof folder, "/tmp/zooid-no-folder-%ld", (long) getpid ());
    zooid_log_sink (s_on_line, &lines);
    fixture_init (&fixture, &(fixture_options_t) { .folder = folder, .warns = true });
    zooid_log_sink (NULL, NULL);
    const char *line = strstr (lines.text, "static_folder_missing");
    if (!line || !strstr (line, folder) || !strstr (line, "set actors.gateway.static"))
        fail_msg ("%s", lines.text);
    s_await_health (&fixture, "No static files are served: ");
    assert_int_equal (fixture_request (&fixture, "GET", "/", NULL, NULL, &answer), 404);
    answer_fini (&answer);
    assert_int_equal (fixture_request (&fixture, "GET", "/api/open", NULL, NULL, &answer), 200);
    answer_fini (&answer);

    assert_int_equal (mkdir (folder, 0700), 0);         //  It is served as soon as it is there
    snprintf (path, sizeof path, "%s/index.html", folder);
    FILE *file = fopen (path, "we");
    assert_non_null (file);
    fclose (file);
    assert_int_equal (fixture_request (&fixture, "GET", "/", NULL, NULL, &answer), 200);
    answer_fini (&answer);
    s_await_health (&fixture, "\"status\":\"ready\"");
    assert_int_equal (unlink (path), 0);
    assert_int_equal (rmdir (folder), 0);
    assert_int_equal (fixture_fini (&fixture), 0);
}

static void
test_front_does_not_start_when_no_port_can_be_had (void **state)
{
    (void) state;
    fixture_t fixture;
    lines_t lines = { .size = 0 };
    uint16_t taken = 0;
    char listen [64], path [128];
    int holder = s_take_port (&taken);
    snprintf (listen, sizeof listen, "[\"http://127.0.0.1:%u\"]", taken);
    zooid_log_sink (s_on_line, &lines);
    fixture_init (&fixture, &(fixture_options_t) { .listen = listen, .fails = true });
    snprintf (path, sizeof path, "%s/listen", fixture.folder);
    assert_int_equal (access (path, F_OK), -1);
    (void) fixture_fini (&fixture);         //  Nothing was under way; that it ends is what counts
    zooid_log_sink (NULL, NULL);
    s_expect_line (&lines, taken);
    close (holder);
}

//  ---- what is said of a request that never became one

static void
s_copy_trace_id (const answer_t *answer, char ret_id [33])
{
    const char *at = strstr (answer->body, "\"trace_id\":\"");
    assert_non_null (at);
    snprintf (ret_id, 33, "%s", at + strlen ("\"trace_id\":\""));
    assert_int_equal (strspn (ret_id, "0123456789abcdef"), 32);
    assert_string_not_equal (ret_id, "00000000000000000000000000000000");
}

static void
test_front_gives_every_refusal_a_trace_of_its_own (void **state)
{
    static const struct { const char *text, *instance; } rows [] = {
        { "POST /api/big HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", "\"instance\":\"/api/big\"" },
        { "POST /api/big?x=1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "\"instance\":\"/api/big\"" },
        { "GET /api/open HTTP/1.1\r\n\r\n", "\"instance\":\"/api/open\"" },
        { "hello there\r\n\r\n", NULL },
    };
    for (size_t index = 0; index < ZOOID_COUNT (rows); index++) {
        client_t client;
        answer_t answer;
        char before [33], id [33];
        client_open (&client, *state);
        client_print (&client, "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_true (client_receive (&client, false, &answer));
        s_copy_trace_id (&answer, before);
        answer_fini (&answer);
        client_print (&client, "%s", rows [index].text);
        assert_true (client_receive (&client, false, &answer));
        s_copy_trace_id (&answer, id);
        assert_string_not_equal (id, before);
        if (rows [index].instance)
            assert_non_null (strstr (answer.body, rows [index].instance));
        else
            assert_null (strstr (answer.body, "\"instance\""));
        answer_fini (&answer);
        client_close (&client);
    }
}

static void
test_front_protects_every_answer (void **state)
{
    static const char *const paths [] = { "/", "/api/open", "/nothing", "/health/live", "/openapi.json" };
    for (size_t index = 0; index < ZOOID_COUNT (paths); index++) {
        answer_t answer;
        fixture_request (*state, "GET", paths [index], NULL, NULL, &answer);
        assert_string_equal (answer_header (&answer, "X-Content-Type-Options"), "nosniff");
        assert_string_equal (answer_header (&answer, "X-Frame-Options"), "DENY");
        assert_non_null (strstr (answer_header (&answer, "Content-Security-Policy"), "default-src 'none'"));
        assert_null (strstr (answer_header (&answer, "Content-Security-Policy"), "unsafe"));
        assert_string_equal (answer_header (&answer, "Referrer-Policy"), "no-referrer");
        assert_non_null (answer_header (&answer, "Date"));
        answer_fini (&answer);
    }
}

static void
test_front_finishes_what_runs_when_the_node_stops (void **state)
{
    (void) state;
    fixture_t fixture;
    client_t busy, idle;
    answer_t answer;
    fixture_init (&fixture, &(fixture_options_t) { .settings = NULL });
    client_open (&idle, &fixture);
    client_print (&idle, "GET /api/open HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true (client_receive (&idle, false, &answer));
    answer_fini (&answer);
    client_open (&busy, &fixture);
    client_print (&busy, "GET /api/slow HTTP/1.1\r\nHost: a\r\n\r\n");
    client_print (&idle, "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true (client_receive (&idle, false, &answer));       //  Accepted later than the other, so that one is under way
    answer_fini (&answer);
    assert_int_equal (fixture_fini (&fixture), 0);
    assert_true (client_receive (&busy, false, &answer));
    assert_int_equal (answer.status, 504);
    assert_string_equal (answer_header (&answer, "Connection"), "close");
    assert_true (client_is_ended (&busy));
    assert_true (client_is_ended (&idle));
    answer_fini (&answer);
    client_close (&busy);
    client_close (&idle);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_front_closes_when_framing_is_doubtful),
        cmocka_unit_test (test_front_refuses_a_head_past_8_kib),
        cmocka_unit_test (test_front_checks_every_request_of_a_pipeline),
        cmocka_unit_test (test_front_reads_a_request_byte_by_byte),
        cmocka_unit_test (test_front_takes_a_body_of_1_mib_and_no_more),
        cmocka_unit_test (test_front_takes_no_body_past_that_of_the_operation),
        cmocka_unit_test (test_front_answers_expect_before_the_body),
        cmocka_unit_test (test_front_answers_head_and_options),
        cmocka_unit_test (test_front_answers_a_peer_that_has_ended_its_side),
        cmocka_unit_test (test_front_forgets_a_peer_that_leaves_while_its_request_runs),
        cmocka_unit_test (test_front_refuses_connections_past_their_limit),
        cmocka_unit_test (test_front_holds_64_mib_of_bodies_and_no_more),
        cmocka_unit_test (test_front_holds_64_mib_of_answers_and_no_more),
        cmocka_unit_test (test_front_serves_the_other_addresses_while_a_port_is_taken),
        cmocka_unit_test (test_front_says_that_there_is_no_folder_of_static_files),
        cmocka_unit_test (test_front_does_not_start_when_no_port_can_be_had),
        cmocka_unit_test (test_front_gives_every_refusal_a_trace_of_its_own),
        cmocka_unit_test (test_front_protects_every_answer),
        cmocka_unit_test (test_front_finishes_what_runs_when_the_node_stops),
    };
    const struct CMUnitTest slow_tests [] = {
        cmocka_unit_test (test_front_ends_a_slow_head),
        cmocka_unit_test (test_front_ends_a_slow_body),
    };
    int failed = cmocka_run_group_tests (tests, setup, teardown);
    return failed + cmocka_run_group_tests (slow_tests, setup_impatient, teardown);
}
