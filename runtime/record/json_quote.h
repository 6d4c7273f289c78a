//  json_quote.h - a JSON string from what is known to be UTF-8
#ifndef JSON_QUOTE_H
#define JSON_QUOTE_H

#include <zooid/record.h>

void
    json_quote (const char *text, size_t size, zooid_buffer_t *out);

#endif
