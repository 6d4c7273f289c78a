//  template.c - a template is cut into parts once, at start; filling it only appends. Dots that stand for MQTT's
//  slashes are not translated: {>} is what the topic had there.
#include "route/template.h"

#include <stdlib.h>
#include <string.h>

typedef enum { PART_TEXT, PART_ONE, PART_REST, PART_TOPIC, PART_PAYLOAD } part_kind_t;

typedef struct {
    part_kind_t kind;
    size_t index;           //  Of PART_ONE
    zooid_bytes_t text;     //  Of PART_TEXT, in self->text
} part_t;

struct template {
    char *text;
    part_t *parts;
    size_t part_count;
};

//  What stands between the braces. False: no such place.
static bool
s_read_place (const char *name, size_t size, part_t *ret_part)
{
    if (size == 1 && name [0] >= '1' && name [0] <= '9')
        *ret_part = (part_t) { .kind = PART_ONE, .index = (size_t) (name [0] - '1') };
    else if (size == 1 && name [0] == '>')
        *ret_part = (part_t) { .kind = PART_REST };
    else if (size == 5 && memcmp (name, "topic", 5) == 0)
        *ret_part = (part_t) { .kind = PART_TOPIC };
    else if (size == 7 && memcmp (name, "payload", 7) == 0)
        *ret_part = (part_t) { .kind = PART_PAYLOAD };
    else
        return false;
    return true;
}

//  Why a place cannot be filled; NULL: it can.
static const char *
s_why_not (const part_t *part, const pattern_shape_t *shape, template_use_t use, zooid_arena_t *arena)
{
    if (part->kind == PART_ONE && part->index >= shape->one_count)
        return zooid_arena_format (arena, "has {%zu}, but `from` has %zu single wildcards", part->index + 1,
                                   shape->one_count);
    if (part->kind == PART_REST && !shape->has_rest)
        return "has {>}, but `from` does not end in a wildcard for the rest";
    if (part->kind == PART_PAYLOAD && use == TEMPLATE_OF_TOPIC)
        return "has {payload}, which cannot be part of a topic";
    return NULL;
}

//  Those that can be filled.
static const char *
s_places (const pattern_shape_t *shape, template_use_t use, zooid_arena_t *arena)
{
    const char *ones = shape->one_count == 0 ? ""
                       : shape->one_count == 1 ? "{1}, "
                       : zooid_arena_format (arena, "{1} to {%zu}, ", shape->one_count);
    return zooid_arena_format (arena, "%s%s{topic}%s", ones, shape->has_rest ? "{>}, " : "",
                               use == TEMPLATE_OF_ARGUMENT ? ", {payload}" : "");
}

//  All that is wrong, one behind the other.
static const char *
s_cut (template_t *self, const pattern_shape_t *shape, template_use_t use, zooid_arena_t *arena)
{
    const char *wrong = NULL;
    for (const char *text = self->text; *text;) {
        part_t *part = &self->parts [self->part_count++];
        const char *open = strchr (text, '{');
        if (open != text) {
            size_t size = open ? (size_t) (open - text) : strlen (text);
            *part = (part_t) { .kind = PART_TEXT, .text = { (const uint8_t *) text, size } };
            text += size;
            continue;
        }
        const char *close = strchr (text, '}');
        size_t size = close ? (size_t) (close - text + 1) : strlen (text);
        const char *why = close && s_read_place (text + 1, size - 2, part)
                              ? s_why_not (part, shape, use, arena)
                              : zooid_arena_format (arena, "has `%.*s`, which is no place", (int) size, text);
        if (why)
            wrong = wrong ? zooid_arena_format (arena, "%s, and %s", wrong, why) : why;
        text += size;
    }
    return wrong;
}

int
template_new (template_t **self_p, const char *text, const pattern_shape_t *shape, template_use_t use,
              zooid_arena_t *arena, const char **ret_why)
{
    ZOOID_CLEANUP (template_destroy) template_t *self = zooid_allocate (sizeof *self);
    self->text = zooid_duplicate (text);
    self->parts = zooid_allocate ((strlen (text) + 1) * sizeof (part_t));
    const char *wrong = s_cut (self, shape, use, arena);
    if (wrong) {
        *ret_why = zooid_arena_format (arena, "%s; places are %s here", wrong, s_places (shape, use, arena));
        return ZOOID_INVALID;
    }
    *self_p = self;
    self = NULL;
    return 0;
}

void
template_destroy (template_t **self_p)
{
    template_t *self = *self_p;
    if (!self)
        return;
    free (self->parts);
    free (self->text);
    free (self);
    *self_p = NULL;
}

static zooid_bytes_t
s_part (const part_t *part, const pattern_captures_t *captures)
{
    switch (part->kind) {
    case PART_ONE: return captures->one [part->index];
    case PART_REST: return captures->rest;
    case PART_TOPIC: return captures->topic;
    case PART_PAYLOAD: return captures->payload;
    case PART_TEXT: break;
    }
    return part->text;
}

zooid_bytes_t
template_fill (const template_t *self, const pattern_captures_t *captures, zooid_buffer_t *scratch)
{
    if (self->part_count == 1)
        return s_part (&self->parts [0], captures);
    zooid_buffer_clear (scratch);
    for (size_t n = 0; n < self->part_count; n++) {
        zooid_bytes_t bytes = s_part (&self->parts [n], captures);
        zooid_buffer_append (scratch, bytes.data, bytes.size);
    }
    return (zooid_bytes_t) { scratch->data, scratch->size };
}
