//  image.h - a record that is carried as its C struct: no pointer in it, so a copy of the bytes is a copy of the value
#ifndef IMAGE_H
#define IMAGE_H

#include <zooid/record.h>

//  Every field is a number, a boolean, an enumeration or a time, and required: nothing points out of the struct, and no
//  presence bits need to be made canonical.
bool
    image_is_possible (const zooid_record_t *record);
//  Does the struct keep every rule that decoding its msgpack would check? Asked only where an image is possible.
bool
    image_is_sound (const zooid_record_t *record, const void *value);

#endif
