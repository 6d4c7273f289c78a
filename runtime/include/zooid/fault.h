//  zooid/fault.h - faults on purpose, for those who prove that a check would find them
//
//      if (!ZOOID_FAULT ("mqtt_ack_gate_off"))
//          close_the_gate (self);
//
//  A test build (CMake: -DZOOID_FAULTS=ON) switches on what the environment variable ZOOID_FAULT names, separated by
//  commas. In every other build the question is `false`, and the compiler takes it out.
#ifndef ZOOID_FAULT_H
#define ZOOID_FAULT_H

#include <stdbool.h>
#include <zooid/result.h>

//  Is the fault of that name on? [any]
#if defined ZOOID_FAULTS
#   define ZOOID_FAULT(name) zooid_fault_is_on (name)
#else
#   define ZOOID_FAULT(name) false
#endif

//  What it asks of a test build: is it one of those that the variable names? Read when it is first asked. [any]
ZOOID_EXPORT bool
    zooid_fault_is_on (const char *name);

#endif
