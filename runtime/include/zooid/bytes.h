//  zooid/bytes.h - spans of bytes, a buffer that grows, and an arena that ends all at once
#ifndef ZOOID_BYTES_H
#define ZOOID_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <zooid/result.h>

//  Borrowed bytes: whoever gave them says how long they live.
typedef struct {
    const uint8_t *data;
    size_t size;
} zooid_bytes_t;

//  ---- buffer: bytes that are appended to. Embedded in its owner; { 0 } is an empty one without a limit.

typedef struct {
    uint8_t *data;
    size_t size;
    size_t capacity;
    size_t limit;       //  Bytes it may reach; 0: no limit of its own
    bool failed;        //  Memory or limit ended: what was appended since is missing. Ask once, at the end
} zooid_buffer_t;

ZOOID_EXPORT void
    zooid_buffer_fini (zooid_buffer_t *self);
ZOOID_EXPORT void
    zooid_buffer_clear (zooid_buffer_t *self);
ZOOID_EXPORT void
    zooid_buffer_append (zooid_buffer_t *self, const void *data, size_t size);
ZOOID_EXPORT void
    zooid_buffer_text (zooid_buffer_t *self, const char *text);
ZOOID_EXPORT void
    zooid_buffer_format (zooid_buffer_t *self, const char *format, ...) ZOOID_PRINTF (2, 3);
//  A NUL is put behind the bytes, outside their size. "" when nothing was appended.
ZOOID_EXPORT const char *
    zooid_buffer_string (zooid_buffer_t *self);

//  ---- arena: memory that is taken piece by piece and given back at once

typedef struct zooid_arena zooid_arena_t;

//  limit: bytes that may be taken from it; 0: no limit.
ZOOID_EXPORT void
    zooid_arena_new (zooid_arena_t **self_p, size_t limit);
ZOOID_EXPORT void
    zooid_arena_destroy (zooid_arena_t **self_p);
//  Zeroed and aligned for any type. NULL when the limit or memory ended.
ZOOID_EXPORT void *
    zooid_arena_take (zooid_arena_t *self, size_t size);
//  A copy with a NUL behind it. NULL as above.
ZOOID_EXPORT char *
    zooid_arena_copy (zooid_arena_t *self, const void *data, size_t size);
//  A formatted string. NULL as above.
ZOOID_EXPORT char *
    zooid_arena_format (zooid_arena_t *self, const char *format, ...) ZOOID_PRINTF (2, 3);
//  Everything taken ends; one block is kept for what comes next.
ZOOID_EXPORT void
    zooid_arena_reset (zooid_arena_t *self);

#endif
