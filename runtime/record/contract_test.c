#include <zooid/contract.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

typedef struct {
    zooid_presence_t presence;
    const char *device;
    int64_t limit;
    const char *note;
} query_t;

static const zooid_field_t s_query_fields [] = {
    ZOOID_STRING (query_t, device, .max_length = 64),
    ZOOID_INTEGER (query_t, limit, .optional = true),
    ZOOID_STRING (query_t, note, .optional = true),
};
static const zooid_record_t s_query = ZOOID_RECORD ("query", query_t, s_query_fields, .presence = ZOOID_PRESENCE (query_t));

static const zooid_field_t s_placed_fields [] = {
    ZOOID_STRING (query_t, device, .in = ZOOID_IN_PATH),
    ZOOID_STRING (query_t, note, .in = ZOOID_IN_BODY),
};
static const zooid_record_t s_placed = ZOOID_RECORD ("placed", query_t, s_placed_fields);
static const zooid_field_t s_header_fields [] = { ZOOID_STRING (query_t, device, .in = ZOOID_IN_HEADER) };
static const zooid_record_t s_header = ZOOID_RECORD ("header", query_t, s_header_fields);
static const zooid_record_t s_bad = { .name = "Bad" };

static int
on_anything (zooid_context_t *self, const void *arguments)
{
    (void) self;
    (void) arguments;
    return 0;
}

//  NULL: the contract is sound. Else part of what is wrong.
static void
s_expect (const zooid_contract_t *contract, const char *part)
{
    zooid_arena_t *arena;
    zooid_arena_new (&arena, 0);
    const char *why = "";
    int rc = zooid_contract_check (contract, arena, &why);
    if (rc != (part ? ZOOID_INVALID : 0) || (part && !strstr (why, part)))
        fail_msg ("\"%s\" instead of \"%s\"", why, part ? part : "");
    assert_int_equal (zooid_contract_check (contract, arena, NULL), rc);
    zooid_arena_destroy (&arena);
}

#define OPERATION_AS(name_, kind_, scope_, handler_, ...) \
    { .name = (name_), .kind = (kind_), .scope = (scope_), .handler = (handler_), __VA_ARGS__ }
#define OPERATION(...)     OPERATION_AS ("iot.get", ZOOID_QUERY, "iot:read", on_anything, __VA_ARGS__)
#define NAMED(name_, ...)  OPERATION_AS (name_, ZOOID_QUERY, "iot:read", on_anything, __VA_ARGS__)
#define SCOPED(scope_)     OPERATION_AS ("iot.get", ZOOID_QUERY, scope_, on_anything, .doc = "")

static void
test_contract_takes_what_is_sound (void **state)
{
    (void) state;
    static const zooid_failure_t fails [] = {
        { "bad_json", ZOOID_FAILURE_MALFORMED, "" }, { "too_large", ZOOID_FAILURE_TOO_LARGE, "A text of its own" },
    };
    static const zooid_operation_t operations [] = {
        OPERATION (.takes = &s_query, .gives = &s_query, .http = "GET /api/devices/{device}", ZOOID_FAILS (fails)),
        { .name = "iot.ingest", .kind = ZOOID_COMMAND, .takes = &s_placed, .scope = "public", .handler = on_anything,
          .http = "POST /api/devices/{device}" },
        { .name = "iot.list", .kind = ZOOID_QUERY, .scope = "user", .handler = on_anything, .http = "GET /api/devices/@" },
        { .name = "iot.keys", .kind = ZOOID_QUERY, .scope = "public", .handler = on_anything, .http = "GET /.well-known/jwks.json" },
    };
    static const zooid_event_t events [] = {
        { .topic = "iot.telemetry.{device}", .carries = &s_query, .scope = "iot:read" },
        { .topic = "iot.alarm", .carries = &s_query, .scope = "iot:read" },
    };
    static const zooid_subscription_t subscriptions [] = {
        { .topic = "content.>", .handler = on_anything }, { .topic = "*.created", .carries = &s_query, .handler = on_anything },
    };
    static const zooid_role_t roles [] = { { "identity.keys", "iot.keys" } };
    s_expect (&(zooid_contract_t) { .name = "iot" }, NULL);
    s_expect (&(zooid_contract_t) { .name = "iot", ZOOID_OPERATIONS (operations), ZOOID_EVENTS (events),
                                    ZOOID_SUBSCRIPTIONS (subscriptions), ZOOID_ROLES (roles) }, NULL);
}

