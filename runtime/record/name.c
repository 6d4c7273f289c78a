#include "name.h"

#include <string.h>

enum { NAME_LENGTH_MAX = 64 };

bool
name_is_snake (const char *name)
{
    if (!name || *name < 'a' || *name > 'z')
        return false;
    size_t length = strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return !name [length] && length <= NAME_LENGTH_MAX;
}
