//  utf8.h - UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF
#ifndef UTF8_H
#define UTF8_H

#include <zooid/bytes.h>

//  Bytes of the character at `text`, 1 to 4; 0: it is none. There is at least one byte.
size_t
    utf8_character (const uint8_t *text, size_t size);
bool
    utf8_is_valid (const void *text, size_t size);
//  At most `size` of the bytes, and no character cut in two.
size_t
    utf8_cut (const char *text, size_t size);

#endif
