//  mapping.c - templates are compiled when the route is made; they are bound to the record of the operation when the
//  operation is known, which may be later: its actor starts when it starts.
#include "route/mapping.h"

#include <zooid/msgpack.h>

#include <stdlib.h>
#include <string.h>

typedef struct {
    char *name;
    template_t *template;
    const zooid_field_t *field;     //  NULL until bound
} argument_t;

struct mapping {
    argument_t *arguments;
    size_t count;
};

int
mapping_new (mapping_t **self_p, const zooid_map_t *args, const pattern_shape_t *shape, problems_t *problems)
{
    ZOOID_CLEANUP (mapping_destroy) mapping_t *self = zooid_allocate (sizeof *self);
    self->arguments = zooid_allocate ((args->count + 1) * sizeof (argument_t));
    int rc = 0;
    for (; self->count < args->count; self->count++) {
        argument_t *argument = &self->arguments [self->count];
        const char *text = ((const char *const *) args->values) [self->count], *why = NULL;
        argument->name = zooid_duplicate (args->keys [self->count]);
        if (template_new (&argument->template, text, shape, TEMPLATE_OF_ARGUMENT, problems->arena, &why))
            rc = problems_add_argument (problems, argument->name, why);
    }
    if (rc)
        return rc;
    *self_p = self;
    self = NULL;
    return 0;
}

void
mapping_destroy (mapping_t **self_p)
{
    mapping_t *self = *self_p;
    if (!self)
        return;
    for (size_t n = 0; n < self->count; n++) {
        template_destroy (&self->arguments [n].template);
        free (self->arguments [n].name);
    }
    free (self->arguments);
    free (self);
    *self_p = NULL;
}

static const zooid_field_t *
s_find_field (const zooid_record_t *record, const char *name)
{
    for (size_t n = 0; record && n < record->field_count; n++)
        if (strcmp (record->fields [n].name, name) == 0)
            return &record->fields [n];
    return NULL;
}

static bool
s_is_given (const mapping_t *self, const zooid_field_t *field)
{
    for (size_t n = 0; n < self->count; n++)
        if (self->arguments [n].field == field)
            return true;
    return false;
}

static bool
s_text_can_become (zooid_type_t type)
{
    return type != ZOOID_TYPE_RECORD && type != ZOOID_TYPE_LIST && type != ZOOID_TYPE_MAP && type != ZOOID_TYPE_ANY;
}

//  What would be right.
static const char *
s_taken (const zooid_record_t *record, zooid_arena_t *arena)
{
    const char *taken = record ? "" : " nothing";
    for (size_t n = 0; record && n < record->field_count; n++)
        taken = zooid_arena_format (arena, "%s%s`%s`", taken, n ? ", " : " ", record->fields [n].name);
    return zooid_arena_format (arena, "is no argument of the operation, which takes%s", taken);
}

int
mapping_bind (mapping_t *self, const zooid_record_t *record, problems_t *problems)
{
    int rc = 0;
    for (size_t n = 0; n < self->count; n++) {
        argument_t *argument = &self->arguments [n];
        argument->field = s_find_field (record, argument->name);
        if (!argument->field)
            rc = problems_add_argument (problems, argument->name, s_taken (record, problems->arena));
        else if (!s_text_can_become (argument->field->type))
            rc = problems_add_argument (problems, argument->name,
                "a record, list, map or any cannot be made of a text; map a string or bytes field");
    }
    for (size_t n = 0; record && n < record->field_count; n++)
        if (!record->fields [n].optional && !s_is_given (self, &record->fields [n]))
            rc = problems_add_argument (problems, record->fields [n].name, "is missing; the operation requires it");
    return rc;
}

//  One field's value. Text comes from outside: it may hold a NUL or be no UTF-8, which zooid_field_parse refuses; the
//  NUL has to be found here, since it takes a C string.
static int
s_encode_value (const argument_t *argument, zooid_bytes_t bytes, zooid_arena_t *arena, zooid_buffer_t *out,
                const char **ret_why)
{
    if (argument->field->type == ZOOID_TYPE_BYTES) {
        zooid_pack_bytes (out, bytes.data, bytes.size);
        return 0;
    }
    if (bytes.size && memchr (bytes.data, 0, bytes.size)) {
        *ret_why = "has a NUL byte";
        return ZOOID_INVALID;
    }
    const char *text = zooid_arena_copy (arena, bytes.data, bytes.size);
    if (!text) {
        *ret_why = "is too large";
        return ZOOID_INVALID;
    }
    zooid_violations_t violations = { 0 };
    int rc = zooid_field_parse (argument->field, text, argument->name, arena, out, &violations);
    if (rc == ZOOID_INVALID)
        *ret_why = violations.count ? violations.items [0].detail : "cannot be read";
    return rc;
}

int
mapping_encode (const mapping_t *self, const pattern_captures_t *captures, zooid_arena_t *arena, zooid_buffer_t *out,
                const char **ret_field, const char **ret_why)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t scratch = { 0 };
    zooid_pack_map (out, self->count);
    for (size_t n = 0; n < self->count; n++) {
        const argument_t *argument = &self->arguments [n];
        zooid_bytes_t bytes = template_fill (argument->template, captures, &scratch);
        zooid_pack_text (out, argument->name);
        int rc = s_encode_value (argument, bytes, arena, out, ret_why);
        if (rc == ZOOID_INVALID)
            *ret_field = argument->name;
        if (rc)
            return rc;
    }
    return 0;
}
