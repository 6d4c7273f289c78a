//  The exported face of pack.h and cursor.h, and what looks at whole values. Nothing here recurses: a stack of as many
//  counters as the depth allows is enough.
#include <zooid/msgpack.h>
#include <zooid/record.h>

#include "cursor.h"
#include "pack.h"

const cursor_tag_t cursor_tags [32] = {
    [0x00] = { ZOOID_MSGPACK_NIL, 0 },
    [0x02] = { ZOOID_MSGPACK_BOOLEAN, 0 },
    [0x03] = { ZOOID_MSGPACK_BOOLEAN, 0 },
    [0x04] = { ZOOID_MSGPACK_BYTES, 1 },
    [0x05] = { ZOOID_MSGPACK_BYTES, 2 },
    [0x06] = { ZOOID_MSGPACK_BYTES, 4 },
    [0x0a] = { ZOOID_MSGPACK_REAL, 4 },
    [0x0b] = { ZOOID_MSGPACK_REAL, 8 },
    [0x0c] = { ZOOID_MSGPACK_UNSIGNED, 1 },
    [0x0d] = { ZOOID_MSGPACK_UNSIGNED, 2 },
    [0x0e] = { ZOOID_MSGPACK_UNSIGNED, 4 },
    [0x0f] = { ZOOID_MSGPACK_UNSIGNED, 8 },
    [0x10] = { ZOOID_MSGPACK_INTEGER, 1 },
    [0x11] = { ZOOID_MSGPACK_INTEGER, 2 },
    [0x12] = { ZOOID_MSGPACK_INTEGER, 4 },
    [0x13] = { ZOOID_MSGPACK_INTEGER, 8 },
    [0x19] = { ZOOID_MSGPACK_STRING, 1 },
    [0x1a] = { ZOOID_MSGPACK_STRING, 2 },
    [0x1b] = { ZOOID_MSGPACK_STRING, 4 },
    [0x1c] = { ZOOID_MSGPACK_ARRAY, 2 },
    [0x1d] = { ZOOID_MSGPACK_ARRAY, 4 },
    [0x1e] = { ZOOID_MSGPACK_MAP, 2 },
    [0x1f] = { ZOOID_MSGPACK_MAP, 4 },
};

void
zooid_pack_nil (zooid_buffer_t *out)
{
    pack_nil (out);
}

void
zooid_pack_boolean (zooid_buffer_t *out, bool value)
{
    pack_boolean (out, value);
}

void
zooid_pack_integer (zooid_buffer_t *out, int64_t value)
{
    pack_integer (out, value);
}

void
zooid_pack_real (zooid_buffer_t *out, double value)
{
    pack_real (out, value);
}

void
zooid_pack_string (zooid_buffer_t *out, const char *text, size_t size)
{
    pack_string (out, text, size);
}

void
zooid_pack_text (zooid_buffer_t *out, const char *text)
{
    pack_string (out, text, strlen (text));
}

void
zooid_pack_bytes (zooid_buffer_t *out, const void *data, size_t size)
{
    pack_bytes (out, data, size);
}

void
zooid_pack_array (zooid_buffer_t *out, size_t count)
{
    pack_array (out, count);
}

void
zooid_pack_map (zooid_buffer_t *out, size_t count)
{
    pack_map (out, count);
}

int
zooid_cursor_next (zooid_cursor_t *self, zooid_token_t *ret_token)
{
    zooid_cursor_t ahead = *self;
    zooid_token_t token = { .type = ZOOID_MSGPACK_END };
    int rc = cursor_next (&ahead, &token);
    if (rc)
        return rc;
    *self = ahead;
    *ret_token = token;
    return 0;
}

int
cursor_skip (zooid_cursor_t *self, size_t depth, zooid_bytes_t *ret_value)
{
    size_t left [ZOOID_DEPTH_MAX];      //  Values that are still to come, of each container that is open
    size_t open = 0;
    zooid_cursor_t ahead = *self;
    do {
        zooid_token_t token;
        if (cursor_next (&ahead, &token) || token.type == ZOOID_MSGPACK_END)
            return ZOOID_INVALID;
        if (token.type == ZOOID_MSGPACK_ARRAY || token.type == ZOOID_MSGPACK_MAP) {
            if (open == depth)
                return ZOOID_INVALID;
            if (token.count) {
                left [open++] = token.type == ZOOID_MSGPACK_MAP ? 2 * token.count : token.count;
                continue;
            }
        }
        while (open && --left [open - 1] == 0)
            open--;
    } while (open);
    if (ret_value)
        *ret_value = (zooid_bytes_t) { self->rest.data, (size_t) (ahead.rest.data - self->rest.data) };
    *self = ahead;
    return 0;
}

int
zooid_cursor_skip (zooid_cursor_t *self, zooid_bytes_t *ret_value)
{
    return cursor_skip (self, ZOOID_DEPTH_MAX, ret_value);
}

bool
zooid_msgpack_is_sound (zooid_bytes_t msgpack)
{
    zooid_cursor_t cursor = { msgpack };
    return cursor_skip (&cursor, ZOOID_DEPTH_MAX, NULL) == 0 && cursor.rest.size == 0;
}

int
zooid_msgpack_find (zooid_bytes_t map, const char *key, zooid_bytes_t *ret_value)
{
    zooid_cursor_t cursor = { map };
    zooid_token_t token;
    if (cursor_next (&cursor, &token) || token.type != ZOOID_MSGPACK_MAP)
        return ZOOID_UNKNOWN;
    size_t key_size = strlen (key);
    for (size_t left = token.count; left; left--) {
        zooid_bytes_t name, value;
        if (cursor_skip (&cursor, ZOOID_DEPTH_MAX - 1, &name) || cursor_skip (&cursor, ZOOID_DEPTH_MAX - 1, &value))
            return ZOOID_UNKNOWN;
        zooid_cursor_t inside = { name };
        zooid_token_t text;
        if (cursor_next (&inside, &text) == 0 && text.type == ZOOID_MSGPACK_STRING && text.bytes.size == key_size
            && memcmp (text.bytes.data, key, key_size) == 0) {
            *ret_value = value;
            return 0;
        }
    }
    return ZOOID_UNKNOWN;
}
