//  Each counter is one time: when all that was taken from it will have been worked off (the generic cell rate
//  algorithm, ITU-T I.371). An attempt moves it on by an interval; it may be ahead of the clock by a burst. A time in
//  the past is an unused counter, so nothing has to be swept.
//
//  Accounts share a fixed table by a keyed hash of the name. A collision makes two accounts share their attempts, which
//  is harmless; a table with entries to evict could be flushed by trying many names.
#include "throttle.h"

#include <sodium.h>
#include <string.h>

void
throttle_init (throttle_t *self, const uint8_t key [THROTTLE_KEY_SIZE])
{
    memset (self, 0, sizeof *self);
    memcpy (self->key, key, THROTTLE_KEY_SIZE);
}

static int64_t *
s_slot (throttle_t *self, const char *account)
{
    uint64_t hash;
    _Static_assert (sizeof hash == crypto_shorthash_BYTES && THROTTLE_KEY_SIZE == crypto_shorthash_KEYBYTES,
                    "SipHash-2-4");
    crypto_shorthash ((unsigned char *) &hash, (const unsigned char *) account, strlen (account), self->key);
    return &self->accounts_ms [hash % THROTTLE_SLOTS];
}

static int64_t
s_wait_ms (int64_t counter_ms, int64_t now_ms, int64_t interval_ms, int64_t burst)
{
    int64_t start_ms = counter_ms > now_ms ? counter_ms : now_ms;
    int64_t wait_ms = start_ms + interval_ms - now_ms - burst * interval_ms;
    return wait_ms > 0 ? wait_ms : 0;
}

int
throttle_take (throttle_t *self, const char *account, int64_t now_ms, int64_t *ret_wait_ms)
{
    int64_t *slot = s_slot (self, account);
    int64_t account_ms = s_wait_ms (*slot, now_ms, THROTTLE_ACCOUNT_INTERVAL_MS, THROTTLE_ACCOUNT_BURST);
    int64_t all_ms = s_wait_ms (self->all_ms, now_ms, THROTTLE_ALL_INTERVAL_MS, THROTTLE_ALL_BURST);
    if (account_ms || all_ms) {
        *ret_wait_ms = account_ms > all_ms ? account_ms : all_ms;
        return ZOOID_FULL;
    }
    *slot = (*slot > now_ms ? *slot : now_ms) + THROTTLE_ACCOUNT_INTERVAL_MS;
    self->all_ms = (self->all_ms > now_ms ? self->all_ms : now_ms) + THROTTLE_ALL_INTERVAL_MS;
    return 0;
}

void
throttle_forgive (throttle_t *self, const char *account)
{
    *s_slot (self, account) = 0;
    self->all_ms -= THROTTLE_ALL_INTERVAL_MS;
}
