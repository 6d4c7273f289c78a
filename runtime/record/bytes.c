//  A buffer keeps room for one byte more than it holds, so that zooid_buffer_string never allocates. An append is done
//  whole or not at all; after the first failure nothing is appended, so that what is there is a true beginning.
#include <zooid/bytes.h>

#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 64 };

void
zooid_buffer_fini (zooid_buffer_t *self)
{
    free (self->data);
    *self = (zooid_buffer_t) { .limit = self->limit };
}

void
zooid_buffer_clear (zooid_buffer_t *self)
{
    self->size = 0;
    self->failed = false;
}

uint8_t *
buffer_grow (zooid_buffer_t *self, size_t size)
{
    size_t needed;
    if (self->failed || __builtin_add_overflow (self->size, size, &needed) || needed == SIZE_MAX
        || (self->limit && needed > self->limit)) {
        self->failed = true;
        return NULL;
    }
    if (self->capacity < needed + 1) {
        size_t capacity = self->capacity < CAPACITY_MIN ? CAPACITY_MIN : self->capacity;
        while (capacity < needed + 1)
            if (__builtin_mul_overflow (capacity, 2, &capacity))
                capacity = needed + 1;
        uint8_t *data = realloc (self->data, capacity);
        if (!data) {
            self->failed = true;
            return NULL;
        }
        self->data = data;
        self->capacity = capacity;
    }
    return self->data + self->size;
}

void
zooid_buffer_append (zooid_buffer_t *self, const void *data, size_t size)
{
    uint8_t *room = buffer_room (self, size);
    if (room && size) {
        memcpy (room, data, size);
        self->size += size;
    }
}

void
zooid_buffer_text (zooid_buffer_t *self, const char *text)
{
    zooid_buffer_append (self, text, strlen (text));
}

void
zooid_buffer_format (zooid_buffer_t *self, const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    int size = vsnprintf (NULL, 0, format, arguments);
    va_end (arguments);
    uint8_t *room = size < 0 ? NULL : buffer_room (self, (size_t) size);
    if (!room) {
        self->failed = true;
        return;
    }
    va_start (arguments, format);
    vsnprintf ((char *) room, (size_t) size + 1, format, arguments);
    va_end (arguments);
    self->size += (size_t) size;
}

const char *
zooid_buffer_string (zooid_buffer_t *self)
{
    if (!self->data)
        return "";
    self->data [self->size] = 0;
    return (const char *) self->data;
}
