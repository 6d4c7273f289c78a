//  given.h - the password of admin that the environment names
#ifndef GIVEN_H
#define GIVEN_H

#include "password.h"

//  ZOOID_ADMIN_PASSWORD, else the first line of the file that ZOOID_ADMIN_PASSWORD_FILE names. ZOOID_UNKNOWN: neither is
//  set. ZOOID_INVALID: *ret_why, in the arena, says what is wrong and what would be right, with not a byte of it.
int
    given_password (char ret_password [PASSWORD_SIZE], zooid_arena_t *arena, const char **ret_why);

#endif
