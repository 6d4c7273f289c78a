#include "utf8.h"

#include <string.h>

static bool
s_is_tail (uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

size_t
utf8_character (const uint8_t *text, size_t size)
{
    uint8_t lead = text [0];
    if (lead < 0x80)
        return 1;
    size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || length > size)
        return 0;
    for (size_t i = 1; i < length; i++)
        if (!s_is_tail (text [i]))
            return 0;
    //  The second byte tells overlong forms (E0, F0), surrogates (ED) and what lies above the last character (F4)
    uint8_t second = text [1];
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) || (lead == 0xf0 && second < 0x90)
        || (lead == 0xf4 && second > 0x8f))
        return 0;
    return length;
}

bool
utf8_is_valid (const void *text, size_t size)
{
    const uint8_t *next = text;
    const uint8_t *end = next + size;
    while (next < end) {
        //  Most text is ASCII: eight bytes at a time
        uint64_t eight;
        if ((size_t) (end - next) >= sizeof eight) {
            memcpy (&eight, next, sizeof eight);
            if (!(eight & UINT64_C (0x8080808080808080))) {
                next += sizeof eight;
                continue;
            }
        }
        size_t length = utf8_character (next, (size_t) (end - next));
        if (!length)
            return false;
        next += length;
    }
    return true;
}

size_t
utf8_cut (const char *text, size_t size)
{
    while (size && s_is_tail ((uint8_t) text [size]))
        size--;
    return size;
}
