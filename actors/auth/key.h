//  key.h - one key that signs tokens: ECDSA on P-256 (RFC 7518, section 3.4: ES256)
#ifndef KEY_H
#define KEY_H

#include <zooid/bytes.h>

//  Of OpenSSL; whoever has a key needs no other name of it.
typedef struct evp_pkey_st EVP_PKEY;

enum {
    KEY_SCALAR_SIZE = 32,
    KEY_SIGNATURE_SIZE = 64,        //  r and s, as JOSE has them (RFC 7515, appendix A.3)
    KEY_TEXT_SIZE = 44,             //  32 bytes in base64url, and a NUL
};

typedef struct {
    int64_t created_at;
    uint8_t scalar [KEY_SCALAR_SIZE];   //  Private
    EVP_PKEY *pair;
    char x [KEY_TEXT_SIZE];         //  The public point
    char y [KEY_TEXT_SIZE];
    char kid [KEY_TEXT_SIZE];       //  Its RFC 7638 thumbprint
} signing_key_t;

//  The pair that belongs to a private scalar, which must be of chance. ZOOID_INVALID: not one (0, or the group's order
//  or more; of 2^32 that are of chance not one): try another.
int
    signing_key_init (signing_key_t *self, const uint8_t scalar [KEY_SCALAR_SIZE], int64_t created_at);
//  Wipes it. One that was never made is { 0 }.
void
    signing_key_fini (signing_key_t *self);
int
    signing_key_sign (const signing_key_t *self, zooid_bytes_t data, uint8_t ret_signature [KEY_SIGNATURE_SIZE]);

#endif
