//  The lock is an open file description lock (flock): it ends with the process however it ends, and two nodes of one
//  process exclude each other too. The file stays, since removing it would let two processes lock two files of one name.
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
    char *path;
    int lock;
};

//  mkdir -p. The last one has `mode`.
static int
s_make (const char *path, mode_t mode)
{
    char part [PATH_MAX];
    size_t size = strlen (path);
    if (size == 0 || size >= sizeof part)
        return -ENAMETOOLONG;
    memcpy (part, path, size + 1);
    for (char *slash = strchr (part + 1, '/'); slash; slash = strchr (slash + 1, '/')) {
        *slash = 0;
        if (mkdir (part, 0755) && errno != EEXIST)
            return -errno;
        *slash = '/';
    }
    return mkdir (part, mode) && errno != EEXIST ? -errno : 0;
}

//  Ours alone: whoever can write there can change what the node does.
static int
s_make_private (const char *path, zooid_arena_t *arena, const char **ret_why)
{
    int rc = s_make (path, 0700);
    struct stat status;
    if (rc == 0 && stat (path, &status))
        rc = -errno;
    if (rc == 0 && !S_ISDIR (status.st_mode))
        rc = -ENOTDIR;
    if (rc == 0 && status.st_uid != geteuid ()) {
        *ret_why = zooid_arena_format (arena, "%s belongs to another user; run as that one, or choose another --data",
                                       path);
        return ZOOID_INVALID;
    }
    if (rc == 0 && (status.st_mode & 0077) && chmod (path, 0700))
        rc = -errno;
    if (rc == 0)
        return 0;
    *ret_why = zooid_arena_format (arena, "%s: %s; make it writable, or choose another --data", path, strerror (-rc));
    return ZOOID_INVALID;
}

static int
s_hold (folder_t *self, const char *shown, zooid_arena_t *arena, const char **ret_why)
{
    const char *path = folder_file (self, "lock", arena);
    self->lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (self->lock == -1) {
        *ret_why = zooid_arena_format (arena, "%s: %s; make it writable, or choose another --data", path,
                                       strerror (errno));
        return ZOOID_INVALID;
    }
    char holder [32] = "";
    if (flock (self->lock, LOCK_EX | LOCK_NB)) {
        ssize_t size = pread (self->lock, holder, sizeof holder - 1, 0);
        holder [size > 0 ? (size_t) size : 0] = 0;
        holder [strcspn (holder, "\n")] = 0;
        *ret_why = zooid_arena_format (arena, "%s is in use by process %s; stop it first, or choose another --data",
                                       shown, *holder ? holder : "(unknown)");
        return ZOOID_INVALID;
    }
    int size = snprintf (holder, sizeof holder, "%ld\n", (long) getpid ());
    if (ftruncate (self->lock, 0) || pwrite (self->lock, holder, (size_t) size, 0) != size) {
        *ret_why = zooid_arena_format (arena, "%s: %s; make room for it", path, strerror (errno));
        return ZOOID_INVALID;
    }
    return 0;
}

int
folder_new (folder_t **self_p, const char *data, const char *node, zooid_arena_t *arena, const char **ret_why)
{
    const char *path = zooid_arena_format (arena, "%s/%s", data, node);
    int rc = s_make_private (path, arena, ret_why);
    if (rc)
        return rc;
    ZOOID_CLEANUP (folder_destroy) folder_t *self = zooid_allocate (sizeof *self);
    self->lock = -1;
    self->path = realpath (path, NULL);
    if (!self->path) {
        *ret_why = zooid_arena_format (arena, "%s: %s; choose another --data", path, strerror (errno));
        return ZOOID_INVALID;
    }
    rc = s_hold (self, path, arena, ret_why);
    if (rc)
        return rc;
    *self_p = self;
    self = NULL;
    return 0;
}

void
folder_destroy (folder_t **self_p)
{
    folder_t *self = *self_p;
    if (!self)
        return;
    if (self->lock != -1)
        close (self->lock);
    free (self->path);
    free (self);
    *self_p = NULL;
}

const char *
folder_path (const folder_t *self)
{
    return self->path;
}

const char *
folder_file (const folder_t *self, const char *name, zooid_arena_t *arena)
{
    return zooid_arena_format (arena, "%s/%s", self->path, name);
}

int
folder_actor (const folder_t *self, const char *actor, zooid_arena_t *arena, const char **ret_path,
              const char **ret_why)
{
    *ret_path = folder_file (self, actor, arena);
    return s_make_private (*ret_path, arena, ret_why);
}
