//  nearest.h - which of several names someone probably meant
#ifndef NEAREST_H
#define NEAREST_H

#include <stdbool.h>
#include <stddef.h>

//  Offer every name that would have been right, then ask for the best. Embedded; the names are borrowed.
typedef struct {
    const char *wanted;
    const char *best;
    size_t distance;        //  In half steps
} nearest_t;

void
    nearest_init (nearest_t *self, const char *wanted);
//  True: it is the best so far.
bool
    nearest_offer (nearest_t *self, const char *name);
//  NULL: nothing offered is like it.
const char *
    nearest_name (const nearest_t *self);

//  Insertions, removals, changes and swaps of neighbours that make one of the other; names past 63 bytes are cut.
size_t
    nearest_distance (const char *a, const char *b);

#endif
