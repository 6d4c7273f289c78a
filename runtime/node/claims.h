//  claims.h - what only one actor of a system can have: a role, a route, the tables of its module
#ifndef CLAIMS_H
#define CLAIMS_H

#include <zooid/module.h>
#include "report.h"

typedef struct {
    const char *name;
    const char *node;
    place_t at;
    const zooid_module_t *module;
} claimant_t;

//  Report what the claimants claim twice, where the second one stands.
void
    claims_check (const claimant_t *claimants, size_t count, report_t *report);

#endif
