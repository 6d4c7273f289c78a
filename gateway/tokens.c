//  gateway/tokens.c - tokens that were verified, remembered until they end
//
//  Sets of four slots, found by a seeded hash. The whole token is kept and compared in constant time: two with the
//  same hash are never taken for one another.
#include "tokens.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

enum { WAYS = 4, SETS = TOKENS_MAX / WAYS };

typedef struct {
    uint64_t hash;
    char *token;                    //  NULL: free
    size_t size;
    zooid_principal_t *principal;
} slot_t;

struct tokens {
    uint64_t seed;
    unsigned next;                  //  Which way is taken over next
    slot_t slots [SETS][WAYS];
};

void
tokens_new (tokens_t **self_p, uint64_t seed)
{
    tokens_t *self = zooid_allocate (sizeof *self);
    self->seed = seed;
    *self_p = self;
}

static void
s_free (slot_t *slot)
{
    free (slot->token);
    zooid_principal_destroy (&slot->principal);
    *slot = (slot_t) { .token = NULL };
}

void
tokens_clear (tokens_t *self)
{
    for (size_t set = 0; set < SETS; set++)
        for (size_t way = 0; way < WAYS; way++)
            s_free (&self->slots [set][way]);
}

void
tokens_destroy (tokens_t **self_p)
{
    if (!*self_p)
        return;
    tokens_clear (*self_p);
    free (*self_p);
    *self_p = NULL;
}

//  Eight bytes at a time: multiply and fold.
static uint64_t
s_hash (const tokens_t *self, const char *token, size_t size)
{
    uint64_t hash = self->seed ^ size;
    while (size) {
        uint64_t word = 0;
        size_t take = size < sizeof word ? size : sizeof word;
        memcpy (&word, token, take);
        hash = (hash ^ word) * UINT64_C (0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
        token += take;
        size -= take;
    }
    return hash;
}

const zooid_principal_t *
tokens_find (tokens_t *self, const char *token, size_t size, int64_t now_ms)
{
    uint64_t hash = s_hash (self, token, size);
    for (size_t way = 0; way < WAYS; way++) {
        slot_t *slot = &self->slots [hash % SETS][way];
        if (!slot->token || slot->hash != hash || slot->size != size || CRYPTO_memcmp (slot->token, token, size) != 0)
            continue;
        if (zooid_principal_expires_at_ms (slot->principal) > now_ms)
            return slot->principal;
        s_free (slot);
    }
    return NULL;
}

void
tokens_add (tokens_t *self, const char *token, size_t size, const zooid_principal_t *principal)
{
    uint64_t hash = s_hash (self, token, size);
    slot_t *slot = NULL;
    for (size_t way = 0; way < WAYS && !slot; way++)
        if (!self->slots [hash % SETS][way].token)
            slot = &self->slots [hash % SETS][way];
    if (!slot)
        slot = &self->slots [hash % SETS][self->next++ % WAYS];
    s_free (slot);
    slot->token = malloc (size);
    if (!slot->token)
        return;
    memcpy (slot->token, token, size);
    slot->hash = hash;
    slot->size = size;
    slot->principal = zooid_principal_keep (principal);
}
