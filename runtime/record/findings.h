//  findings.h - what a check finds wrong, and where: the trail to it is kept on the stack and written out only then
#ifndef FINDINGS_H
#define FINDINGS_H

#include <zooid/record.h>

typedef struct trail trail_t;
struct trail {
    const trail_t *up;      //  NULL: the whole value
    const char *name;       //  NULL: an index. Not NUL-terminated
    size_t size;
    size_t index;
};

typedef struct {
    zooid_arena_t *arena;               //  Where texts go; NULL only without violations
    zooid_violations_t *violations;     //  NULL: nobody wants to know what, only whether
    const char *base;                   //  Pointer of the whole; NULL: ""
    size_t count;
} findings_t;

void
    findings_add (findings_t *self, const trail_t *trail, const char *code, const char *format, ...)
        ZOOID_PRINTF (4, 5);

static inline trail_t
trail_name (const trail_t *up, const char *name, size_t size)
{
    return (trail_t) { .up = up, .name = name, .size = size };
}

static inline trail_t
trail_index (const trail_t *up, size_t index)
{
    return (trail_t) { .up = up, .index = index };
}

#endif
