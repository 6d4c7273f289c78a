//  problem.h - what is wrong with routes: all of it, each with a pointer to the setting
#ifndef ROUTE_PROBLEM_H
#define ROUTE_PROBLEM_H

#include <zooid/record.h>

//  Embedded where routes are checked or made.
typedef struct {
    zooid_arena_t *arena;
    zooid_violations_t *violations;
    const char *route;              //  Whose fields are spoken of
} problems_t;

//  At "/routes/ROUTE/FIELD". Always ZOOID_INVALID.
int
    problems_add (problems_t *self, const char *field, const char *why);
//  At "/routes/ROUTE/args/ARGUMENT".
int
    problems_add_argument (problems_t *self, const char *argument, const char *why);

#endif
