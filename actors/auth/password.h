//  password.h - passwords: what is acceptable, and how one is kept
//
//  Kept as Argon2id, 19 MiB, t = 2, p = 1 (RFC 9106; OWASP Password Storage), in the PHC form that libsodium and others
//  read: `$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH`. Hash and verify take tens of milliseconds and 19 MiB: on the pool.
#ifndef PASSWORD_H
#define PASSWORD_H

#include <zooid/bytes.h>

enum {
    PASSWORD_MIN = 8,               //  Characters
    PASSWORD_MAX = 128,
    PASSWORD_BYTES_MAX = 512,       //  Of that many characters in UTF-8
    PASSWORD_SIZE = PASSWORD_BYTES_MAX + 1,
    PASSWORD_SALT_SIZE = 16,
    PASSWORD_HASH_SIZE = 128,       //  Of the PHC form with its NUL
    PASSWORD_DECOY_RANDOM = 48,
    PASSWORD_RANDOM = 25,           //  Bytes of chance that a generated one takes
    PASSWORD_GENERATED_SIZE = 30,
};

//  Counted in characters. `text` is sound UTF-8, as every string of a record is.
bool
    password_is_acceptable (const char *text);
//  -ENOMEM: the memory was not to be had. [any]
int
    password_hash (const char *text, const uint8_t salt [PASSWORD_SALT_SIZE], char ret_hash [PASSWORD_HASH_SIZE]);
//  In constant time. ZOOID_DENIED: another one. -ENOMEM as above, -EBADMSG: `hash` is not one. [any]
int
    password_verify (const char *hash, const char *text);
//  A hash that no password fits and that costs the same to find out: for users that do not exist.
void
    password_decoy (const uint8_t random [PASSWORD_DECOY_RANDOM], char ret_hash [PASSWORD_HASH_SIZE]);
//  125 bits in five groups that are easy to type: "x7kq2-...".
void
    password_generate (const uint8_t random [PASSWORD_RANDOM], char ret_text [PASSWORD_GENERATED_SIZE]);

#endif
