//  What is unsound is not described here: it takes the way by msgpack, where the violations are found and named.
#include "image.h"

#include "rules.h"

#include <math.h>

static bool
s_is_plain (const zooid_field_t *field)
{
    if (field->optional || field->nullable)
        return false;
    switch (field->type) {
    case ZOOID_TYPE_BOOLEAN:
    case ZOOID_TYPE_INTEGER:
    case ZOOID_TYPE_REAL:
    case ZOOID_TYPE_ENUMERATION:
    case ZOOID_TYPE_TIMESTAMP:
    case ZOOID_TYPE_DURATION: return true;
    case ZOOID_TYPE_STRING:
    case ZOOID_TYPE_ID:
    case ZOOID_TYPE_BYTES:
    case ZOOID_TYPE_RECORD:
    case ZOOID_TYPE_LIST:
    case ZOOID_TYPE_MAP:
    case ZOOID_TYPE_ANY: break;
    }
    return false;
}

bool
image_is_possible (const zooid_record_t *record)
{
    for (size_t i = 0; i < record->field_count; i++)
        if (!s_is_plain (&record->fields [i]))
            return false;
    return record->presence == 0;
}

static bool
s_real_is_sound (const zooid_field_t *field, double value)
{
    return isfinite (value) && (!field->reals.bounded || (value >= field->reals.minimum && value <= field->reals.maximum));
}

bool
image_is_sound (const zooid_record_t *record, const void *value)
{
    for (size_t i = 0; i < record->field_count; i++) {
        const zooid_field_t *field = &record->fields [i];
        const void *member = (const char *) value + field->offset;
        if (field->type == ZOOID_TYPE_BOOLEAN) {
            if (*(const unsigned char *) member > 1)
                return false;
        }
        else if (field->type == ZOOID_TYPE_REAL) {
            if (!s_real_is_sound (field, *(const double *) member))
                return false;
        }
        else if (field->type == ZOOID_TYPE_ENUMERATION) {
            int32_t index = *(const int32_t *) member;
            if (index < 0 || (size_t) index >= rules_name_count (field))
                return false;
        }
        else {
            int64_t minimum, maximum;
            rules_range (field, &minimum, &maximum);
            if (*(const int64_t *) member < minimum || *(const int64_t *) member > maximum)
                return false;
        }
    }
    return true;
}
