//  What is sent is what arrives, and what is not ours is refused whatever it is cut or changed to.
#include "message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static zooid_message_t *
s_message (void)
{
    static const char *const scopes [] = { "a:read", "b:write" };
    ZOOID_CLEANUP (zooid_principal_destroy) zooid_principal_t *principal = NULL;
    zooid_principal_new (&principal, "user:7", scopes, 2, 123456);
    return message_new (&(message_parts_t) {
        .kind = ZOOID_KIND_ASK,
        .id = UINT64_MAX - 1,
        .correlation = 99,
        .from = { 1, 2, 3 },
        .deadline_ms = 1500,
        .trace = &(zooid_trace_t) { .trace = { 1, 2 }, .span = { 3 }, .flags = 1 },
        .principal = principal,
        .name = "iot.ingest",
        .detail = "d",
        .identity = &(zooid_identity_t) { "mqtt:s", "17", 1024, true },
        .payload = { (const uint8_t *) "\x81\xa1x\x01", 4 },
    });
}

static void
test_wire_brings_every_part_across (void **state)
{
    (void) state;
    ZOOID_CLEANUP (zooid_message_destroy) zooid_message_t *sent = s_message (), *came = NULL;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t wire = { 0 };
    message_encode (sent, 1000, &wire);
    assert_int_equal (message_decode ((zooid_bytes_t) { wire.data, wire.size }, 5000, &came), 0);
    assert_int_equal (came->kind, ZOOID_KIND_ASK);
    assert_true (came->id == sent->id);
    assert_int_equal (came->correlation, 99);
    assert_true (zooid_ref_equals (came->from, sent->from));
    assert_int_equal (came->deadline_ms, 5500);
    assert_memory_equal (zooid_message_trace (came), zooid_message_trace (sent), sizeof (zooid_trace_t));
    assert_string_equal (zooid_principal_subject (came->principal), "user:7");
    assert_int_equal (zooid_principal_expires_at_ms (came->principal), 123456);
    assert_true (zooid_principal_has (came->principal, "b:write"));
    assert_false (zooid_principal_has (came->principal, "c"));
    assert_string_equal (came->name, "iot.ingest");
    assert_string_equal (message_detail (came), "d");
    const zooid_identity_t *identity = zooid_message_identity (came);
    assert_string_equal (identity->scope, "mqtt:s");
    assert_string_equal (identity->id, "17");
    assert_int_equal (identity->keep, 1024);
    assert_true (identity->derived);
    assert_int_equal (came->body.size, 4);
    assert_memory_equal (came->body.data, sent->body.data, 4);
}

static void
test_wire_refuses_every_cut (void **state)
{
    (void) state;
    ZOOID_CLEANUP (zooid_message_destroy) zooid_message_t *sent = s_message (), *came = NULL;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t wire = { 0 };
    message_encode (sent, 1000, &wire);
    for (size_t size = 0; size < wire.size; size++) {
        uint8_t *cut = malloc (size ? size : 1);
        memcpy (cut, wire.data, size);
        assert_int_equal (message_decode ((zooid_bytes_t) { cut, size }, 0, &came), ZOOID_INVALID);
        assert_null (came);
        free (cut);
    }
    zooid_buffer_append (&wire, "\xc0", 1);
    assert_int_equal (message_decode ((zooid_bytes_t) { wire.data, wire.size }, 0, &came), ZOOID_INVALID);
}

static void
test_wire_survives_every_changed_byte (void **state)
{
    (void) state;
    ZOOID_CLEANUP (zooid_message_destroy) zooid_message_t *sent = s_message ();
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t wire = { 0 };
    message_encode (sent, 1000, &wire);
    size_t refused = 0;
    for (size_t i = 0; i < wire.size; i++)
        for (int bit = 0; bit < 8; bit++) {
            wire.data [i] ^= (uint8_t) (1 << bit);
            zooid_message_t *came = NULL;
            if (message_decode ((zooid_bytes_t) { wire.data, wire.size }, 0, &came))
                refused++;
            zooid_message_destroy (&came);
            wire.data [i] ^= (uint8_t) (1 << bit);
        }
    assert_true (refused > 0);
}

//  The principal that arrives for the one sent. The caller destroys the message.
static zooid_message_t *
s_carry (const zooid_principal_t *principal)
{
    ZOOID_CLEANUP (zooid_message_destroy) zooid_message_t *sent = message_new (&(message_parts_t) {
        .kind = ZOOID_KIND_TELL, .principal = principal, .name = "iot.ingest" });
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t wire = { 0 };
    zooid_message_t *came = NULL;
    message_encode (sent, 0, &wire);
    assert_int_equal (message_decode ((zooid_bytes_t) { wire.data, wire.size }, 0, &came), 0);
    return came;
}

static void
test_wire_brings_a_principal_across_that_expired_before_1970 (void **state)
{
    (void) state;
    ZOOID_CLEANUP (zooid_principal_destroy) zooid_principal_t *principal = NULL;
    zooid_principal_new (&principal, "user:7", NULL, 0, -1);
    ZOOID_CLEANUP (zooid_message_destroy) zooid_message_t *came = s_carry (principal);
    assert_int_equal (zooid_principal_expires_at_ms (came->principal), -1);
}

static void
test_wire_brings_a_principal_across_that_was_given_too_many_scopes (void **state)
{
    (void) state;
    const char *scopes [300];
    for (size_t i = 0; i < 300; i++)
        scopes [i] = "a:read";
    ZOOID_CLEANUP (zooid_principal_destroy) zooid_principal_t *principal = NULL;
    zooid_principal_new (&principal, "user:7", scopes, 300, 0);
    ZOOID_CLEANUP (zooid_message_destroy) zooid_message_t *came = s_carry (principal);
    assert_int_equal (zooid_principal_scope_count (came->principal), zooid_principal_scope_count (principal));
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_wire_brings_every_part_across),
        cmocka_unit_test (test_wire_refuses_every_cut),
        cmocka_unit_test (test_wire_survives_every_changed_byte),
        cmocka_unit_test (test_wire_brings_a_principal_across_that_expired_before_1970),
        cmocka_unit_test (test_wire_brings_a_principal_across_that_was_given_too_many_scopes),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