static void
test_contract_refuses_operations_that_are_unsound (void **state)
{
    (void) state;
    static const zooid_failure_t bad_name [] = { { "Bad", ZOOID_FAILURE_INVALID, "" } };
    static const zooid_failure_t bad_kind [] = { { "bad", (zooid_failure_kind_t) 99, "" } };
    static const zooid_failure_t other_kind [] = { { "not_found", ZOOID_FAILURE_DENIED, "" } };
    static const zooid_failure_t twice [] = { { "bad", ZOOID_FAILURE_INVALID, "" }, { "bad", ZOOID_FAILURE_INVALID, "" } };
    static const struct { zooid_operation_t operation; const char *part; } rows [] = {
        { OPERATION (.doc = ""), NULL },
        { NAMED (NULL, .doc = ""), "an operation is named \"iot.\"" },
        { NAMED ("get", .doc = ""), "an operation is named" },
        { NAMED ("iot.", .doc = ""), "an operation is named" },
        { NAMED ("iota.get", .doc = ""), "an operation is named" },
        { NAMED ("iot.a.b", .doc = ""), "an operation is named" },
        { NAMED ("iot.Get", .doc = ""), "an operation is named" },
        { OPERATION_AS ("iot.get", 0, "iot:read", on_anything, .doc = ""), "iot.get: needs a .kind" },
        { OPERATION_AS ("iot.get", ZOOID_QUERY, "iot:read", NULL, .doc = ""), "no .handler" },
        { SCOPED (NULL), "needs a .scope" },
        { SCOPED (""), "needs a .scope" },
        { SCOPED ("iot read"), "needs a .scope" },
        { OPERATION (.deadline_ms = -1), "its deadline" },
        { OPERATION (.body_max = 64 * 1024 * 1024), NULL },
        { OPERATION (.body_max = 64 * 1024 * 1024 + 1), "its body_max" },
        { OPERATION (.fail_count = 1), "no table" },
        { OPERATION (ZOOID_FAILS (bad_name)), "not in snake_case" },
        { OPERATION (ZOOID_FAILS (bad_kind)), "has no kind" },
        { OPERATION (ZOOID_FAILS (other_kind)), "the name of another kind" },
        { OPERATION (ZOOID_FAILS (twice)), "bad stands there twice" },
        { OPERATION (.takes = &s_bad), "takes Bad" },
        { OPERATION (.gives = &s_bad), "gives Bad" },
        { OPERATION (.http = "/api"), ".http begins with" },
        { OPERATION (.http = "GET"), ".http begins with" },
        { OPERATION (.http = "get /api"), ".http begins with" },
        { OPERATION (.http = "HEAD /api"), ".http begins with" },
        { OPERATION (.http = "GET api"), "a method, a space and a path" },
        { OPERATION (.http = "GET  /api"), "a method, a space and a path" },
        { OPERATION (.http = "GET /a//b"), "cannot stand in a path" },
        { OPERATION (.http = "GET /a?b=c"), "cannot stand in a path" },
        { OPERATION (.http = "GET /a/x{device}", .takes = &s_query), "cannot stand in a path" },
        { OPERATION (.http = "GET /a/{device}"), "no field" },
        { OPERATION (.http = "GET /a/{other}", .takes = &s_query), "no field" },
        { OPERATION (.http = "GET /a/{limit}", .takes = &s_query), "must be required" },
        { OPERATION (.http = "GET /{device}/{device}", .takes = &s_query), "{device} twice" },
        { OPERATION (.http = "GET /a/{device}", .takes = &s_header), "has elsewhere" },
        { OPERATION (.http = "GET /a/{device}", .takes = &s_placed), "note is in the body" },
        { OPERATION (.http = "POST /a", .takes = &s_placed), "device is in the path" },
        { OPERATION_AS ("iot.get", ZOOID_COMMAND, "iot:read", on_anything, .http = "GET /a"), "GET changes nothing" },
        { OPERATION (.http = "POST /a"), NULL },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++)
        s_expect (&(zooid_contract_t) { .name = "iot", .operations = &rows [i].operation, .operation_count = 1 }, rows [i].part);
}

