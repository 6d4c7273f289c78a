//  Each is held against those before it: a topology has tens of actors, and this is done once.
#include "claims.h"

#include <string.h>

//  ---- roles

static void
s_check_role (const claimant_t *first, const claimant_t *second, const zooid_role_t *role, report_t *report)
{
    const zooid_contract_t *contract = first->module->contract;
    for (size_t i = 0; i < contract->role_count; i++)
        if (strcmp (contract->roles [i].role, role->role) == 0)
            report_add (report, second->at, "actor `%s`: role `%s` is taken by actor `%s`; a system has one of it: keep one of the two",
                        second->name, role->role, first->name);
}

//  ---- routes: `@` is the actor's name, and one parameter is as good as another

static size_t
s_segment_size (const char *path)
{
    return strcspn (path, "/");
}

static bool
s_segments_meet (const char *a, size_t a_size, const char *a_actor, const char *b, size_t b_size, const char *b_actor)
{
    if (a_size > 0 && *a == '{')
        return b_size > 0 && *b == '{';
    if (a_size == 1 && *a == '@') {
        a = a_actor;
        a_size = strlen (a_actor);
    }
    if (b_size == 1 && *b == '@') {
        b = b_actor;
        b_size = strlen (b_actor);
    }
    return a_size == b_size && strncmp (a, b, a_size) == 0;
}

//  "GET /api/devices/{device}": the method is a segment like the others, with a blank in it.
static bool
s_routes_meet (const char *a, const char *a_actor, const char *b, const char *b_actor)
{
    for (;;) {
        size_t a_size = s_segment_size (a), b_size = s_segment_size (b);
        if (!s_segments_meet (a, a_size, a_actor, b, b_size, b_actor))
            return false;
        a += a_size;
        b += b_size;
        if (!*a || !*b)
            return *a == *b;
        a++;
        b++;
    }
}

//  The first one is enough: two actors of one module have them all in common.
static void
s_check_routes (const claimant_t *first, const claimant_t *second, report_t *report)
{
    const zooid_contract_t *a = first->module->contract, *b = second->module->contract;
    for (size_t i = 0; i < b->operation_count; i++)
        for (size_t k = 0; k < a->operation_count; k++) {
            const char *theirs = a->operations [k].http, *ours = b->operations [i].http;
            if (!theirs || !ours || !s_routes_meet (theirs, first->name, ours, second->name))
                continue;
            report_add (report, second->at, "actor `%s`: `%s` is served by actor `%s` already; a contract whose paths have `@`, the "
                        "actor's name, can be there twice", second->name, ours, first->name);
            return;
        }
}

//  ---- tables

static void
s_check_tables (const claimant_t *first, const claimant_t *second, report_t *report)
{
    if (first->module == second->module && first->module->migration_count && strcmp (first->node, second->node) == 0)
        report_add (report, second->at, "actor `%s`: module `%s` keeps its data in tables that actor `%s` has on this node; "
                    "run it on another node, or once", second->name, second->module->name, first->name);
}

void
claims_check (const claimant_t *claimants, size_t count, report_t *report)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++) {
            const zooid_contract_t *contract = claimants [i].module->contract;
            s_check_tables (&claimants [k], &claimants [i], report);
            s_check_routes (&claimants [k], &claimants [i], report);
            for (size_t n = 0; n < contract->role_count; n++)
                s_check_role (&claimants [k], &claimants [i], &contract->roles [n], report);
        }
}
