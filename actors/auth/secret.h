//  secret.h - a file that only its owner reads: key material, a password to be picked up
//
//  A secret is in memory in the open only as long as it is used: what held one is wiped with sodium_memzero.
#ifndef SECRET_H
#define SECRET_H

#include <zooid/bytes.h>

//  Make FOLDER/NAME, mode 0600, hold exactly `data`: as a whole or not at all, and on the disk when this returns.
int
    secret_write (const char *folder, const char *name, zooid_bytes_t data);
//  Read FOLDER/NAME into `ret_text`, with a NUL behind it. ZOOID_UNKNOWN: no such file. ZOOID_DENIED: others than its
//  owner may read it, so that it is no secret. ZOOID_FULL: it has `capacity` bytes or more.
int
    secret_read (const char *folder, const char *name, char *ret_text, size_t capacity, size_t *ret_size);
//  One that is not there is no mistake.
int
    secret_remove (const char *folder, const char *name);

#endif
