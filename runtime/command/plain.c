#include "plain.h"
#include "../node/readable.h"

#include <string.h>

//  C0 and DEL, and C1 in UTF-8: some terminals take those for escapes too.
static bool
s_is_control (const char *character)
{
    unsigned char first = (unsigned char) character [0], second = (unsigned char) (first ? character [1] : 0);
    return first < 0x20 || first == 0x7f || (first == 0xc2 && second < 0xa0);
}

void
plain_append (zooid_buffer_t *out, const char *text)
{
    while (*text) {
        size_t size = readable_character (text);
        if (size == 0 || s_is_control (text))
            zooid_buffer_text (out, "?");
        else
            zooid_buffer_append (out, text, size);
        text += size ? size : 1;
    }
}

static bool
s_begins_character (char byte)
{
    return ((unsigned char) byte & 0xc0) != 0x80;
}

size_t
plain_width (const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += s_begins_character (*text);
    return width;
}

size_t
plain_cut (const char *text, size_t columns)
{
    size_t size = 0;
    for (size_t width = 0; text [size]; size++) {
        width += s_begins_character (text [size]);
        if (width > columns)
            break;
    }
    return size;
}

bool
plain_is_text (const char *text, size_t size)
{
    const char *end = text + size;
    if (memchr (text, 0, size))
        return false;
    while (text < end) {
        size_t length = readable_character (text);
        if (length == 0 || (s_is_control (text) && !strchr ("\t\r\n", *text)))
            return false;
        text += length;
    }
    return true;
}
