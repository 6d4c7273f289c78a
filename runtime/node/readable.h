//  readable.h - a text of unknown origin, as one that a record and a person can take
#ifndef READABLE_H
#define READABLE_H

#include <zooid/bytes.h>

//  Bytes of the UTF-8 character at `text`, which ends with a NUL; 0: it is none.
size_t
    readable_character (const char *text);
//  A copy in the arena: what is no UTF-8 in it becomes `?`, and it ends after 1024 bytes. NULL gives "".
const char *
    readable_text (const char *text, zooid_arena_t *arena);

#endif
