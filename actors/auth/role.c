//  The table is all there is: a role is a row, a scope is a word in it. Sizes in role.h are checked by the test against
//  all roles at once.
#include "role.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

const char *const role_names [ROLE_COUNT + 1] = {
    [ROLE_ADMIN] = "admin", [ROLE_EDITOR] = "editor", [ROLE_READER] = "reader", [ROLE_OPERATOR] = "operator",
};

static const char *const s_scopes [ROLE_COUNT] [10] = {
    [ROLE_ADMIN]    = { "*" },
    [ROLE_READER]   = { "iot:read", "analytics:read" },
    [ROLE_OPERATOR] = { "iot:read", "analytics:read", "iot:ingest", "system:read", "metrics:read" },
    [ROLE_EDITOR]   = { "iot:read", "analytics:read", "content:read", "content:write" },
};

role_set_t
role_set_read (const char *text)
{
    role_set_t roles = 0;
    while (*text) {
        size_t length = strcspn (text, " ");
        for (size_t i = 0; i < ROLE_COUNT; i++)
            if (strlen (role_names [i]) == length && strncmp (role_names [i], text, length) == 0)
                roles |= 1u << i;
        text += length;
        text += strspn (text, " ");
    }
    return roles;
}

static void
s_append (char *text, size_t capacity, const char *word)
{
    size_t used = strlen (text);
    int length = snprintf (text + used, capacity - used, "%s%s", used? " ": "", word);
    assert (length > 0 && (size_t) length < capacity - used);
}

void
role_set_write (role_set_t roles, char ret_text [ROLE_TEXT_SIZE])
{
    *ret_text = 0;
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if (roles & 1u << i)
            s_append (ret_text, ROLE_TEXT_SIZE, role_names [i]);
}

role_set_t
role_set_of (zooid_list_t indexes)
{
    role_set_t roles = 0;
    for (size_t i = 0; i < indexes.count; i++)
        roles |= 1u << ((const int32_t *) indexes.items) [i];
    return roles;
}

size_t
role_set_indexes (role_set_t roles, int32_t ret_indexes [ROLE_COUNT])
{
    size_t count = 0;
    for (int32_t i = 0; i < ROLE_COUNT; i++)
        if (roles & 1u << i)
            ret_indexes [count++] = i;
    return count;
}

static bool
s_is_among (const char *const *scopes, size_t count, const char *scope)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp (scopes [i], scope) == 0)
            return true;
    return false;
}

size_t
role_set_scopes (role_set_t roles, const char *ret_scopes [ROLE_SCOPES_MAX])
{
    size_t count = 0;
    ret_scopes [count++] = "user";
    for (size_t i = 0; i < ROLE_COUNT; i++)
        for (size_t j = 0; roles & 1u << i && j < ZOOID_COUNT (s_scopes [i]) && s_scopes [i] [j]; j++)
            if (!s_is_among (ret_scopes, count, s_scopes [i] [j])) {
                assert (count < ROLE_SCOPES_MAX);
                ret_scopes [count++] = s_scopes [i] [j];
            }
    return count;
}

void
role_set_scope_text (role_set_t roles, char ret_text [ROLE_SCOPE_TEXT_SIZE])
{
    const char *scopes [ROLE_SCOPES_MAX];
    size_t count = role_set_scopes (roles, scopes);
    *ret_text = 0;
    for (size_t i = 0; i < count; i++)
        s_append (ret_text, ROLE_SCOPE_TEXT_SIZE, scopes [i]);
}
