//  base64.h - RFC 4648 section 4, with padding: bytes in JSON
#ifndef BASE64_H
#define BASE64_H

#include <zooid/bytes.h>

//  Append the text of `data`.
void
    base64_write (const void *data, size_t size, zooid_buffer_t *out);
//  Bytes that `text` stands for, if it is base64.
size_t
    base64_size (const char *text, size_t size);
//  ZOOID_INVALID: not base64, padding missing, or bits left over that are not zero. ret_data has room for base64_size.
int
    base64_read (const char *text, size_t size, uint8_t *ret_data);

#endif