static void
test_contract_refuses_operations_that_collide (void **state)
{
    (void) state;
    static const zooid_operation_t same_name [] = { OPERATION (.doc = "a"), OPERATION (.doc = "b") };
    static const zooid_operation_t same_route [] = {
        OPERATION (.http = "GET /a/{device}", .takes = &s_query), NAMED ("iot.see", .http = "GET /a/{device}", .takes = &s_query),
    };
    static const zooid_operation_t other_method [] = {
        OPERATION (.http = "GET /a/{device}", .takes = &s_query), NAMED ("iot.see", .http = "PUT /a/{device}", .takes = &s_query),
    };
    static const zooid_operation_t other_word [] = {
        OPERATION (.http = "GET /a/{device}", .takes = &s_query), NAMED ("iot.see", .http = "GET /a/latest"),
    };
    s_expect (&(zooid_contract_t) { .name = "iot", ZOOID_OPERATIONS (same_name) }, "iot.get: stands there twice");
    s_expect (&(zooid_contract_t) { .name = "iot", ZOOID_OPERATIONS (same_route) }, "has the route of iot.get");
    s_expect (&(zooid_contract_t) { .name = "iot", ZOOID_OPERATIONS (other_method) }, NULL);
    s_expect (&(zooid_contract_t) { .name = "iot", ZOOID_OPERATIONS (other_word) }, NULL);
}

static void
test_contract_refuses_events_that_are_unsound (void **state)
{
    (void) state;
    static const struct { zooid_event_t event; const char *part; } rows [] = {
        { { "iot.a", &s_query, "iot:read", false, "" }, NULL },
        { { "iot.*", &s_query, "iot:read", false, "" }, "no * and >" },
        { { "iot.>", &s_query, "iot:read", false, "" }, "no * and >" },
        { { "iot..a", &s_query, "iot:read", false, "" }, "dotted words" },
        { { NULL, &s_query, "iot:read", false, "" }, "dotted words" },
        { { "iot.a", NULL, "iot:read", false, "" }, "does not say what it .carries" },
        { { "iot.a", &s_query, NULL, false, "" }, "needs a .scope" },
        { { "iot.a", &s_bad, "iot:read", false, "" }, "carries Bad" },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++)
        s_expect (&(zooid_contract_t) { .name = "iot", .events = &rows [i].event, .event_count = 1 }, rows [i].part);
    static const zooid_event_t overlapping [] = {
        { "iot.{device}", &s_query, "iot:read", false, "" }, { "iot.alarm", &s_query, "iot:read", false, "" },
    };
    s_expect (&(zooid_contract_t) { .name = "iot", ZOOID_EVENTS (overlapping) }, "could be of iot.{device} too");
}

static void
test_contract_refuses_subscriptions_and_roles_that_are_unsound (void **state)
{
    (void) state;
    static const struct { zooid_subscription_t subscription; const char *part; } rows [] = {
        { { .topic = "a.>.b", .handler = on_anything }, "is no pattern" },
        { { .topic = NULL, .handler = on_anything }, "is no pattern" },
        { { .topic = "a.>" }, "no .handler" },
        { { .topic = "a.>", .handler = on_anything, .carries = &s_bad }, "carries Bad" },
        { { .topic = "a.>", .handler = on_anything, .overflow = (zooid_overflow_t) 7 }, ".overflow" },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++)
        s_expect (&(zooid_contract_t) { .name = "iot", .subscriptions = &rows [i].subscription, .subscription_count = 1 }, rows [i].part);

    static const zooid_operation_t operations [] = { OPERATION (.doc = "") };
    static const struct { zooid_role_t role; const char *part; } roles [] = {
        { { "inbox", "iot.get" }, NULL }, { { "inbox", "iot.other" }, "names no operation" }, { { "inbox", NULL }, "names no operation" },
        { { NULL, "iot.get" }, "a role is named" }, { { "in box", "iot.get" }, "a role is named" },
    };
    for (size_t i = 0; i < ZOOID_COUNT (roles); i++)
        s_expect (&(zooid_contract_t) { .name = "iot", ZOOID_OPERATIONS (operations), .roles = &roles [i].role, .role_count = 1 },
                  roles [i].part);
}

static void
test_contract_refuses_a_bad_name_and_counts_without_tables (void **state)
{
    (void) state;
    static const char *const names [] = { NULL, "", "Iot", "1iot", "i ot", "iot.x" };
    for (size_t i = 0; i < ZOOID_COUNT (names); i++)
        s_expect (&(zooid_contract_t) { .name = names [i] }, "a contract is named");
    s_expect (&(zooid_contract_t) { .name = "bridge-mqtt" }, NULL);
    s_expect (&(zooid_contract_t) { .name = "iot", .event_count = 1 }, "has a count of events, but no table");
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_contract_takes_what_is_sound),
        cmocka_unit_test (test_contract_refuses_operations_that_are_unsound),
        cmocka_unit_test (test_contract_refuses_operations_that_collide),
        cmocka_unit_test (test_contract_refuses_events_that_are_unsound),
        cmocka_unit_test (test_contract_refuses_subscriptions_and_roles_that_are_unsound),
        cmocka_unit_test (test_contract_refuses_a_bad_name_and_counts_without_tables),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
