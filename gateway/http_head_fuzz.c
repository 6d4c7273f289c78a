//  gateway/http_head_fuzz.c - libFuzzer entry of the reader of HTTP heads
//
//  The oracle beside the sanitizer: spans lie within the input, and what is whole is the same with bytes behind it.
#include "http_head.h"

#include <assert.h>
#include <string.h>

int
    LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
s_assert_within (http_text_t text, const char *data, size_t size)
{
    assert (!text.data || (text.data >= data && text.data + text.size <= data + size));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    const char *text = (const char *) data;
    http_head_t head;
    http_refusal_t refusal = { .status = 0 };
    int rc = http_head_read (&head, text, size, &refusal);
    assert (rc == 0 || rc == ZOOID_MORE || rc == ZOOID_INVALID);
    if (rc == ZOOID_INVALID)
        assert (refusal.status >= 400 && refusal.problem && refusal.detail);
    if (rc)
        return 0;
    assert (head.size <= size && head.size <= HTTP_HEAD_MAX && head.content_length <= HTTP_BODY_MAX);
    s_assert_within (head.path, text, head.size);
    s_assert_within (head.query, text, head.size);
    for (size_t index = 0; index < head.header_count; index++) {
        s_assert_within (head.headers [index].name, text, head.size);
        s_assert_within (head.headers [index].value, text, head.size);
    }
    http_head_t alone;
    assert (http_head_read (&alone, text, head.size, &refusal) == 0 && alone.size == head.size);
    return 0;
}
