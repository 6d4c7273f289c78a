//  A secret is written beside its name, synced, and renamed over it, and the folder is synced behind it: after a crash
//  there is the old text or the whole of the other. The folder is opened once and everything is done in it by
//  descriptor.
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void
s_close (int *descriptor)
{
    if (*descriptor >= 0)
        close (*descriptor);
    *descriptor = -1;
}

static int
s_open_folder (const char *path, int *ret_folder)
{
    *ret_folder = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *ret_folder < 0 ? zooid_fault (-errno) : 0;
}

static int
s_write_all (int file, zooid_bytes_t data)
{
    while (data.size) {
        ssize_t written = write (file, data.data, data.size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return zooid_fault (written ? -errno : -EIO);
        data.data += written;
        data.size -= (size_t) written;
    }
    return 0;
}

int
secret_write (const char *folder_path, const char *name, zooid_bytes_t data)
{
    ZOOID_CLEANUP (s_close) int folder = -1;
    int rc = s_open_folder (folder_path, &folder);
    if (rc)
        return zooid_fault (rc);
    char draft [256];
    int length = snprintf (draft, sizeof draft, "%s.draft", name);
    if (length < 0 || (size_t) length >= sizeof draft)
        return zooid_fault (-ENAMETOOLONG);

    //  What a crash left under this name may have another owner or mode: it is never written into
    if (unlinkat (folder, draft, 0) && errno != ENOENT)
        return zooid_fault (-errno);
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    ZOOID_CLEANUP (s_close) int file = openat (folder, draft, flags, 0600);
    if (file < 0)
        return zooid_fault (-errno);
    rc = s_write_all (file, data);
    if (!rc && (fsync (file) || renameat (folder, draft, folder, name) || fsync (folder)))
        rc = zooid_fault (-errno);
    if (rc)
        unlinkat (folder, draft, 0);
    return rc;
}

int
secret_read (const char *folder_path, const char *name, char *ret_text, size_t capacity, size_t *ret_size)
{
    ZOOID_CLEANUP (s_close) int folder = -1;
    int rc = s_open_folder (folder_path, &folder);
    if (rc)
        return zooid_fault (rc);
    ZOOID_CLEANUP (s_close) int file = openat (folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0)
        return errno == ENOENT ? ZOOID_UNKNOWN : zooid_fault (-errno);
    struct stat status;
    if (fstat (file, &status))
        return zooid_fault (-errno);
    if (!S_ISREG (status.st_mode) || status.st_mode & (S_IRWXG | S_IRWXO))
        return ZOOID_DENIED;

    size_t size = 0;
    while (size < capacity) {
        ssize_t more = read (file, ret_text + size, capacity - size);
        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return zooid_fault (-errno);
        if (more == 0) {
            ret_text [size] = 0;
            *ret_size = size;
            return 0;
        }
        size += (size_t) more;
    }
    return ZOOID_FULL;
}

int
secret_remove (const char *folder_path, const char *name)
{
    ZOOID_CLEANUP (s_close) int folder = -1;
    int rc = s_open_folder (folder_path, &folder);
    if (rc)
        return zooid_fault (rc);
    if (unlinkat (folder, name, 0))
        return errno == ENOENT ? 0 : zooid_fault (-errno);
    return fsync (folder) ? zooid_fault (-errno) : 0;
}
