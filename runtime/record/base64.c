#include "base64.h"
#include "buffer.h"

static const char s_alphabet [] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_write (const void *data, size_t size, zooid_buffer_t *out)
{
    size_t groups = size / 3 + (size % 3 != 0);
    size_t room_size;
    if (__builtin_mul_overflow (groups, 4, &room_size))
        room_size = SIZE_MAX;
    uint8_t *room = buffer_room (out, room_size);
    if (!room)
        return;
    const uint8_t *next = data;
    for (size_t left = size; left; ) {
        size_t taken = left < 3 ? left : 3;
        uint32_t group = (uint32_t) next [0] << 16;
        if (taken > 1)
            group |= (uint32_t) next [1] << 8;
        if (taken > 2)
            group |= next [2];
        room [0] = (uint8_t) s_alphabet [group >> 18];
        room [1] = (uint8_t) s_alphabet [(group >> 12) & 63];
        room [2] = taken > 1 ? (uint8_t) s_alphabet [(group >> 6) & 63] : '=';
        room [3] = taken > 2 ? (uint8_t) s_alphabet [group & 63] : '=';
        room += 4;
        next += taken;
        left -= taken;
    }
    out->size += room_size;
}

static int
s_value (char character)
{
    if (character >= 'A' && character <= 'Z')
        return character - 'A';
    if (character >= 'a' && character <= 'z')
        return character - 'a' + 26;
    if (character >= '0' && character <= '9')
        return character - '0' + 52;
    return character == '+' ? 62 : character == '/' ? 63 : -1;
}

static size_t
s_padding (const char *text, size_t size)
{
    size_t padding = 0;
    while (padding < 2 && padding < size && text [size - 1 - padding] == '=')
        padding++;
    return padding;
}

size_t
base64_size (const char *text, size_t size)
{
    return size < 4 ? 0 : size / 4 * 3 - s_padding (text, size);
}

int
base64_read (const char *text, size_t size, uint8_t *ret_data)
{
    if (size % 4)
        return ZOOID_INVALID;
    size_t padding = s_padding (text, size);
    uint32_t group = 0;
    for (size_t i = 0; i < size - padding; i++) {
        int value = s_value (text [i]);
        if (value < 0)
            return ZOOID_INVALID;
        group = group << 6 | (uint32_t) value;
        if (i % 4 == 3) {
            *ret_data++ = (uint8_t) (group >> 16);
            *ret_data++ = (uint8_t) (group >> 8);
            *ret_data++ = (uint8_t) group;
            group = 0;
        }
    }
    //  One text for one value: the bits that the padding leaves over are zero
    if (padding == 1) {
        if (group & 3)
            return ZOOID_INVALID;
        *ret_data++ = (uint8_t) (group >> 10);
        *ret_data++ = (uint8_t) (group >> 2);
    }
    else if (padding == 2) {
        if (group & 15)
            return ZOOID_INVALID;
        *ret_data++ = (uint8_t) (group >> 4);
    }
    return 0;
}
