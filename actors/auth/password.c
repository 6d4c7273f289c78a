//  libsodium's own crypto_pwhash_str takes its salt from the kernel. Chance comes from the environment here, so that a
//  run can be repeated: the salt is handed in and the PHC form is written by us, and read by libsodium's verifier.
#include "password.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { MEMORY_KIB = 19 * 1024, PASSES = 2, HASH_BYTES = 32, TEXT_OF_SALT = 23, TEXT_OF_HASH = 44 };

bool
password_is_acceptable (const char *text)
{
    size_t characters = 0;
    for (const char *at = text; *at; at++)
        characters += (*at & 0xC0) != 0x80;     //  Bytes that continue a character do not count
    return characters >= PASSWORD_MIN && characters <= PASSWORD_MAX;
}

static void
s_write (const uint8_t salt [PASSWORD_SALT_SIZE], const uint8_t hash [HASH_BYTES], char ret_hash [PASSWORD_HASH_SIZE])
{
    char salt_text [TEXT_OF_SALT], hash_text [TEXT_OF_HASH];
    sodium_bin2base64 (salt_text, sizeof salt_text, salt, PASSWORD_SALT_SIZE,
                       sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    sodium_bin2base64 (hash_text, sizeof hash_text, hash, HASH_BYTES, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    //  The verifier of libsodium reads up to PASSWORD_HASH_SIZE bytes
    memset (ret_hash, 0, PASSWORD_HASH_SIZE);
    snprintf (ret_hash, PASSWORD_HASH_SIZE, "$argon2id$v=19$m=%d,t=%d,p=1$%s$%s", MEMORY_KIB, PASSES, salt_text,
              hash_text);
}

int
password_hash (const char *text, const uint8_t salt [PASSWORD_SALT_SIZE], char ret_hash [PASSWORD_HASH_SIZE])
{
    uint8_t hash [HASH_BYTES];
    if (crypto_pwhash (hash, sizeof hash, text, strlen (text), salt, PASSES, (size_t) MEMORY_KIB * 1024,
                       crypto_pwhash_ALG_ARGON2ID13))
        return zooid_fault (-ENOMEM);
    s_write (salt, hash, ret_hash);
    return 0;
}

int
password_verify (const char *hash, const char *text)
{
    if (strnlen (hash, PASSWORD_HASH_SIZE) == PASSWORD_HASH_SIZE
        || crypto_pwhash_str_needs_rehash (hash, PASSES, (size_t) MEMORY_KIB * 1024) < 0)
        return zooid_fault (-EBADMSG);
    errno = 0;
    if (crypto_pwhash_str_verify (hash, text, strlen (text)) == 0)
        return 0;
    //  A mismatch is EINVAL; all that is left, since the form was read, is memory
    return errno == EINVAL ? ZOOID_DENIED : zooid_fault (-ENOMEM);
}

void
password_decoy (const uint8_t random [PASSWORD_DECOY_RANDOM], char ret_hash [PASSWORD_HASH_SIZE])
{
    s_write (random, random + PASSWORD_SALT_SIZE, ret_hash);
}

void
password_generate (const uint8_t random [PASSWORD_RANDOM], char ret_text [PASSWORD_GENERATED_SIZE])
{
    //  32 of them, none that looks like another
    static const char letters [] = "abcdefghijkmnpqrstuvwxyz23456789";
    char *at = ret_text;
    for (size_t i = 0; i < PASSWORD_RANDOM; i++) {
        if (i && i % 5 == 0)
            *at++ = '-';
        *at++ = letters [random [i] & 31];
    }
    *at = 0;
}
