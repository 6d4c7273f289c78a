#include "base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

//  RFC 4648 section 10
static void
test_base64_writes_and_reads_the_vectors_of_the_rfc (void **state)
{
    (void) state;
    static const struct { const char *data, *text; } vectors [] = {
        { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" },
    };
    for (size_t i = 0; i < ZOOID_COUNT (vectors); i++) {
        zooid_buffer_t out = { 0 };
        size_t size = strlen (vectors [i].data), text_size = strlen (vectors [i].text);
        base64_write (vectors [i].data, size, &out);
        assert_string_equal (zooid_buffer_string (&out), vectors [i].text);
        zooid_buffer_fini (&out);
        uint8_t data [8];
        assert_int_equal (base64_size (vectors [i].text, text_size), size);
        assert_int_equal (base64_read (vectors [i].text, text_size, data), 0);
        assert_memory_equal (data, vectors [i].data, size);
    }
}

static void
test_base64_brings_all_bytes_back (void **state)
{
    (void) state;
    uint8_t data [256 + 3], back [sizeof data];
    for (size_t i = 0; i < sizeof data; i++)
        data [i] = (uint8_t) (i * 7);
    for (size_t size = 0; size <= sizeof data; size++) {
        zooid_buffer_t out = { 0 };
        base64_write (data, size, &out);
        assert_int_equal (base64_size ((char *) out.data, out.size), size);
        assert_int_equal (base64_read (zooid_buffer_string (&out), out.size, back), 0);
        assert_memory_equal (back, data, size);
        zooid_buffer_fini (&out);
    }
}

static void
test_base64_refuses_what_is_none (void **state)
{
    (void) state;
    static const char *const wrong [] = {
        "Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zh==", "Zm9=", "Zm9v\n", "Zm-v", "Zm_v", "Z g=", "Zg==Zg==", "Zm9v====",
    };
    for (size_t i = 0; i < ZOOID_COUNT (wrong); i++) {
        uint8_t data [64];
        assert_int_equal (base64_read (wrong [i], strlen (wrong [i]), data), ZOOID_INVALID);
    }
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_base64_writes_and_reads_the_vectors_of_the_rfc),
        cmocka_unit_test (test_base64_brings_all_bytes_back),
        cmocka_unit_test (test_base64_refuses_what_is_none),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
