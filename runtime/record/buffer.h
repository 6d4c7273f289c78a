//  buffer.h - room in a buffer, for those who write straight into it
#ifndef BUFFER_H
#define BUFFER_H

#include <zooid/bytes.h>

//  The slow way of buffer_room: allocates, or marks the buffer as failed and returns NULL.
uint8_t *
    buffer_grow (zooid_buffer_t *self, size_t size);

//  Where the next `size` bytes go; there is room for one more, so that a NUL fits behind them. Add what was written to
//  self->size. NULL: the buffer has failed.
static inline uint8_t *
buffer_room (zooid_buffer_t *self, size_t size)
{
    bool fits = !self->failed && size < self->capacity && self->size < self->capacity - size
        && (!self->limit || size + self->size <= self->limit);
    return fits ? self->data + self->size : buffer_grow (self, size);
}

#endif
