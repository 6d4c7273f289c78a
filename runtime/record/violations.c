//  Names in a pointer come from outside: they may be long, many levels repeat them, and their bytes may be no text.
//  Each pointer is cut at POINTER_MAX bytes, and what is no UTF-8 in it becomes '?'.
#include "findings.h"
#include "utf8.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { POINTER_MAX = 1024, DETAIL_MAX = 512 };

//  Cut where a character ends; no control characters, no broken ones.
static const char *
s_clean_copy (zooid_arena_t *arena, const char *text, size_t max)
{
    size_t size = strnlen (text, max + 1);
    if (size > max)
        size = utf8_cut (text, max);
    char *copy = zooid_arena_copy (arena, text, size);
    if (!copy)
        return "";
    for (size_t i = 0; i < size; ) {
        size_t length = utf8_character ((const uint8_t *) copy + i, size - i);
        if (!length || (unsigned char) copy [i] < 0x20)
            copy [i] = '?';
        i += length ? length : 1;
    }
    return copy;
}

static void
s_add (zooid_violations_t *self, zooid_arena_t *arena, const char *pointer, const char *code, const char *format,
       va_list arguments)
{
    if (self->count == ZOOID_VIOLATIONS_MAX) {
        self->more++;
        return;
    }
    char detail [DETAIL_MAX + 1];
    vsnprintf (detail, sizeof detail, format, arguments);
    self->items [self->count++] = (zooid_violation_t) {
        .pointer = s_clean_copy (arena, pointer, POINTER_MAX),
        .code = code,
        .detail = s_clean_copy (arena, detail, DETAIL_MAX - 4),
    };
}

void
zooid_violations_add (zooid_violations_t *self, zooid_arena_t *arena, const char *pointer, const char *code,
                      const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    s_add (self, arena, pointer, code, format, arguments);
    va_end (arguments);
}

//  One segment with its escapes (RFC 6901 section 3), as far as there is room.
static size_t
s_write_segment (const trail_t *trail, char *room, size_t size)
{
    if (!trail->name) {
        int written = snprintf (room, size, "/%zu", trail->index);
        return (size_t) written < size ? (size_t) written : 0;
    }
    size_t used = 0;
    if (size)
        room [used++] = '/';
    for (size_t i = 0; i < trail->size && used + 2 <= size; i++) {
        char byte = trail->name [i];
        if (byte == '~' || byte == '/') {
            room [used++] = '~';
            room [used++] = byte == '~' ? '0' : '1';
        }
        else
            room [used++] = byte ? byte : '?';
    }
    return used;
}

static void
s_write_pointer (const char *base, const trail_t *trail, char ret_text [POINTER_MAX + 1])
{
    //  From the leaf up, then written from the root down. No value is nested deeper than this; a field that is no
    //  container adds one segment
    const trail_t *segments [ZOOID_DEPTH_MAX + 2];
    size_t count = 0;
    for (; trail && trail->up; trail = trail->up) {
        assert (count < ZOOID_COUNT (segments));
        segments [count++] = trail;
    }
    int base_size = snprintf (ret_text, POINTER_MAX + 1, "%s", base ? base : "");
    size_t used = base_size > POINTER_MAX ? POINTER_MAX : (size_t) base_size;
    while (count)
        used += s_write_segment (segments [--count], ret_text + used, POINTER_MAX - used);
    ret_text [used] = 0;
}

void
findings_add (findings_t *self, const trail_t *trail, const char *code, const char *format, ...)
{
    self->count++;
    if (!self->violations)
        return;
    if (self->violations->count == ZOOID_VIOLATIONS_MAX) {
        self->violations->more++;
        return;
    }
    char pointer [POINTER_MAX + 1];
    s_write_pointer (self->base, trail, pointer);
    va_list arguments;
    va_start (arguments, format);
    s_add (self->violations, self->arena, pointer, code, format, arguments);
    va_end (arguments);
}
