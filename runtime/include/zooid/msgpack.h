//  zooid/msgpack.h - read and write msgpack where no record describes it (an `any`, a bridge's mapping)
#ifndef ZOOID_MSGPACK_H
#define ZOOID_MSGPACK_H

#include <zooid/bytes.h>

//  ---- writing: appended to a buffer; a failure shows in buffer->failed

ZOOID_EXPORT void zooid_pack_nil (zooid_buffer_t *out);
ZOOID_EXPORT void zooid_pack_boolean (zooid_buffer_t *out, bool value);
ZOOID_EXPORT void zooid_pack_integer (zooid_buffer_t *out, int64_t value);
ZOOID_EXPORT void zooid_pack_real (zooid_buffer_t *out, double value);
ZOOID_EXPORT void zooid_pack_string (zooid_buffer_t *out, const char *text, size_t size);
ZOOID_EXPORT void zooid_pack_text (zooid_buffer_t *out, const char *text);
ZOOID_EXPORT void zooid_pack_bytes (zooid_buffer_t *out, const void *data, size_t size);
ZOOID_EXPORT void zooid_pack_array (zooid_buffer_t *out, size_t count);
ZOOID_EXPORT void zooid_pack_map (zooid_buffer_t *out, size_t count);

//  ---- reading: a cursor over borrowed bytes, which never reads past them and never allocates

typedef enum {
    ZOOID_MSGPACK_END = 0, ZOOID_MSGPACK_NIL, ZOOID_MSGPACK_BOOLEAN, ZOOID_MSGPACK_INTEGER, ZOOID_MSGPACK_UNSIGNED,
    ZOOID_MSGPACK_REAL, ZOOID_MSGPACK_STRING, ZOOID_MSGPACK_BYTES, ZOOID_MSGPACK_ARRAY, ZOOID_MSGPACK_MAP,
} zooid_msgpack_type_t;

typedef struct {
    zooid_bytes_t rest;
} zooid_cursor_t;

typedef struct {
    zooid_msgpack_type_t type;
    bool boolean;
    int64_t integer;            //  UNSIGNED: above INT64_MAX, here as its two's complement
    double real;
    zooid_bytes_t bytes;        //  STRING, BYTES: borrowed
    size_t count;               //  ARRAY: items, MAP: pairs that follow; never more than the bytes that are left
} zooid_token_t;

//  Take the next token. END at the end. ZOOID_INVALID: not msgpack, cut short, or an extension type.
ZOOID_EXPORT int
    zooid_cursor_next (zooid_cursor_t *self, zooid_token_t *ret_token);
//  Skip one whole value and, when wanted, tell where it was. ZOOID_INVALID as above, or nested deeper than 32.
ZOOID_EXPORT int
    zooid_cursor_skip (zooid_cursor_t *self, zooid_bytes_t *ret_value);
//  Is it exactly one sound value with nothing behind it? [any]
ZOOID_EXPORT bool
    zooid_msgpack_is_sound (zooid_bytes_t msgpack);
//  The value of `key` in a map. ZOOID_UNKNOWN: not there, or not a map.
ZOOID_EXPORT int
    zooid_msgpack_find (zooid_bytes_t map, const char *key, zooid_bytes_t *ret_value);

#endif
