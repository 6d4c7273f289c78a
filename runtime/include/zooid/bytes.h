//  zooid/bytes.h - spans of bytes, a buffer that grows, and an arena that ends all at once
//
//  A buffer or an arena is used by one thread at a time, any thread.
#ifndef ZOOID_BYTES_H
#define ZOOID_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <zooid/result.h>

//  Borrowed bytes: whoever gave them says how long they live.
typedef struct {
    const uint8_t *data;    //  May be NULL when size is 0
    size_t size;            //  Bytes
} zooid_bytes_t;

//  ---- buffer: bytes that are appended to

//  Embedded in its owner; { 0 } is an empty one without a limit. An append is done whole or not at all; behind one that
//  failed nothing is appended, so that what is there is a true beginning.
typedef struct {
    uint8_t *data;      //  The bytes. Moves when it grows
    size_t size;        //  How many there are
    size_t capacity;    //  How many there is room for
    size_t limit;       //  Bytes it may reach; 0: no limit of its own
    bool failed;        //  Memory or limit ended: what was appended since is missing. Ask once, at the end
} zooid_buffer_t;

//  Give its memory back. It is empty then, with its limit, and can be used again.
ZOOID_EXPORT void
    zooid_buffer_fini (zooid_buffer_t *self);
//  Make it empty and sound again; its memory stays for what comes next.
ZOOID_EXPORT void
    zooid_buffer_clear (zooid_buffer_t *self);
//  Append bytes, which are copied. A failure shows in `failed`, here and below.
ZOOID_EXPORT void
    zooid_buffer_append (zooid_buffer_t *self, const void *data, size_t size);
//  Append a text without its NUL.
ZOOID_EXPORT void
    zooid_buffer_text (zooid_buffer_t *self, const char *text);
//  Append a text as printf writes it, without a NUL.
ZOOID_EXPORT void
    zooid_buffer_format (zooid_buffer_t *self, const char *format, ...) ZOOID_PRINTF (2, 3);
//  The bytes as a text: a NUL is put behind them, outside their size. "" when nothing was appended. Borrowed until the
//  next append.
ZOOID_EXPORT const char *
    zooid_buffer_string (zooid_buffer_t *self);

//  ---- arena: memory that is taken piece by piece and given back at once

//  Where a message's decoded record, its strings and all else that ends with a turn stands.
typedef struct zooid_arena zooid_arena_t;

//  limit: bytes that may be taken from it, each piece rounded up to its alignment; 0: no limit.
ZOOID_EXPORT void
    zooid_arena_new (zooid_arena_t **self_p, size_t limit);
//  All that was taken ends. NULL is no mistake.
ZOOID_EXPORT void
    zooid_arena_destroy (zooid_arena_t **self_p);
//  Zeroed and aligned for any type. NULL when the limit or memory ended.
ZOOID_EXPORT void *
    zooid_arena_take (zooid_arena_t *self, size_t size);
//  A copy of the bytes with a NUL behind it. NULL as above.
ZOOID_EXPORT char *
    zooid_arena_copy (zooid_arena_t *self, const void *data, size_t size);
//  A text as printf writes it. NULL as above.
ZOOID_EXPORT char *
    zooid_arena_format (zooid_arena_t *self, const char *format, ...) ZOOID_PRINTF (2, 3);
//  Everything taken ends; one block is kept for what comes next.
ZOOID_EXPORT void
    zooid_arena_reset (zooid_arena_t *self);

#endif
