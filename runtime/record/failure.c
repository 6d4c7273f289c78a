#include <zooid/contract.h>

#include <string.h>

static const char *const s_names [] = {
    [ZOOID_FAILURE_INVALID] = "invalid",
    [ZOOID_FAILURE_MALFORMED] = "malformed",
    [ZOOID_FAILURE_UNAUTHENTICATED] = "unauthenticated",
    [ZOOID_FAILURE_DENIED] = "denied",
    [ZOOID_FAILURE_NOT_FOUND] = "not_found",
    [ZOOID_FAILURE_CONFLICT] = "conflict",
    [ZOOID_FAILURE_PRECONDITION] = "precondition",
    [ZOOID_FAILURE_TOO_LARGE] = "too_large",
    [ZOOID_FAILURE_RATE_LIMITED] = "rate_limited",
    [ZOOID_FAILURE_INTERNAL] = "internal",
    [ZOOID_FAILURE_OVERLOADED] = "overloaded",
    [ZOOID_FAILURE_UNAVAILABLE] = "unavailable",
    [ZOOID_FAILURE_NO_SPACE] = "no_space",
    [ZOOID_FAILURE_DEADLINE] = "deadline",
    [ZOOID_FAILURE_OUTCOME_UNKNOWN] = "outcome_unknown",
};

const char *
zooid_failure_kind_name (zooid_failure_kind_t kind)
{
    const char *name = (size_t) kind < ZOOID_COUNT (s_names) ? s_names [kind] : NULL;
    return name ? name : s_names [ZOOID_FAILURE_INTERNAL];
}

zooid_failure_kind_t
zooid_failure_kind (const char *name)
{
    for (size_t kind = 1; kind < ZOOID_COUNT (s_names); kind++)
        if (strcmp (s_names [kind], name) == 0)
            return (zooid_failure_kind_t) kind;
    return ZOOID_FAILURE_INTERNAL;
}
