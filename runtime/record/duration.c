#include "duration.h"
#include "number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct { const char *name; int64_t ms; } units [] = {
    { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 },
};

int
duration_read (const char *text, size_t size, int64_t *ret_ms)
{
    size_t digits = 0;
    int64_t count = 0;
    for (; digits < size && digits < 16 && text [digits] >= '0' && text [digits] <= '9'; digits++)
        count = count * 10 + (text [digits] - '0');
    if (!digits)
        return ZOOID_INVALID;
    for (size_t i = 0; i < ZOOID_COUNT (units); i++) {
        size_t length = strlen (units [i].name);
        if (size - digits != length || memcmp (text + digits, units [i].name, length) != 0)
            continue;
        int64_t ms;
        if (__builtin_mul_overflow (count, units [i].ms, &ms) || ms > NUMBER_SAFE)
            return ZOOID_FULL;
        *ret_ms = ms;
        return 0;
    }
    return ZOOID_INVALID;
}

void
duration_write (int64_t ms, char ret_text [DURATION_SIZE])
{
    size_t unit = ms ? ZOOID_COUNT (units) - 1 : 0;
    while (ms % units [unit].ms)
        unit--;
    snprintf (ret_text, DURATION_SIZE, "%" PRId64 "%s", ms / units [unit].ms, units [unit].name);
}
