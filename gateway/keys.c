//  gateway/keys.c - the public keys that tokens are verified with
//
//  A point that is not on the curve is refused by OpenSSL when its key is made, so what stands in the set is a key.
#include "keys.h"
#include "jwt.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *kty, *crv, *x, *y, *kid;
} jwk_t;

typedef struct {
    zooid_list_t keys;
} jwks_t;

static const zooid_field_t jwk_fields [] = {
    ZOOID_STRING (jwk_t, kty, .max_length = 16),
    ZOOID_STRING (jwk_t, crv, .max_length = 16),
    ZOOID_STRING (jwk_t, x, .max_length = 64),
    ZOOID_STRING (jwk_t, y, .max_length = 64),
    ZOOID_STRING (jwk_t, kid, .min_length = 1, .max_length = 64),
};
static const zooid_record_t jwk_record = ZOOID_RECORD ("jwk", jwk_t, jwk_fields, .doc = "A public key");
static const zooid_field_t jwks_fields [] = {
    ZOOID_LIST (jwks_t, keys, .max_length = KEY_SET_MAX, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, jwk_t, .record = &jwk_record)),
};
static const zooid_record_t jwks_record = ZOOID_RECORD ("jwks", jwks_t, jwks_fields, .doc = "Public keys");

struct key_set {
    struct { char *kid; EVP_PKEY *key; } items [KEY_SET_MAX];
    size_t count;
};

void
key_set_new (key_set_t **self_p)
{
    *self_p = zooid_allocate (sizeof (key_set_t));
}

static void
s_clear (key_set_t *self)
{
    for (size_t index = 0; index < self->count; index++) {
        free (self->items [index].kid);
        EVP_PKEY_free (self->items [index].key);
    }
    self->count = 0;
}

void
key_set_destroy (key_set_t **self_p)
{
    if (!*self_p)
        return;
    s_clear (*self_p);
    free (*self_p);
    *self_p = NULL;
}

size_t
key_set_count (const key_set_t *self)
{
    return self->count;
}

//  NULL: not a key of P-256.
static EVP_PKEY *
s_make_key (const jwk_t *jwk)
{
    uint8_t point [65] = { 4 };
    size_t x = 0, y = 0;
    if (strcmp (jwk->kty, "EC") != 0 || strcmp (jwk->crv, "P-256") != 0
        || jwt_base64 (jwk->x, strlen (jwk->x), point + 1, 32, &x) || x != 32
        || jwt_base64 (jwk->y, strlen (jwk->y), point + 33, 32, &y) || y != 32)
        return NULL;
    char group [] = "prime256v1";
    OSSL_PARAM parameters [] = {
        OSSL_PARAM_construct_utf8_string (OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string (OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
        OSSL_PARAM_construct_end (),
    };
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (NULL, "EC", NULL);
    if (context && EVP_PKEY_fromdata_init (context) == 1
        && EVP_PKEY_fromdata (context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free (context);
    return key;
}

int
key_set_read (key_set_t *self, zooid_bytes_t payload, zooid_arena_t *arena)
{
    jwks_t jwks;
    int rc = zooid_record_decode (&jwks_record, payload, arena, &jwks, NULL);
    if (rc)
        return rc;
    s_clear (self);
    const jwk_t *keys = jwks.keys.items;
    for (size_t index = 0; index < jwks.keys.count; index++) {
        EVP_PKEY *key = s_make_key (&keys [index]);
        if (!key)
            continue;
        self->items [self->count].kid = zooid_duplicate (keys [index].kid);
        self->items [self->count++].key = key;
    }
    return 0;
}

//  r and s as DER, which OpenSSL wants. Returns the bytes, 0 when memory ended.
static size_t
s_write_der (const uint8_t signature [64], uint8_t **ret_der)
{
    int size = -1;
    ECDSA_SIG *both = ECDSA_SIG_new ();
    BIGNUM *r = BN_bin2bn (signature, 32, NULL), *s = BN_bin2bn (signature + 32, 32, NULL);
    if (both && r && s && ECDSA_SIG_set0 (both, r, s) == 1) {
        r = s = NULL;               //  They are its own
        size = i2d_ECDSA_SIG (both, ret_der);
    }
    BN_free (r);
    BN_free (s);
    ECDSA_SIG_free (both);
    return size > 0 ? (size_t) size : 0;
}

static int
s_verify (EVP_PKEY *key, const char *text, size_t size, const uint8_t signature [64])
{
    uint8_t *der = NULL;
    size_t der_size = s_write_der (signature, &der);
    EVP_MD_CTX *context = EVP_MD_CTX_new ();
    bool sound = der_size && context && EVP_DigestVerifyInit (context, NULL, EVP_sha256 (), NULL, key) == 1
                 && EVP_DigestVerify (context, der, der_size, (const uint8_t *) text, size) == 1;
    EVP_MD_CTX_free (context);
    OPENSSL_free (der);
    return sound ? 0 : ZOOID_DENIED;
}

int
key_set_verify (const key_set_t *self, const char *kid, const char *text, size_t size, const uint8_t signature [64])
{
    for (size_t index = 0; index < self->count; index++)
        if (strcmp (self->items [index].kid, kid) == 0)
            return s_verify (self->items [index].key, text, size, signature);
    return ZOOID_UNKNOWN;
}
