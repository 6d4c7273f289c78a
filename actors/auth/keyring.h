//  keyring.h - the key that signs, and those before it, whose tokens are still about
//
//  Kept in one file, FOLDER/keys, mode 0600, a line a key, the one that signs last:
//
//      ES256 1795360000000 jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI
//
//  algorithm, when it was made (ms UTC), private scalar in base64url. What is public follows from it.
#ifndef KEYRING_H
#define KEYRING_H

#include "key.h"

enum {
    KEYRING_MAX = 4,
    KEYRING_TEXT_MAX = KEYRING_MAX * 80,
    KEYRING_OVERLAP_MS = 60 * 60 * 1000,    //  A key verifies so long after the next one signs; tokens live 10 minutes
};

typedef struct {
    signing_key_t keys [KEYRING_MAX];       //  In the order of their making
    size_t count;
} keyring_t;

void
    keyring_fini (keyring_t *self);
int
    keyring_copy (keyring_t *self, const keyring_t *other);
//  0: at least one key. ZOOID_UNKNOWN, ZOOID_DENIED: as secret_read. -EBADMSG: not such a file.
int
    keyring_load (keyring_t *self, const char *folder);
//  The file's text, to be written by secret_write and then wiped. [any]
void
    keyring_write (const keyring_t *self, char ret_text [KEYRING_TEXT_MAX], size_t *ret_size);
extern const char *const keyring_file;

//  Another key, which signs from then on; those whose overlap is over go, and the oldest when there is no room.
//  ZOOID_INVALID: as signing_key_init; nothing has changed.
int
    keyring_add (keyring_t *self, const uint8_t scalar [KEY_SCALAR_SIZE], int64_t wall_ms);
//  The key that signs; NULL: there is none.
const signing_key_t *
    keyring_signer (const keyring_t *self);

#endif
