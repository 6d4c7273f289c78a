#include "readable.h"

#include <string.h>

enum { TEXT_MAX = 1024 };

size_t
readable_character (const char *text_)
{
    const unsigned char *text = (const unsigned char *) text_;
    static const struct { unsigned char lead_mask, lead; uint32_t least; } forms [] = {
        { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 },
    };
    for (size_t size = 1; size <= ZOOID_COUNT (forms); size++) {
        if ((text [0] & forms [size - 1].lead_mask) != forms [size - 1].lead)
            continue;
        uint32_t code = text [0] & (unsigned char) ~forms [size - 1].lead_mask;
        for (size_t i = 1; i < size; i++) {
            if ((text [i] & 0xc0) != 0x80)
                return 0;
            code = code << 6 | (text [i] & 0x3f);
        }
        return code < forms [size - 1].least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : size;
    }
    return 0;
}

const char *
readable_text (const char *text, zooid_arena_t *arena)
{
    text = text ? text : "";
    char *copy = zooid_arena_copy (arena, text, strnlen (text, TEXT_MAX));
    for (char *next = copy; next && *next;) {
        size_t size = readable_character (next);
        if (size == 0)
            *next = '?';
        next += size ? size : 1;
    }
    return copy ? copy : "";
}
