//  caller.h - an actor for tests that asks auth on behalf of anybody, as the gateway does
//
//      caller.call {operation, arguments, subject, scopes, lifetime} -> {failure, detail, result}
//      caller.burst {count} -> {wrong, overloaded, other}: so many sign-ins at once, of names that nobody has
//      caller.figure {actor, name} -> {value}: a number of an actor's own; 0 where there is none
#ifndef CALLER_H
#define CALLER_H

#include <zooid/module.h>

extern const zooid_module_t caller_module;

#endif
