//  pack.h - writing msgpack, in line: encoding a record is a row of these
#ifndef PACK_H
#define PACK_H

#include "buffer.h"

#include <string.h>

//  A tag and a big-endian number of `size` bytes behind it.
static inline void
pack_tagged (zooid_buffer_t *out, uint8_t tag, uint64_t number, size_t size)
{
    uint8_t *room = buffer_room (out, 1 + size);
    if (!room)
        return;
    uint64_t big = __builtin_bswap64 (number);
    room [0] = tag;
    memcpy (room + 1, (const uint8_t *) &big + sizeof big - size, size);
    out->size += 1 + size;
}

static inline void
pack_byte (zooid_buffer_t *out, uint8_t byte)
{
    pack_tagged (out, byte, 0, 0);
}

static inline void
pack_nil (zooid_buffer_t *out)
{
    pack_byte (out, 0xc0);
}

static inline void
pack_boolean (zooid_buffer_t *out, bool value)
{
    pack_byte (out, value ? 0xc3 : 0xc2);
}

static inline void
pack_integer (zooid_buffer_t *out, int64_t value)
{
    uint64_t bits = (uint64_t) value;
    if (value >= -32 && value <= 127)
        pack_byte (out, (uint8_t) value);
    else if (value > 0) {
        if (bits <= UINT8_MAX)
            pack_tagged (out, 0xcc, bits, 1);
        else if (bits <= UINT16_MAX)
            pack_tagged (out, 0xcd, bits, 2);
        else if (bits <= UINT32_MAX)
            pack_tagged (out, 0xce, bits, 4);
        else
            pack_tagged (out, 0xcf, bits, 8);
    }
    else if (value >= INT8_MIN)
        pack_tagged (out, 0xd0, bits, 1);
    else if (value >= INT16_MIN)
        pack_tagged (out, 0xd1, bits, 2);
    else if (value >= INT32_MIN)
        pack_tagged (out, 0xd2, bits, 4);
    else
        pack_tagged (out, 0xd3, bits, 8);
}

static inline void
pack_real (zooid_buffer_t *out, double value)
{
    uint64_t bits;
    memcpy (&bits, &value, sizeof bits);
    pack_tagged (out, 0xcb, bits, 8);
}

//  Lengths and counts have 32 bits in msgpack.
static inline bool
pack_fits (zooid_buffer_t *out, size_t count)
{
    if (count > UINT32_MAX)
        out->failed = true;
    return !out->failed;
}

static inline void
pack_string (zooid_buffer_t *out, const char *text, size_t size)
{
    if (size < 32) {
        uint8_t *room = buffer_room (out, 1 + size);
        if (!room)
            return;
        room [0] = (uint8_t) (0xa0 | size);
        if (size)
            memcpy (room + 1, text, size);
        out->size += 1 + size;
        return;
    }
    if (!pack_fits (out, size))
        return;
    if (size <= UINT8_MAX)
        pack_tagged (out, 0xd9, size, 1);
    else if (size <= UINT16_MAX)
        pack_tagged (out, 0xda, size, 2);
    else
        pack_tagged (out, 0xdb, size, 4);
    zooid_buffer_append (out, text, size);
}

//  The bytes themselves are to follow.
static inline void
pack_bytes_begin (zooid_buffer_t *out, size_t size)
{
    if (!pack_fits (out, size))
        return;
    if (size <= UINT8_MAX)
        pack_tagged (out, 0xc4, size, 1);
    else if (size <= UINT16_MAX)
        pack_tagged (out, 0xc5, size, 2);
    else
        pack_tagged (out, 0xc6, size, 4);
}

static inline void
pack_bytes (zooid_buffer_t *out, const void *data, size_t size)
{
    pack_bytes_begin (out, size);
    zooid_buffer_append (out, data, size);
}

static inline void
pack_array (zooid_buffer_t *out, size_t count)
{
    if (count < 16)
        pack_byte (out, (uint8_t) (0x90 | count));
    else if (count <= UINT16_MAX)
        pack_tagged (out, 0xdc, count, 2);
    else if (pack_fits (out, count))
        pack_tagged (out, 0xdd, count, 4);
}

static inline void
pack_map (zooid_buffer_t *out, size_t count)
{
    if (count < 16)
        pack_byte (out, (uint8_t) (0x80 | count));
    else if (count <= UINT16_MAX)
        pack_tagged (out, 0xde, count, 2);
    else if (pack_fits (out, count))
        pack_tagged (out, 0xdf, count, 4);
}

#endif
