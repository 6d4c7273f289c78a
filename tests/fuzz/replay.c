//  replay.c - runs a fuzz target over files instead of libFuzzer: each seed is a test in every build
//
//  Each input is in a block of its exact size, so that a sanitizer or valgrind sees a read past the end.
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static int
s_run_file (const char *path)
{
    FILE *file = fopen (path, "rb");
    struct stat state;
    if (!file || fstat (fileno (file), &state) != 0) {
        fprintf (stderr, "%s: %s\n", path, strerror (errno));
        if (file)
            fclose (file);
        return -1;
    }
    size_t size = (size_t) state.st_size;
    uint8_t *data = malloc (size ? size : 1);
    size_t got = data ? fread (data, 1, size, file) : 0;
    fclose (file);
    if (data && got == size)
        LLVMFuzzerTestOneInput (data, size);
    free (data);
    return got == size ? 0 : -1;
}

static int
s_run_folder (const char *folder, size_t *count)
{
    DIR *listing = opendir (folder);
    if (!listing) {
        fprintf (stderr, "%s: %s\n", folder, strerror (errno));
        return -1;
    }
    int rc = 0;
    for (struct dirent *entry; rc == 0 && (entry = readdir (listing)); ) {
        char path [4096];
        if (entry->d_name [0] == '.')
            continue;
        snprintf (path, sizeof path, "%s/%s", folder, entry->d_name);
        rc = s_run_file (path);
        ++*count;
    }
    closedir (listing);
    return rc;
}

int
main (int argc, char **argv)
{
    size_t count = 0;
    for (int i = 1; i < argc; i++)
        if (s_run_folder (argv [i], &count))
            return 1;
    printf ("%zu seeds\n", count);
    return count ? 0 : 1;
}
