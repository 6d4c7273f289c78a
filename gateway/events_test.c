//  gateway/events_test.c - WebSockets: who may open one, what comes by it, and how it ends
#include "gateway_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static char *token;

static int
setup (void **state)
{
    fixture_t *fixture = zooid_allocate (sizeof *fixture);
    fixture_init (fixture,
                  &(fixture_options_t) { .settings = "\"ping\": 1000, \"origins\": [\"https://zooid.example\"]" });
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

#define HANDSHAKE \
    "Host: localhost\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"

//  Ask for an upgrade with these headers beside the handshake's. Returns the status.
static int
s_open (client_t *client, const fixture_t *fixture, const char *topics, const char *headers, answer_t *ret_answer)
{
    client_open (client, fixture);
    client_print (client, "GET /ws/events?topics=%s HTTP/1.1\r\n" HANDSHAKE "%s\r\n", topics, headers);
    assert_true (client_receive (client, true, ret_answer));
    return ret_answer->status;
}

static void
s_expect_refusal (const fixture_t *fixture, const char *topics, const char *headers, int status)
{
    client_t client;
    answer_t answer;
    int got = s_open (&client, fixture, topics, headers, &answer);
    if (got != status)
        fail_msg ("%d instead of %d for %s %s", got, status, topics, headers);
    assert_string_equal (answer_header (&answer, "Content-Type"), "application/problem+json");
    answer_fini (&answer);
    client_close (&client);
}

//  Open with the token, or fail.
static void
s_open_signed (client_t *client, const fixture_t *fixture, const char *topics)
{
    char headers [2048];
    answer_t answer;
    snprintf (headers, sizeof headers, "Authorization: Bearer %s\r\n", token);
    assert_int_equal (s_open (client, fixture, topics, headers, &answer), 101);
    assert_string_equal (answer_header (&answer, "Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    answer_fini (&answer);
}

//  The next frame's opcode, 0 when the connection ended. Its payload, with a NUL behind it, is yours.
static int
s_next (client_t *client, char **ret_payload, size_t *ret_size)
{
    uint8_t head [2], more [8];
    *ret_payload = NULL;
    if (!client_take (client, head, 2))
        return 0;
    size_t size = head [1] & 127, extra = size == 126 ? 2 : size == 127 ? 8 : 0;
    assert_true (client_take (client, more, extra));
    for (size_t index = 0; index < extra; index++)
        size = (index ? size : 0) << 8 | more [index];
    *ret_payload = zooid_allocate (size + 1);
    assert_true (client_take (client, *ret_payload, size));
    if (ret_size)
        *ret_size = size;
    return head [0] & 15;
}

enum { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };

static void
s_expect_text (client_t *client, const char *part)
{
    char *payload = NULL;
    int opcode;
    while ((opcode = s_next (client, &payload, NULL)) == PING)
        free (payload);
    assert_int_equal (opcode, TEXT);
    if (!strstr (payload, part))
        fail_msg ("%s is not in %s", part, payload);
    free (payload);
}

//  Pings may come before.
static void
s_expect_close (client_t *client, int code)
{
    char *payload = NULL;
    int opcode;
    while ((opcode = s_next (client, &payload, NULL)) == PING || opcode == TEXT)
        free (payload);
    assert_int_equal (opcode, CLOSE);
    assert_int_equal ((uint8_t) payload [0] << 8 | (uint8_t) payload [1], code);
    free (payload);
}

static void
s_send_frame (client_t *client, uint8_t opcode, const void *data, size_t size)
{
    uint8_t length = (uint8_t) (size < 126 ? size : size < 65536 ? 126u : 127u);
    uint8_t head [14] = { (uint8_t) (0x80 | opcode), 0x80 | length };
    size_t at = 2;
    if (size >= 126)
        for (int shift = size < 65536 ? 8 : 56; shift >= 0; shift -= 8)
            head [at++] = (uint8_t) ((uint64_t) size >> shift);
    client_send (client, head, at + 4);         //  A mask of zeros
    client_send (client, data, size);
}

//  ---- who may open one

static void
test_websocket_is_refused_before_the_upgrade (void **state)
{
    const fixture_t *fixture = *state;
    char signed_in [2048], strange [2048];
    char *stranger = fixture_token (&(token_options_t) { .by_stranger = true });
    snprintf (signed_in, sizeof signed_in, "Authorization: Bearer %s\r\n", token);
    snprintf (strange, sizeof strange, "Authorization: Bearer %s\r\n", stranger);
    s_expect_refusal (fixture, "sample.news.*", "", 401);
    s_expect_refusal (fixture, "sample.news.*", strange, 401);
    s_expect_refusal (fixture, "sample.secret.*", signed_in, 403);
    s_expect_refusal (fixture, "sample.news.*,sample.secret.a", signed_in, 403);
    s_expect_refusal (fixture, "nothing.*", signed_in, 404);
    s_expect_refusal (fixture, "nothing.*", "", 401);
    s_expect_refusal (fixture, "sample.notice,nothing.*", "", 401);
    s_expect_refusal (fixture, "", signed_in, 422);
    s_expect_refusal (fixture, "a..b", signed_in, 422);
    s_expect_refusal (fixture, "sample.notice", "Origin: http://evil.example\r\n", 403);
    s_expect_refusal (fixture, "sample.notice", "Origin: null\r\n", 403);
    s_expect_refusal (fixture, "sample.notice", "Sec-WebSocket-Protocol: other\r\n", 400);
    s_expect_refusal (fixture, "sample.news.*", "Sec-WebSocket-Protocol: zooid.v1, ticket.wrong\r\n", 401);
    s_expect_refusal (fixture, "sample.news.*", "Sec-WebSocket-Protocol: zooid.v1, ticket.\r\n", 401);
    s_expect_refusal (fixture, "sample.news.*", "Sec-WebSocket-Protocol: ticket.once\r\n", 400);
    s_expect_refusal (fixture, "sample.news.*",
                      "Sec-WebSocket-Protocol: zooid.v1, ticket.bound\r\nOrigin: https://zooid.example\r\n", 401);
    free (stranger);
}

//  As REST does: all at once, with their names.
static void
test_websocket_refuses_a_query_that_is_not_sound (void **state)
{
    static const struct { const char *query, *part; } rows [] = {
        { "sample.notice&topic=a", "{\"pointer\":\"/topic\",\"code\":\"unknown\"" },
        { "&since=1&until=2", "{\"pointer\":\"/until\",\"code\":\"unknown\"" },
        { "a..b&since=1", "{\"pointer\":\"/topics\",\"code\":\"format\"" },
        { "a%00", "{\"pointer\":\"/topics\",\"code\":\"syntax\"" },
        { "", "{\"pointer\":\"/topics\",\"code\":\"required\"" },
    };
    for (size_t index = 0; index < ZOOID_COUNT (rows); index++) {
        client_t client;
        answer_t answer;
        client_open (&client, *state);
        client_print (&client, "GET /ws/events?topics=%s HTTP/1.1\r\n" HANDSHAKE "\r\n", rows [index].query);
        assert_true (client_receive (&client, false, &answer));
        assert_int_equal (answer.status, 422);
        if (!strstr (answer.body, rows [index].part))
            fail_msg ("%s is not in %s", rows [index].part, answer.body);
        answer_fini (&answer);
        client_close (&client);
    }
}

static void
test_websocket_wants_a_sound_handshake (void **state)
{
    static const struct { const char *headers; int status; } rows [] = {
        { "Host: a\r\n", 426 },
        { "Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n", 426 },
        { "Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n", 400 },
        { "Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n", 400 },
        { "Host: a\r\nUpgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n", 400 },
        { "Host: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n", 400 },
    };
    for (size_t index = 0; index < ZOOID_COUNT (rows); index++) {
        client_t client;
        answer_t answer;
        client_open (&client, *state);
        client_print (&client, "GET /ws/events?topics=sample.notice HTTP/1.1\r\n%s\r\n", rows [index].headers);
        assert_true (client_receive (&client, false, &answer));
        assert_int_equal (answer.status, rows [index].status);
        answer_fini (&answer);
        client_close (&client);
    }
}

static void
test_websocket_opens_by_header_ticket_or_for_all (void **state)
{
    static const struct { const char *topics, *headers; } rows [] = {
        { "sample.notice", "" },
        { "sample.notice", "Sec-WebSocket-Protocol: zooid.v1\r\nOrigin: https://zooid.example\r\n" },
        { "sample.news.*", "Sec-WebSocket-Protocol: zooid.v1, ticket.once\r\n" },
    };
    for (size_t index = 0; index < ZOOID_COUNT (rows); index++) {
        client_t client;
        answer_t answer;
        assert_int_equal (s_open (&client, *state, rows [index].topics, rows [index].headers, &answer), 101);
        const char *protocol = answer_header (&answer, "Sec-WebSocket-Protocol");
        if (*rows [index].headers)
            assert_string_equal (protocol, "zooid.v1");
        else
            assert_null (protocol);
        answer_fini (&answer);
        client_close (&client);
    }
    s_expect_refusal (*state, "sample.news.*", "Sec-WebSocket-Protocol: zooid.v1, ticket.once\r\n", 401);      //  Once is once
    client_t client;
    answer_t answer;
    char headers [256];
    const fixture_t *fixture = *state;
    snprintf (headers, sizeof headers,
              "Sec-WebSocket-Protocol: zooid.v1, ticket.bound\r\nOrigin: http://localhost:%u\r\n", fixture->port);
    assert_int_equal (s_open (&client, *state, "sample.news.*", headers, &answer), 101);
    answer_fini (&answer);
    client_close (&client);
}

//  ---- what comes by it

static void
test_websocket_brings_events_once_and_in_order (void **state)
{
    fixture_t *fixture = *state;
    client_t client, other;
    s_open_signed (&client, fixture, "sample.news.*,sample.news.>,sample.notice");
    s_open_signed (&other, fixture, "sample.news.b");
    fixture_publish (fixture, "sample.news.a", "one");
    fixture_publish (fixture, "sample.news.b", "two");
    fixture_publish (fixture, "sample.notice", "three");
    s_expect_text (&client, "{\"topic\":\"sample.news.a\",\"offset\":");
    s_expect_text (&client, "\"event\":{\"title\":\"two\"}}");
    s_expect_text (&client, "\"topic\":\"sample.notice\"");
    s_expect_text (&other, "\"title\":\"two\"");
    client_close (&client);
    client_close (&other);
}

static void
test_websocket_shows_nothing_that_the_scopes_do_not (void **state)
{
    fixture_t *fixture = *state;
    client_t client;
    s_open_signed (&client, fixture, "sample.%3E");
    fixture_publish (fixture, "sample.secret.a", "hidden");
    fixture_publish (fixture, "sample.news.a", "shown");
    s_expect_text (&client, "shown");
    client_close (&client);
}

static void
test_websocket_says_what_a_slow_client_misses (void **state)
{
    (void) state;
    enum { EVENTS = 20000 };
    fixture_t fixture;
    client_t client;
    char title [64], *payload = NULL;
    unsigned long missing = 0, seen = 0, gap = 0;
    fixture_init (&fixture, &(fixture_options_t) { .settings = NULL });     //  Slow is not silent: pings are far apart
    s_open_signed (&client, &fixture, "sample.news.*");
    for (int index = 0; index < EVENTS; index++) {
        snprintf (title, sizeof title, "%060d", index);
        fixture_publish (&fixture, "sample.news.a", title);
    }
    fixture_publish (&fixture, "sample.news.a", "the last");
    bool ended = false;
    while (!ended) {
        int opcode = s_next (&client, &payload, NULL);
        assert_true (opcode == TEXT || opcode == PING);
        if (opcode == PING)
            s_send_frame (&client, PONG, "", 0);
        else if (sscanf (payload, "{\"gap\":%lu}", &gap) == 1)
            missing += gap;
        else
            seen++;
        ended = strstr (payload, "the last") != NULL;
        free (payload);
    }
    assert_true (missing > 0);
    assert_true (seen + missing <= EVENTS + 1);
    client_close (&client);
    assert_int_equal (fixture_fini (&fixture), 0);
}

//  ---- how it ends

static void
test_websocket_ends_with_its_token (void **state)
{
    client_t client;
    answer_t answer;
    assert_int_equal (
        s_open (&client, *state, "sample.news.*", "Sec-WebSocket-Protocol: zooid.v1, ticket.brief\r\n", &answer), 101);
    answer_fini (&answer);
    s_expect_close (&client, 4401);
    client_close (&client);
}

static void
test_websocket_stays_with_a_token_that_takes_the_place_of_another (void **state)
{
    client_t client;
    answer_t answer;
    char *brief = fixture_token (&(token_options_t) { .expires_in_s = 2 }),
         *stranger = fixture_token (&(token_options_t) { .by_stranger = true });
    char headers [2048], message [2048];
    snprintf (headers, sizeof headers, "Authorization: Bearer %s\r\n", brief);
    assert_int_equal (s_open (&client, *state, "sample.news.*", headers, &answer), 101);
    answer_fini (&answer);
    const char *tokens [] = { stranger, token };
    for (size_t index = 0; index < ZOOID_COUNT (tokens); index++) {
        snprintf (message, sizeof message, "{\"authorization\":\"Bearer %s\"}", tokens [index]);
        s_send_frame (&client, TEXT, message, strlen (message));
        s_expect_text (&client, tokens [index] == token ? "{\"renewed\":true}" : "{\"renewed\":false}");
    }
    static const char *const no_renewals [] = { "hello", "{}", "{\"authorization\":1}",
                                                "{\"authorization\":\"Basic x\"}" };
    for (size_t index = 0; index < ZOOID_COUNT (no_renewals); index++) {
        s_send_frame (&client, TEXT, no_renewals [index], strlen (no_renewals [index]));
        s_expect_text (&client, "{\"renewed\":false}");
    }
    char *payload = NULL;
    for (int pings = 0; pings < 3; pings++) {           //  Of one second each: the first token has ended by then
        assert_int_equal (s_next (&client, &payload, NULL), PING);
        s_send_frame (&client, PONG, "", 0);
        free (payload);
    }
    fixture_publish (*state, "sample.news.a", "still there");
    s_expect_text (&client, "still there");
    client_close (&client);
    free (brief);
    free (stranger);
}

static void
test_websocket_ends_at_a_message_past_64_kib (void **state)
{
    char *message = calloc (1, 65537);
    client_t client;
    s_open_signed (&client, *state, "sample.news.*");
    s_send_frame (&client, TEXT, message, 65536);
    fixture_publish (*state, "sample.news.a", "still there");
    s_expect_text (&client, "still there");
    s_send_frame (&client, TEXT, message, 65537);
    s_expect_close (&client, 1009);
    client_close (&client);
    free (message);
}

static void
test_websocket_is_pinged_and_ends_without_a_pong (void **state)
{
    client_t client;
    char *payload = NULL;
    s_open_signed (&client, *state, "sample.news.*");
    assert_int_equal (s_next (&client, &payload, NULL), PING);
    free (payload);
    int opcode;
    while ((opcode = s_next (&client, &payload, NULL)) == PING)
        free (payload);
    assert_true (opcode == 0 || opcode == CLOSE);
    free (payload);
    client_close (&client);
}

static void
test_websocket_is_told_that_the_node_stops (void **state)
{
    (void) state;
    fixture_t fixture;
    client_t client;
    fixture_init (&fixture, &(fixture_options_t) { .settings = NULL });
    s_open_signed (&client, &fixture, "sample.news.*");
    assert_int_equal (fixture_fini (&fixture), 0);
    s_expect_close (&client, 1001);
    client_close (&client);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_websocket_is_refused_before_the_upgrade),
        cmocka_unit_test (test_websocket_refuses_a_query_that_is_not_sound),
        cmocka_unit_test (test_websocket_wants_a_sound_handshake),
        cmocka_unit_test (test_websocket_opens_by_header_ticket_or_for_all),
        cmocka_unit_test (test_websocket_brings_events_once_and_in_order),
        cmocka_unit_test (test_websocket_shows_nothing_that_the_scopes_do_not),
        cmocka_unit_test (test_websocket_says_what_a_slow_client_misses),
        cmocka_unit_test (test_websocket_ends_with_its_token),
        cmocka_unit_test (test_websocket_stays_with_a_token_that_takes_the_place_of_another),
        cmocka_unit_test (test_websocket_ends_at_a_message_past_64_kib),
        cmocka_unit_test (test_websocket_is_pinged_and_ends_without_a_pong),
        cmocka_unit_test (test_websocket_is_told_that_the_node_stops),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
