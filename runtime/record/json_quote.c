//  A JSON string (RFC 8259 section 7). What needs no escape is copied in runs.
#include "json_quote.h"
#include "buffer.h"
#include "utf8.h"

#include <string.h>

//  0: as it stands. 'u': as \u00XX. Else the letter behind the backslash.
static const char s_escapes [256] = {
    [0x00] = 'u', [0x01] = 'u', [0x02] = 'u', [0x03] = 'u', [0x04] = 'u', [0x05] = 'u', [0x06] = 'u', [0x07] = 'u',
    [0x08] = 'b', [0x09] = 't', [0x0a] = 'n', [0x0b] = 'u', [0x0c] = 'f', [0x0d] = 'r', [0x0e] = 'u', [0x0f] = 'u',
    [0x10] = 'u', [0x11] = 'u', [0x12] = 'u', [0x13] = 'u', [0x14] = 'u', [0x15] = 'u', [0x16] = 'u', [0x17] = 'u',
    [0x18] = 'u', [0x19] = 'u', [0x1a] = 'u', [0x1b] = 'u', [0x1c] = 'u', [0x1d] = 'u', [0x1e] = 'u', [0x1f] = 'u',
    ['"'] = '"', ['\\'] = '\\', [0x7f] = 'u',
};

static void
s_write_escape (uint8_t byte, zooid_buffer_t *out)
{
    static const char digits [] = "0123456789abcdef";
    char escape [6] = { '\\', s_escapes [byte], '0', '0', digits [byte >> 4], digits [byte & 15] };
    zooid_buffer_append (out, escape, s_escapes [byte] == 'u' ? 6 : 2);
}

void
json_quote (const char *text, size_t size, zooid_buffer_t *out)
{
    zooid_buffer_append (out, "\"", 1);
    const char *run = text;
    const char *end = text + size;
    for (const char *next = text; next < end; next++) {
        uint8_t byte = (uint8_t) *next;
        if (!s_escapes [byte])
            continue;
        zooid_buffer_append (out, run, (size_t) (next - run));
        s_write_escape (byte, out);
        run = next + 1;
    }
    zooid_buffer_append (out, run, (size_t) (end - run));
    zooid_buffer_append (out, "\"", 1);
}

//  Bytes that are no text become U+FFFD, one for each.
void
zooid_json_quote (const char *text, size_t size, zooid_buffer_t *out)
{
    if (utf8_is_valid (text, size)) {
        json_quote (text, size, out);
        return;
    }
    zooid_buffer_append (out, "\"", 1);
    for (size_t i = 0; i < size; ) {
        size_t length = utf8_character ((const uint8_t *) text + i, size - i);
        uint8_t byte = (uint8_t) text [i];
        if (!length)
            zooid_buffer_text (out, "\xef\xbf\xbd");
        else if (s_escapes [byte])
            s_write_escape (byte, out);
        else
            zooid_buffer_append (out, text + i, length);
        i += length ? length : 1;
    }
    zooid_buffer_append (out, "\"", 1);
}
