//  inspect.h - the built-in actor `system`: who runs here, how they are, and what never arrived
#ifndef INSPECT_H
#define INSPECT_H

#include <zooid/module.h>

extern const zooid_module_t system_module;

#endif
