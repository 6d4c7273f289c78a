//  cursor.h - reading msgpack, in line: decoding a record is a row of these
//
//  Everything that a tag promises (a length, a count) is held against the bytes that are left before it is believed: an
//  item takes one byte at least, a pair two. An extension type is refused: no record has one.
#ifndef CURSOR_H
#define CURSOR_H

#include <zooid/msgpack.h>

#include <string.h>

static inline uint64_t
cursor_number (const uint8_t *data, size_t size)
{
    uint64_t big = 0;
    memcpy ((uint8_t *) &big + sizeof big - size, data, size);
    return __builtin_bswap64 (big);
}

static inline double
cursor_real (const uint8_t *data, size_t size)
{
    if (size == 4) {
        uint32_t bits = (uint32_t) cursor_number (data, 4);
        float value;
        memcpy (&value, &bits, sizeof value);
        return (double) value;
    }
    uint64_t bits = cursor_number (data, 8);
    double value;
    memcpy (&value, &bits, sizeof value);
    return value;
}

static inline int64_t
cursor_signed (const uint8_t *data, size_t size)
{
    unsigned shift = (unsigned) (64 - 8 * size);
    return (int64_t) (cursor_number (data, size) << shift) >> shift;
}

//  What a tag between 0xc0 and 0xdf says; other tags say all in themselves.
typedef struct {
    zooid_msgpack_type_t type;      //  END: no such value here
    uint8_t size;                   //  Bytes behind the tag: a number, a length or a count
} cursor_tag_t;

extern const cursor_tag_t cursor_tags [32];

//  Take a number behind the tag, or a length or count and what it promises. *self is beyond the tag.
static inline int
cursor_take (zooid_cursor_t *self, zooid_msgpack_type_t type, uint64_t length, zooid_token_t *ret_token)
{
    ret_token->type = type;
    switch (type) {
    case ZOOID_MSGPACK_STRING:
    case ZOOID_MSGPACK_BYTES:
        if (length > self->rest.size)
            return ZOOID_INVALID;
        ret_token->bytes = (zooid_bytes_t) { self->rest.data, (size_t) length };
        self->rest.data += length;
        self->rest.size -= (size_t) length;
        return 0;
    case ZOOID_MSGPACK_ARRAY:
        ret_token->count = (size_t) length;
        return length > self->rest.size ? ZOOID_INVALID : 0;
    case ZOOID_MSGPACK_MAP:
        ret_token->count = (size_t) length;
        return length > self->rest.size / 2 ? ZOOID_INVALID : 0;
    default:
        return ZOOID_INVALID;
    }
}

//  As zooid_cursor_next; after ZOOID_INVALID *self is of no use.
static inline int
cursor_next (zooid_cursor_t *self, zooid_token_t *ret_token)
{
    if (!self->rest.size) {
        ret_token->type = ZOOID_MSGPACK_END;
        return 0;
    }
    uint8_t tag = *self->rest.data++;
    self->rest.size--;
    if (tag < 0x80 || tag >= 0xe0) {
        ret_token->type = ZOOID_MSGPACK_INTEGER;
        ret_token->integer = (int8_t) tag;
        return 0;
    }
    if (tag < 0xc0) {
        if (tag >= 0xa0)
            return cursor_take (self, ZOOID_MSGPACK_STRING, tag & 0x1f, ret_token);
        return cursor_take (self, tag >= 0x90 ? ZOOID_MSGPACK_ARRAY : ZOOID_MSGPACK_MAP, tag & 0x0f, ret_token);
    }
    cursor_tag_t meaning = cursor_tags [tag - 0xc0];
    if (meaning.size > self->rest.size)
        return ZOOID_INVALID;
    const uint8_t *data = self->rest.data;
    self->rest.data += meaning.size;
    self->rest.size -= meaning.size;
    switch (meaning.type) {
    case ZOOID_MSGPACK_NIL:
        ret_token->type = ZOOID_MSGPACK_NIL;
        return 0;
    case ZOOID_MSGPACK_BOOLEAN:
        ret_token->type = ZOOID_MSGPACK_BOOLEAN;
        ret_token->boolean = tag == 0xc3;
        return 0;
    case ZOOID_MSGPACK_REAL:
        ret_token->type = ZOOID_MSGPACK_REAL;
        ret_token->real = cursor_real (data, meaning.size);
        return 0;
    case ZOOID_MSGPACK_INTEGER:
        ret_token->type = ZOOID_MSGPACK_INTEGER;
        ret_token->integer = cursor_signed (data, meaning.size);
        return 0;
    case ZOOID_MSGPACK_UNSIGNED: {
        uint64_t number = cursor_number (data, meaning.size);
        ret_token->type = number > INT64_MAX ? ZOOID_MSGPACK_UNSIGNED : ZOOID_MSGPACK_INTEGER;
        ret_token->integer = (int64_t) number;
        return 0;
    }
    default:
        return cursor_take (self, meaning.type, meaning.size ? cursor_number (data, meaning.size) : 0, ret_token);
    }
}

//  As zooid_cursor_skip, with `depth` containers allowed one in the other. *self is unchanged unless it returns 0.
int
    cursor_skip (zooid_cursor_t *self, size_t depth, zooid_bytes_t *ret_value);

#endif
