//  gateway/uri.c - percent-encoded texts and queries
#include "uri.h"

#include <string.h>

static int
s_digit (char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int
uri_decode (http_text_t text, uri_part_t part, zooid_arena_t *arena, const char **ret_text)
{
    char *out = zooid_arena_take (arena, text.size + 1), *at = out;
    if (!out)
        return ZOOID_INVALID;
    for (size_t index = 0; index < text.size; index++) {
        char c = text.data [index];
        if (c == '%') {
            int high = text.size - index > 2 ? s_digit (text.data [index + 1]) : -1;
            int low = text.size - index > 2 ? s_digit (text.data [index + 2]) : -1;
            if (high < 0 || low < 0 || (high == 0 && low == 0))
                return ZOOID_INVALID;
            c = (char) (high * 16 + low);
            index += 2;
        }
        else if (c == '+' && part == URI_QUERY)
            c = ' ';
        *at++ = c;
    }
    *ret_text = out;
    return 0;
}

bool
uri_is (http_text_t text, uri_part_t part, const char *wanted, zooid_arena_t *arena)
{
    const char *decoded;
    return http_text_is (text, wanted)
           || (memchr (text.data, '%', text.size) && uri_decode (text, part, arena, &decoded) == 0
               && strcmp (decoded, wanted) == 0);
}

bool
uri_query_next (http_text_t *query, http_text_t *ret_name, http_text_t *ret_value)
{
    while (query->size) {
        const char *and = memchr (query->data, '&', query->size);
        size_t size = and ? (size_t) (and - query->data) : query->size;
        const char *equal = memchr (query->data, '=', size);
        size_t name = equal ? (size_t) (equal - query->data) : size;
        *ret_name = (http_text_t) { .data = query->data, .size = name };
        *ret_value = (http_text_t) { .data = query->data + (equal ? name + 1 : size),
                                     .size = equal ? size - name - 1 : 0 };
        size_t used = size + (and ? 1 : 0);
        query->data += used;
        query->size -= used;
        if (size)
            return true;
    }
    return false;
}
