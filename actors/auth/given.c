//  given.c - read by `check`, so that a node does not begin with a password that it would have to refuse, and again by
//  the start, which is later: a file must be one that can be read twice.
#include "given.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char s_variable [] = "ZOOID_ADMIN_PASSWORD", s_variable_of_file [] = "ZOOID_ADMIN_PASSWORD_FILE";

enum { LINE_SIZE = PASSWORD_SIZE + 2 };

//  The first line. NULL, or what is wrong with the file.
static const char *
s_read_line (const char *path, char ret_line [LINE_SIZE])
{
    struct stat status;
    int file = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const char *wrong = NULL;
    ssize_t size = 0;
    if (file < 0 || fstat (file, &status))
        wrong = strerror (errno);
    else if (!S_ISREG (status.st_mode))
        wrong = "No regular file";
    else if ((size = read (file, ret_line, LINE_SIZE - 1)) < 0)
        wrong = strerror (errno);
    if (file >= 0)
        close (file);
    ret_line [wrong ? 0 : size] = 0;
    ret_line [strcspn (ret_line, "\r\n")] = 0;
    return wrong;
}

int
given_password (char ret_password [PASSWORD_SIZE], zooid_arena_t *arena, const char **ret_why)
{
    const char *text = getenv (s_variable), *path = getenv (s_variable_of_file);
    const char *named = text ? s_variable : s_variable_of_file;
    char line [LINE_SIZE];
    if (!text && !path)
        return ZOOID_UNKNOWN;
    const char *wrong = text ? NULL : s_read_line (path, line);
    if (wrong) {
        *ret_why = zooid_arena_format (arena, "%s names %s: %s; name a file that this user can read, the password its "
                                       "first line", named, path, wrong);
        return ZOOID_INVALID;
    }
    text = text ? text : line;
    int rc = 0;
    if (strlen (text) >= PASSWORD_SIZE || !password_is_acceptable (text)) {
        *ret_why = zooid_arena_format (arena, "%s has a password of admin that is too %s; give it %d to %d characters", named,
                                       strlen (text) < PASSWORD_MAX ? "short" : "long", PASSWORD_MIN, PASSWORD_MAX);
        rc = ZOOID_INVALID;
    }
    else
        memcpy (ret_password, text, strlen (text) + 1);
    sodium_memzero (line, sizeof line);
    return rc;
}
