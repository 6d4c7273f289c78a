//  problem.c - names of routes and arguments are whatever somebody wrote: a pointer (RFC 6901) spells `~` and `/` its
//  own way.
#include "route/problem.h"

static int
s_add (problems_t *self, const char *const keys [], const char *why)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t pointer = { 0 };
    for (; *keys; keys++) {
        zooid_buffer_text (&pointer, "/");
        for (const char *key = *keys; *key; key++)
            if (*key == '~' || *key == '/')
                zooid_buffer_text (&pointer, *key == '~' ? "~0" : "~1");
            else
                zooid_buffer_append (&pointer, key, 1);
    }
    zooid_violations_add (self->violations, self->arena, zooid_buffer_string (&pointer), "route", "%s", why);
    return ZOOID_INVALID;
}

int
problems_add (problems_t *self, const char *field, const char *why)
{
    return s_add (self, (const char *const []) { "routes", self->route, field, NULL }, why);
}

int
problems_add_argument (problems_t *self, const char *argument, const char *why)
{
    return s_add (self, (const char *const []) { "routes", self->route, "args", argument, NULL }, why);
}
