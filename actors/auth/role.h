//  role.h - what a user is allowed: roles, and the scopes that each stands for
#ifndef ROLE_H
#define ROLE_H

#include <zooid/record.h>

typedef enum { ROLE_ADMIN = 0, ROLE_EDITOR, ROLE_READER, ROLE_OPERATOR, ROLE_COUNT } role_t;

//  Several of them: bit n is role n.
typedef uint32_t role_set_t;

enum { ROLE_TEXT_SIZE = 64, ROLE_SCOPES_MAX = 32, ROLE_SCOPE_TEXT_SIZE = 512 };

//  Ends with NULL, as an enumeration's names do.
extern const char *const role_names [ROLE_COUNT + 1];

//  As roles are stored: names with a space between. What is no role (of a later version) is left out.
role_set_t
    role_set_read (const char *text);
void
    role_set_write (role_set_t roles, char ret_text [ROLE_TEXT_SIZE]);
//  From the indexes of a decoded list of enumerations; and back, at most ROLE_COUNT.
role_set_t
    role_set_of (zooid_list_t indexes);
size_t
    role_set_indexes (role_set_t roles, int32_t ret_indexes [ROLE_COUNT]);

//  Each scope once. `user`, which everybody who signed in has, comes first.
size_t
    role_set_scopes (role_set_t roles, const char *ret_scopes [ROLE_SCOPES_MAX]);
//  As a token carries them (RFC 8693, section 4.2): with a space between.
void
    role_set_scope_text (role_set_t roles, char ret_text [ROLE_SCOPE_TEXT_SIZE]);

#endif
