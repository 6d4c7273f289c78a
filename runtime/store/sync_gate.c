//  The real VFS opens the file; then its method table is replaced by a copy that differs in xSync and xWrite.
#include "sync_gate.h"

#include <pthread.h>
#include <sqlite3.h>
#include <string.h>
#include <time.h>

enum { TABLES_MAX = 8, WAIT_S = 10 };

typedef struct {
    const sqlite3_io_methods *real;
    sqlite3_io_methods ours;
} table_t;

static pthread_mutex_t s_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t s_moved = PTHREAD_COND_INITIALIZER;
static sqlite3_vfs *s_real;
static sqlite3_vfs s_vfs;
static table_t s_tables [TABLES_MAX];
static size_t s_count, s_written, s_held, s_fail_from;
static bool s_shut, s_full;

//  With the lock.
static const sqlite3_io_methods *
s_real_methods (const sqlite3_file *file)
{
    for (size_t i = 0; i < TABLES_MAX; i++)
        if (file->pMethods == &s_tables [i].ours)
            return s_tables [i].real;
    return NULL;
}

static int
s_write (sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
    pthread_mutex_lock (&s_lock);
    const sqlite3_io_methods *real = s_real_methods (file);
    bool full = s_full;
    s_written += (size_t) size;
    pthread_mutex_unlock (&s_lock);
    return full ? SQLITE_FULL : real->xWrite (file, data, size, offset);
}

static int
s_sync (sqlite3_file *file, int flags)
{
    pthread_mutex_lock (&s_lock);
    const sqlite3_io_methods *real = s_real_methods (file);
    s_count++;
    bool fails = s_fail_from && s_count >= s_fail_from;
    s_held++;
    pthread_cond_broadcast (&s_moved);
    while (s_shut)
        pthread_cond_wait (&s_moved, &s_lock);
    s_held--;
    pthread_mutex_unlock (&s_lock);
    return fails ? SQLITE_IOERR_FSYNC : real->xSync (file, flags);
}

static int
s_open (sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
    (void) vfs;
    int rc = s_real->xOpen (s_real, name, file, flags, ret_flags);
    if (rc || !file->pMethods)
        return rc;
    pthread_mutex_lock (&s_lock);
    size_t i = 0;
    while (i < TABLES_MAX - 1 && s_tables [i].real && s_tables [i].real != file->pMethods)
        i++;
    if (!s_tables [i].real) {
        s_tables [i] = (table_t) { .real = file->pMethods, .ours = *file->pMethods };
        s_tables [i].ours.xSync = s_sync;
        s_tables [i].ours.xWrite = s_write;
    }
    file->pMethods = &s_tables [i].ours;
    pthread_mutex_unlock (&s_lock);
    return SQLITE_OK;
}

void
sync_gate_register (void)
{
    if (s_real)
        return;
    s_real = sqlite3_vfs_find (NULL);
    s_vfs = *s_real;
    s_vfs.zName = SYNC_GATE_VFS;
    s_vfs.xOpen = s_open;
    s_vfs.pNext = NULL;
    sqlite3_vfs_register (&s_vfs, 0);
}

static void
s_set_shut (bool shut)
{
    pthread_mutex_lock (&s_lock);
    s_shut = shut;
    pthread_cond_broadcast (&s_moved);
    pthread_mutex_unlock (&s_lock);
}

void
sync_gate_shut (void)
{
    s_set_shut (true);
}

void
sync_gate_open (void)
{
    s_set_shut (false);
}

bool
sync_gate_wait_held (void)
{
    struct timespec until;
    clock_gettime (CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    pthread_mutex_lock (&s_lock);
    int rc = 0;
    while (!s_held && rc == 0)
        rc = pthread_cond_timedwait (&s_moved, &s_lock, &until);
    bool held = s_held > 0;
    pthread_mutex_unlock (&s_lock);
    return held;
}

void
sync_gate_fail_from (size_t nth)
{
    pthread_mutex_lock (&s_lock);
    s_fail_from = nth ? s_count + nth : 0;
    pthread_mutex_unlock (&s_lock);
}

size_t
sync_gate_count (void)
{
    pthread_mutex_lock (&s_lock);
    size_t count = s_count;
    pthread_mutex_unlock (&s_lock);
    return count;
}

size_t
sync_gate_written (void)
{
    pthread_mutex_lock (&s_lock);
    size_t written = s_written;
    pthread_mutex_unlock (&s_lock);
    return written;
}

void
sync_gate_fill (bool full)
{
    pthread_mutex_lock (&s_lock);
    s_full = full;
    pthread_mutex_unlock (&s_lock);
}
