//  throttle.h - how often a password may be tried
//
//  Two counters: one per account, known or not, and one over all, which a guesser who tries one password on many names
//  runs into. Neither knows an address: behind proxies there is none to be trusted. Memory is fixed whatever is tried.
#ifndef THROTTLE_H
#define THROTTLE_H

#include <zooid/result.h>
#include <stdint.h>

enum {
    THROTTLE_SLOTS = 4096,
    THROTTLE_KEY_SIZE = 16,
    THROTTLE_ACCOUNT_BURST = 5,             //  Wrong passwords at once, then one every
    THROTTLE_ACCOUNT_INTERVAL_MS = 10000,
    THROTTLE_ALL_BURST = 200,
    THROTTLE_ALL_INTERVAL_MS = 100,
};

typedef struct {
    int64_t accounts_ms [THROTTLE_SLOTS];
    int64_t all_ms;
    uint8_t key [THROTTLE_KEY_SIZE];
} throttle_t;

//  key: of chance, so that nobody can choose names that share a slot.
void
    throttle_init (throttle_t *self, const uint8_t key [THROTTLE_KEY_SIZE]);
//  One attempt, to be forgiven when it succeeds. ZOOID_FULL: too many; the next may be made after *ret_wait_ms.
ZOOID_MUST_USE int
    throttle_take (throttle_t *self, const char *account, int64_t monotonic_ms, int64_t *ret_wait_ms);
void
    throttle_forgive (throttle_t *self, const char *account);

#endif
