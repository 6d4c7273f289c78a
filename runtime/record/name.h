//  name.h - names of records, fields, operations and failures
#ifndef NAME_H
#define NAME_H

#include <stdbool.h>

//  snake_case: [a-z][a-z0-9_]*, at most 64 bytes. NULL is none.
bool
    name_is_snake (const char *name);

#endif
