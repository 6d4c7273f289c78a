//  gateway/keys.h - the public keys that tokens are verified with (RFC 7517)
#ifndef GATEWAY_KEYS_H
#define GATEWAY_KEYS_H

#include <zooid/record.h>

typedef struct key_set key_set_t;

enum { KEY_SET_MAX = 16 };

void
    key_set_new (key_set_t **self_p);
void
    key_set_destroy (key_set_t **self_p);
//  What is asked for: {keys: [{kty, crv, x, y, kid, ...}]} as msgpack. P-256 keys with a kid are taken, others left
//  out. ZOOID_INVALID: it is no key set; what was known stays.
int
    key_set_read (key_set_t *self, zooid_bytes_t payload, zooid_arena_t *arena);
size_t
    key_set_count (const key_set_t *self);
//  ES256: is `signature` (r and s, 32 bytes each) of this text by that key? ZOOID_UNKNOWN: no such key. ZOOID_DENIED:
//  no.
int
    key_set_verify (const key_set_t *self, const char *kid, const char *text, size_t size, const uint8_t signature [64]);

#endif
