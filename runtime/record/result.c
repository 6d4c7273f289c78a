//  Where a fault started is kept per thread: the first place of a chain that is still being passed up.
#include <zooid/result.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Thread_local char s_trace [256];
static _Thread_local int s_passed;      //  The fault that s_trace is about

int
zooid_fault_at (int rc, const char *file, int line)
{
    if (rc < 0 && rc != s_passed) {
        s_passed = rc;
        snprintf (s_trace, sizeof s_trace, "%s:%d: %s", file, line, strerror (-rc));
    }
    return rc;
}

const char *
zooid_fault_trace (void)
{
    return s_trace;
}

void
zooid_fault_forget (void)
{
    s_passed = 0;
    s_trace [0] = 0;
}

static void
s_die (size_t size)
{
    fprintf (stderr, "zooid: out of memory (%zu bytes): stopping\n", size);
    abort ();
}

void *
zooid_allocate (size_t size)
{
    void *memory = calloc (1, size);
    if (!memory)
        s_die (size);
    return memory;
}

char *
zooid_duplicate (const char *text)
{
    char *copy = strdup (text);
    if (!copy)
        s_die (strlen (text) + 1);
    return copy;
}

void
zooid_release (void *pointer_p)
{
    void **pointer = pointer_p;
    free (*pointer);
    *pointer = NULL;
}
