//  scratch.h - a folder of a test's own, and the file in it
#ifndef SCRATCH_H
#define SCRATCH_H

#include <limits.h>

typedef struct {
    char folder [256];
    char file [300];
} scratch_t;

//  For cmocka: *state is a scratch_t.
int
    scratch_setup (void **state);
int
    scratch_teardown (void **state);
//  Without cmocka. The folder is on a disk, not in memory, wherever TMPDIR says.
scratch_t *
    scratch_new (void);
void
    scratch_destroy (scratch_t **self_p);

#endif
