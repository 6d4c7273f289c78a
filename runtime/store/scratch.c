//  Beside the test's own working folder first: that is the build tree, which is on a disk.
#include "scratch.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zooid/result.h>

scratch_t *
scratch_new (void)
{
    scratch_t *self = zooid_allocate (sizeof *self);
    const char *parent = getenv ("TMPDIR");
    snprintf (self->folder, sizeof self->folder, "%s/zooid-store-XXXXXX", parent ? parent : ".");
    if (!mkdtemp (self->folder)) {
        perror (self->folder);
        abort ();
    }
    snprintf (self->file, sizeof self->file, "%s/store.sqlite", self->folder);
    return self;
}

void
scratch_destroy (scratch_t **self_p)
{
    scratch_t *self = *self_p;
    if (!self)
        return;
    DIR *folder = opendir (self->folder);
    for (struct dirent *entry; folder && (entry = readdir (folder));) {
        char path [600];
        snprintf (path, sizeof path, "%s/%s", self->folder, entry->d_name);
        unlink (path);
    }
    if (folder)
        closedir (folder);
    rmdir (self->folder);
    free (self);
    *self_p = NULL;
}

int
scratch_setup (void **state)
{
    *state = scratch_new ();
    return 0;
}

int
scratch_teardown (void **state)
{
    scratch_t *self = *state;
    scratch_destroy (&self);
    return 0;
}
