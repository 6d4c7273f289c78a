//  zooid/msgpack.h - read and write msgpack where no record describes it (an `any`, a bridge's mapping)
//
//  The format is that of the msgpack specification, without extension types. All [any].
#ifndef ZOOID_MSGPACK_H
#define ZOOID_MSGPACK_H

#include <zooid/bytes.h>

//  ---- writing: appended to a buffer; a failure shows in its `failed`

//  One value each, in its shortest form. A string is UTF-8, `text` one with a NUL behind it; all is copied. Behind an
//  array come `count` values, behind a map `count` pairs of key and value: nothing here counts them.
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

//  What a token is: END where the bytes end, else a kind of value. UNSIGNED is an integer above INT64_MAX.
typedef enum {
    ZOOID_MSGPACK_END = 0, ZOOID_MSGPACK_NIL, ZOOID_MSGPACK_BOOLEAN, ZOOID_MSGPACK_INTEGER, ZOOID_MSGPACK_UNSIGNED,
    ZOOID_MSGPACK_REAL, ZOOID_MSGPACK_STRING, ZOOID_MSGPACK_BYTES, ZOOID_MSGPACK_ARRAY, ZOOID_MSGPACK_MAP,
} zooid_msgpack_type_t;

//  Where to read: begin with { bytes }.
typedef struct {
    zooid_bytes_t rest;         //  What is still to be read
} zooid_cursor_t;

//  A value, or the head of an array or map, whose values are the tokens that follow. Only what its type has is set.
typedef struct {
    zooid_msgpack_type_t type;  //  Says which of the others is set
    bool boolean;               //  BOOLEAN
    int64_t integer;            //  INTEGER; UNSIGNED: above INT64_MAX, here as its two's complement
    double real;                //  REAL, of 32 bits too
    zooid_bytes_t bytes;        //  STRING, BYTES: borrowed from what is read; a string may be no UTF-8
    size_t count;               //  ARRAY: items, MAP: pairs that follow; never more than the bytes that are left
} zooid_token_t;

//  Take the next token. END at the end. ZOOID_INVALID: not msgpack, cut short, or an extension type; nothing was taken.
ZOOID_EXPORT int
    zooid_cursor_next (zooid_cursor_t *self, zooid_token_t *ret_token);
//  Skip one whole value and, when ret_value is not NULL, tell where it was. ZOOID_INVALID as above, at the end, or
//  nested deeper than ZOOID_DEPTH_MAX.
ZOOID_EXPORT int
    zooid_cursor_skip (zooid_cursor_t *self, zooid_bytes_t *ret_value);
//  Is it exactly one value that zooid_cursor_skip takes, with nothing behind it?
ZOOID_EXPORT bool
    zooid_msgpack_is_sound (zooid_bytes_t msgpack);
//  The value of `key` in a map, borrowed; the first, when it stands there twice. ZOOID_UNKNOWN: not there, or not a
//  map.
ZOOID_EXPORT int
    zooid_msgpack_find (zooid_bytes_t map, const char *key, zooid_bytes_t *ret_value);

#endif
