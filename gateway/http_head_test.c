//  gateway/http_head_test.c - what is read as a head, and what is refused
#include "http_head.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct { const char *text; int status; } refused [] = {
    { "GET / HTTP/1.1\r\n\r\n", 400 },                                                  //  No Host
    { "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400 },
    { "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400 },
    { "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400 },
    { "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\nAuthorization: x\r\n\r\n", 400 },
    { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 501 },
    { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 501 },
    { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
    { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n", 400 },
    { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", 400 },
    { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n", 400 },
    { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5,6\r\n\r\n", 400 },
    { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", 400 },
    { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", 400 },
    { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5abc\r\n\r\n", 400 },
    { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n", 400 },
    { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400 },
    { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 00000000001\r\n\r\n", 400 },
    { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", 413 },
    { "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", 400 },
    { "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", 400 },
    { "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400 },                         //  Folded
    { "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400 },
    { "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400 },
    { "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", 400 },
    { "GET / HTTP/1.1\nHost: a\n\n", 400 },
    { "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 400 },
    { "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", 400 },
    { "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
    { "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400 },
    { "GET /\r\nHost: a\r\n\r\n", 400 },
    { "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505 },
    { "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505 },
    { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505 },
    { "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501 },
    { "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 501 },
    { "get / HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
    { "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
    { "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
    { "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
    { "GET /a%2 HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
    { "GET /a%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
    { "GET /a>b?c HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
    { "GET /a?b<c HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
    { "GET /a?b\"c HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
    { "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
    { "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
    { "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", 400 },
    { "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket, h2c\r\n\r\n", 400 },
    { "POST / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n", 400 },
    { "POST / HTTP/1.1\r\nHost: a\r\nExpect: more\r\n\r\n", 417 },
    { "\x16\x03\x01", 400 },
    { "\r\n", 400 },
    { "SSH-2.0-OpenSSH\r\n", 400 },
    { "GET\t/", 400 },
    { " GET /", 400 },
    { "AAAAAAAAAAAAAAAAAAAAAAAAAAA", 400 },
};

static void
test_head_is_refused_when_it_can_be_read_in_two_ways (void **state)
{
    (void) state;
    for (size_t index = 0; index < ZOOID_COUNT (refused); index++) {
        http_head_t head;
        http_refusal_t refusal = { .status = 0 };
        int rc = http_head_read (&head, refused [index].text, strlen (refused [index].text), &refusal);
        if (rc != ZOOID_INVALID || refusal.status != refused [index].status)
            fail_msg ("%zu: rc %d, status %d, wanted %d: %s", index, rc, refusal.status, refused [index].status,
                      refused [index].text);
        assert_true (refusal.problem && refusal.detail);
    }
}

static void
test_head_gives_its_parts_when_sound (void **state)
{
    (void) state;
    const char *text = "POST /api/devices/a%2Fb?limit=5&x= HTTP/1.1\r\nHost: localhost:8000\r\nContent-Length: 3\r\n"
                       "X-Auth:  some value\t\r\nExpect: 100-Continue\r\nConnection: keep-alive\r\n\r\nabcGET";
    http_head_t head;
    http_refusal_t refusal;
    assert_int_equal (http_head_read (&head, text, strlen (text), &refusal), 0);
    assert_int_equal (head.method, HTTP_POST);
    assert_true (http_text_is (head.path, "/api/devices/a%2Fb"));
    assert_true (http_text_is (head.query, "limit=5&x="));
    assert_int_equal (head.content_length, 3);
    assert_int_equal (head.size, strlen (text) - 6);
    assert_true (head.keeps_alive);
    assert_true (head.expects_continue);
    assert_false (head.upgrades);
    assert_true (http_text_is (http_head_find (&head, "x-auth"), "some value"));
    assert_null (http_head_find (&head, "x-aut").data);
}

static void
test_head_needs_more_at_every_cut (void **state)
{
    (void) state;
    const char *text =
        "GET /ws/events?topics=a.*,b.> HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n";
    http_head_t head;
    http_refusal_t refusal;
    for (size_t size = 0; size < strlen (text); size++) {
        char *cut = malloc (size + 1);      //  Exactly so many bytes: a read past them is seen by the sanitizer
        memcpy (cut, text, size);
        char *exact = realloc (cut, size ? size : 1);
        assert_int_equal (http_head_read (&head, exact, size, &refusal), ZOOID_MORE);
        free (exact);
    }
    assert_int_equal (http_head_read (&head, text, strlen (text), &refusal), 0);
    assert_true (head.upgrades);
    assert_true (http_text_is (head.query, "topics=a.*,b.>"));
}

static void
s_long_head (char *text, size_t size)
{
    memset (text, 'x', size);
    memcpy (text, "GET / HTTP/1.1\r\nHost: a\r\nX: ", 28);
    memcpy (text + size - 4, "\r\n\r\n", 4);
}

static void
test_head_is_refused_one_byte_past_its_limit (void **state)
{
    (void) state;
    char text [HTTP_HEAD_MAX + 1];
    http_head_t head;
    http_refusal_t refusal;
    s_long_head (text, HTTP_HEAD_MAX);
    assert_int_equal (http_head_read (&head, text, HTTP_HEAD_MAX, &refusal), 0);
    s_long_head (text, HTTP_HEAD_MAX + 1);
    assert_int_equal (http_head_read (&head, text, HTTP_HEAD_MAX + 1, &refusal), ZOOID_INVALID);
    assert_int_equal (refusal.status, 431);
    assert_int_equal (http_head_read (&head, text, HTTP_HEAD_MAX - 1, &refusal), ZOOID_MORE);
    assert_int_equal (http_head_read (&head, text, HTTP_HEAD_MAX, &refusal), ZOOID_INVALID);
}

static void
test_head_is_refused_with_more_headers_than_its_limit (void **state)
{
    (void) state;
    for (size_t count = HTTP_HEADERS_MAX; count <= HTTP_HEADERS_MAX + 1; count++) {
        char text [2048] = "GET / HTTP/1.1\r\nHost: a\r\n";
        for (size_t index = 1; index < count; index++)
            strcat (text, "A: b\r\n");
        strcat (text, "\r\n");
        http_head_t head;
        http_refusal_t refusal = { .status = 0 };
        int rc = http_head_read (&head, text, strlen (text), &refusal);
        assert_int_equal (rc, count == HTTP_HEADERS_MAX ? 0 : ZOOID_INVALID);
        assert_int_equal (refusal.status, count == HTTP_HEADERS_MAX ? 0 : 431);
    }
}

static void
test_head_takes_absolute_and_asterisk_targets (void **state)
{
    (void) state;
    http_head_t head;
    http_refusal_t refusal;
    const char *absolute = "GET http://A:1/x?y HTTP/1.1\r\nHost: a:1\r\n\r\n";
    assert_int_equal (http_head_read (&head, absolute, strlen (absolute), &refusal), 0);
    assert_true (http_text_is (head.path, "/x"));
    assert_true (http_text_is (head.query, "y"));
    const char *asterisk = "OPTIONS * HTTP/1.1\r\nHost: a:1\r\n\r\n";
    assert_int_equal (http_head_read (&head, asterisk, strlen (asterisk), &refusal), 0);
    assert_true (http_text_is (head.path, "*"));
}

static void
test_head_ends_connection_when_old_or_asked (void **state)
{
    (void) state;
    http_head_t head;
    http_refusal_t refusal;
    const char *old = "GET / HTTP/1.0\r\nHost: a\r\n\r\n",
               *close = "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n";
    assert_int_equal (http_head_read (&head, old, strlen (old), &refusal), 0);
    assert_false (head.keeps_alive);
    assert_int_equal (http_head_read (&head, close, strlen (close), &refusal), 0);
    assert_false (head.keeps_alive);
}

static void
test_method_list_names_a_set (void **state)
{
    (void) state;
    char text [64];
    http_method_list (HTTP_GET | HTTP_HEAD | HTTP_OPTIONS, text);
    assert_string_equal (text, "GET, HEAD, OPTIONS");
    http_method_list (127, text);
    assert_string_equal (text, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_head_is_refused_when_it_can_be_read_in_two_ways),
        cmocka_unit_test (test_head_gives_its_parts_when_sound),
        cmocka_unit_test (test_head_needs_more_at_every_cut),
        cmocka_unit_test (test_head_is_refused_one_byte_past_its_limit),
        cmocka_unit_test (test_head_is_refused_with_more_headers_than_its_limit),
        cmocka_unit_test (test_head_takes_absolute_and_asterisk_targets),
        cmocka_unit_test (test_head_ends_connection_when_old_or_asked),
        cmocka_unit_test (test_method_list_names_a_set),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
