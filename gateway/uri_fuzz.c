//  gateway/uri_fuzz.c - libFuzzer entry of percent-encoded texts and queries
//
//  The oracle beside the sanitizer: pairs lie one behind another within the query, and what is decoded is never longer.
#include "uri.h"

#include <assert.h>
#include <string.h>

int
    LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    http_text_t query = { .data = (const char *) data, .size = size }, name, value;
    const char *end = query.data, *text = NULL;
    zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 1048576);
    while (uri_query_next (&query, &name, &value)) {
        assert (name.data >= end && value.data >= name.data + name.size);
        end = value.data + value.size;
        assert (end <= (const char *) data + size);
        if (uri_decode (value, URI_QUERY, arena, &text) == 0)
            assert (strlen (text) <= value.size);
    }
    zooid_arena_destroy (&arena);
    return 0;
}
