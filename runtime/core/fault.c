//  The variable is copied once: another thread may change the environment.
#include <zooid/fault.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static char *s_names;

static void
s_read (void)
{
    const char *names = getenv ("ZOOID_FAULT");
    s_names = zooid_duplicate (names ? names : "");
}

bool
zooid_fault_is_on (const char *name)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once (&once, s_read);
    size_t size = strlen (name);
    for (const char *each = s_names; *each; each += strspn (each, ",")) {
        size_t length = strcspn (each, ",");
        if (length == size && memcmp (each, name, size) == 0)
            return true;
        each += length;
    }
    return false;
}
