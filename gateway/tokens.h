//  gateway/tokens.h - tokens that were verified, remembered until they end
//
//  Verifying a signature costs about 100 us, looking here 0.1 us. Bounded: a slot that is taken is taken over.
#ifndef GATEWAY_TOKENS_H
#define GATEWAY_TOKENS_H

#include <zooid/message.h>

typedef struct tokens tokens_t;

enum { TOKENS_MAX = 4096 };

//  seed: from chance, so that nobody can aim at a slot.
void
    tokens_new (tokens_t **self_p, uint64_t seed);
void
    tokens_destroy (tokens_t **self_p);
//  Borrowed until the next call. NULL: not remembered, or ended.
const zooid_principal_t *
    tokens_find (tokens_t *self, const char *token, size_t size, int64_t now_ms);
//  Keeps the principal; it ends as the principal does.
void
    tokens_add (tokens_t *self, const char *token, size_t size, const zooid_principal_t *principal);
//  Forget all: the keys have changed.
void
    tokens_clear (tokens_t *self);

#endif
