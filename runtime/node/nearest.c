//  The optimal string alignment distance: three rows of the usual table, since a swap of neighbours looks two back.
#include "nearest.h"

#include <string.h>

enum { NAME_MAX_ = 63 };

static size_t
s_least (size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t
nearest_distance (const char *a, const char *b)
{
    size_t rows [3] [NAME_MAX_ + 1];
    size_t a_size = strnlen (a, NAME_MAX_), b_size = strnlen (b, NAME_MAX_);
    for (size_t j = 0; j <= b_size; j++)
        rows [0] [j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t *row = rows [i % 3], *above = rows [(i + 2) % 3], *two_above = rows [(i + 1) % 3];
        row [0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t change = above [j - 1] + (a [i - 1] != b [j - 1]);
            row [j] = s_least (change, s_least (above [j], row [j - 1]) + 1);
            if (i > 1 && j > 1 && a [i - 1] == b [j - 2] && a [i - 2] == b [j - 1])
                row [j] = s_least (row [j], two_above [j - 2] + 1);
        }
    }
    return rows [a_size % 3] [b_size];
}

void
nearest_init (nearest_t *self, const char *wanted)
{
    *self = (nearest_t) { .wanted = wanted, .distance = (size_t) -1 };
}

bool
nearest_offer (nearest_t *self, const char *name)
{
    size_t distance = 2 * nearest_distance (self->wanted, name);
    //  What begins with the name, or is its beginning, is near however much is missing; one letter is nearer still.
    size_t common = s_least (strlen (self->wanted), strlen (name));
    if (common >= 3 && strncmp (self->wanted, name, common) == 0)
        distance = s_least (distance, 3);
    if (distance >= self->distance)
        return false;
    self->distance = distance;
    self->best = name;
    return true;
}

const char *
nearest_name (const nearest_t *self)
{
    size_t allowed = 1 + 2 * s_least (1 + strlen (self->wanted) / 4, 4);
    return self->best && self->distance <= allowed ? self->best : NULL;
}
