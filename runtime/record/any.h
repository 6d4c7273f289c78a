//  any.h - a value that no record describes: sound msgpack that JSON can say too
#ifndef ANY_H
#define ANY_H

#include "findings.h"

#include <zooid/msgpack.h>

//  Check one value and take it: keys are texts and stand once, texts are UTF-8 without NUL, reals are finite, nothing
//  is nested deeper than `depth`. ZOOID_INVALID: the bytes are no msgpack or too deep, the cursor is of no use; what
//  was found else is in the findings.
int
    any_check (findings_t *findings, const trail_t *trail, zooid_cursor_t *cursor, size_t depth);

//  Keys of a map, to find those that stand twice. Up to KEYS_FEW are compared one with the other; more are sorted, so
//  that a hostile map costs no square.
enum { KEYS_FEW = 16 };
typedef struct {
    zooid_bytes_t few [KEYS_FEW];
    zooid_bytes_t *many;        //  NULL: there are few
    size_t count;
} keys_t;

//  -ENOMEM. `count` keys will be added.
int
    keys_init (keys_t *self, size_t count);
void
    keys_fini (keys_t *self);
static inline void
keys_add (keys_t *self, zooid_bytes_t key)
{
    (self->many ? self->many : self->few) [self->count++] = key;
}
//  Asked once, when all were added.
bool
    keys_are_unique (keys_t *self);

#endif
