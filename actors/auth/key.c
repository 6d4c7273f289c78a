//  The scalar comes from the environment's chance and not from OpenSSL, so the public point is computed here. Signing
//  is OpenSSL's, which takes its nonces from the kernel: tokens of two runs differ in their signatures and in nothing
//  else.
//
//  OpenSSL and not cjose: cjose 0.6 makes keys of its own chance alone, copies the private part through JSON that
//  cannot be wiped, and has no thumbprint. What remains of JOSE is a header, a dot and base64url.
#include "key.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { POINT_SIZE = 1 + 2 * KEY_SCALAR_SIZE };  //  0x04, x, y

static void s_group_free (EC_GROUP **self_p) { EC_GROUP_free (*self_p); }
static void s_point_free (EC_POINT **self_p) { EC_POINT_free (*self_p); }
static void s_number_free (BIGNUM **self_p) { BN_clear_free (*self_p); }
static void s_making_free (EVP_PKEY_CTX **self_p) { EVP_PKEY_CTX_free (*self_p); }
static void s_digest_free (EVP_MD_CTX **self_p) { EVP_MD_CTX_free (*self_p); }
static void s_signature_free (ECDSA_SIG **self_p) { ECDSA_SIG_free (*self_p); }

//  point = number * G. ZOOID_INVALID: number is not in 1 .. order - 1.
static int
s_multiply (BIGNUM *number, uint8_t ret_point [POINT_SIZE])
{
    ZOOID_CLEANUP (s_group_free) EC_GROUP *group = EC_GROUP_new_by_curve_name (NID_X9_62_prime256v1);
    ZOOID_CLEANUP (s_point_free) EC_POINT *point = group ? EC_POINT_new (group) : NULL;
    if (!point)
        return zooid_fault (-ENOMEM);
    if (BN_is_zero (number) || BN_cmp (number, EC_GROUP_get0_order (group)) >= 0)
        return ZOOID_INVALID;
    BN_set_flags (number, BN_FLG_CONSTTIME);
    if (!EC_POINT_mul (group, point, number, NULL, NULL, NULL)
        || EC_POINT_point2oct (group, point, POINT_CONVERSION_UNCOMPRESSED, ret_point, POINT_SIZE, NULL) != POINT_SIZE)
        return zooid_fault (-EIO);
    return 0;
}

static int
s_make_pair (BIGNUM *number, uint8_t point [POINT_SIZE], EVP_PKEY **ret_pair)
{
    uint8_t private_part [KEY_SCALAR_SIZE];     //  In the order of this machine, as OSSL_PARAM wants it
    char group [] = "P-256";
    OSSL_PARAM parameters [] = {
        OSSL_PARAM_construct_utf8_string (OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string (OSSL_PKEY_PARAM_PUB_KEY, point, POINT_SIZE),
        OSSL_PARAM_construct_BN (OSSL_PKEY_PARAM_PRIV_KEY, private_part, sizeof private_part),
        OSSL_PARAM_construct_end (),
    };
    ZOOID_CLEANUP (s_making_free) EVP_PKEY_CTX *making = EVP_PKEY_CTX_new_from_name (NULL, "EC", NULL);
    bool made = making
             && BN_bn2nativepad (number, private_part, sizeof private_part) == sizeof private_part
             && EVP_PKEY_fromdata_init (making) == 1
             && EVP_PKEY_fromdata (making, ret_pair, EVP_PKEY_KEYPAIR, parameters) == 1;
    sodium_memzero (private_part, sizeof private_part);
    return made ? 0 : zooid_fault (-EIO);
}

static void
s_encode (const uint8_t bytes [32], char ret_text [KEY_TEXT_SIZE])
{
    sodium_bin2base64 (ret_text, KEY_TEXT_SIZE, bytes, 32, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

//  RFC 7638, section 3.2: the required members alone, in the order of their names, without white space.
static void
s_thumbprint (signing_key_t *self)
{
    char text [192];
    int length = snprintf (text, sizeof text, "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}",
                           self->x, self->y);
    uint8_t hash [crypto_hash_sha256_BYTES];
    crypto_hash_sha256 (hash, (const unsigned char *) text, (unsigned long long) length);
    s_encode (hash, self->kid);
}

int
signing_key_init (signing_key_t *self, const uint8_t scalar [KEY_SCALAR_SIZE], int64_t created_at)
{
    ZOOID_CLEANUP (s_number_free) BIGNUM *number = BN_bin2bn (scalar, KEY_SCALAR_SIZE, NULL);
    if (!number)
        return zooid_fault (-ENOMEM);
    uint8_t point [POINT_SIZE];
    int rc = s_multiply (number, point);
    if (rc < 0)
        return zooid_fault (rc);
    if (rc)
        return rc;
    EVP_PKEY *pair = NULL;
    rc = s_make_pair (number, point, &pair);
    if (rc)
        return zooid_fault (rc);
    *self = (signing_key_t) { .created_at = created_at, .pair = pair };
    memcpy (self->scalar, scalar, KEY_SCALAR_SIZE);
    s_encode (point + 1, self->x);
    s_encode (point + 1 + 32, self->y);
    s_thumbprint (self);
    return 0;
}

void
signing_key_fini (signing_key_t *self)
{
    EVP_PKEY_free (self->pair);
    sodium_memzero (self, sizeof *self);
}

int
signing_key_sign (const signing_key_t *self, zooid_bytes_t data, uint8_t ret_signature [KEY_SIGNATURE_SIZE])
{
    uint8_t der [80];           //  A SEQUENCE of two integers of up to 33 bytes: 72
    size_t der_size = sizeof der;
    ZOOID_CLEANUP (s_digest_free) EVP_MD_CTX *digest = EVP_MD_CTX_new ();
    if (!digest
        || EVP_DigestSignInit (digest, NULL, EVP_sha256 (), NULL, self->pair) != 1
        || EVP_DigestSign (digest, der, &der_size, data.data, data.size) != 1)
        return zooid_fault (-EIO);
    const uint8_t *at = der;
    ZOOID_CLEANUP (s_signature_free) ECDSA_SIG *signature = d2i_ECDSA_SIG (NULL, &at, (long) der_size);
    if (!signature
        || BN_bn2binpad (ECDSA_SIG_get0_r (signature), ret_signature, 32) != 32
        || BN_bn2binpad (ECDSA_SIG_get0_s (signature), ret_signature + 32, 32) != 32)
        return zooid_fault (-EIO);
    return 0;
}
