#include "text.h"
#include "base64.h"
#include "duration.h"
#include "number.h"
#include "pack.h"
#include "rules.h"

bool
text_is_spelling_of (const zooid_field_t *field)
{
    switch (field->type) {
    case ZOOID_TYPE_STRING:
    case ZOOID_TYPE_ID:
    case ZOOID_TYPE_ENUMERATION:
    case ZOOID_TYPE_TIMESTAMP:
    case ZOOID_TYPE_DURATION:
    case ZOOID_TYPE_BYTES:       return true;
    case ZOOID_TYPE_INTEGER:     return field->decimal;
    default:                     return false;
    }
}

//  A text that is no value of the type at all.
static void
s_add_mistake (findings_t *findings, const trail_t *trail, const zooid_field_t *field)
{
    findings_add (findings, trail, "type", "cannot be read; %s is needed", rules_wanted (field));
}

static void
s_read_integer (findings_t *findings, const trail_t *trail, const zooid_field_t *field, const char *text, size_t size,
                zooid_buffer_t *out)
{
    int64_t value;
    int rc = field->type == ZOOID_TYPE_TIMESTAMP ? zooid_timestamp_read (text, &value)
           : field->type == ZOOID_TYPE_DURATION  ? duration_read (text, size, &value)
                                                 : number_read_integer (text, size, &value);
    if (rc == ZOOID_FULL)
        rules_beyond (findings, trail, field, *text == '-');
    else if (rc)
        s_add_mistake (findings, trail, field);
    else if (rules_integer (findings, trail, field, value))
        pack_integer (out, value);
}

static void
s_read_bytes (findings_t *findings, const trail_t *trail, const zooid_field_t *field, const char *text, size_t size,
              zooid_buffer_t *out)
{
    size_t length = base64_size (text, size);
    if (!rules_length (findings, trail, field, length))
        return;
    pack_bytes_begin (out, length);
    uint8_t *room = buffer_room (out, length);
    if (!room)
        return;
    if (base64_read (text, size, room))
        s_add_mistake (findings, trail, field);
    else
        out->size += length;
}

void
text_read (findings_t *findings, const trail_t *trail, const zooid_field_t *field, const char *text, size_t size,
           zooid_buffer_t *out)
{
    int32_t index;
    switch (field->type) {
    case ZOOID_TYPE_BYTES:
        s_read_bytes (findings, trail, field, text, size, out);
        break;
    case ZOOID_TYPE_ENUMERATION:
        if (rules_name (findings, trail, field, text, size, &index))
            pack_string (out, text, size);
        break;
    case ZOOID_TYPE_STRING:
    case ZOOID_TYPE_ID:
        if (rules_text (findings, trail, field, text, size))
            pack_string (out, text, size);
        break;
    default:
        s_read_integer (findings, trail, field, text, size, out);
    }
}
