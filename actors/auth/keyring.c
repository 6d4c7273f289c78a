//  One file for all keys, because then a rename is all that it takes to go from one set to the next.
#include "keyring.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "secret.h"

const char *const keyring_file = "keys";

static const char s_algorithm [] = "ES256 ";

void
keyring_fini (keyring_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        signing_key_fini (&self->keys [i]);
    self->count = 0;
}

int
keyring_copy (keyring_t *self, const keyring_t *other)
{
    *self = (keyring_t) { 0 };
    for (size_t i = 0; i < other->count; i++) {
        int rc = signing_key_init (&self->keys [i], other->keys [i].scalar, other->keys [i].created_at);
        if (rc)
            return zooid_fault (rc < 0 ? rc : -EINVAL);
        self->count++;
    }
    return 0;
}

static void
s_drop_oldest (keyring_t *self)
{
    signing_key_fini (&self->keys [0]);
    self->count--;
    memmove (&self->keys [0], &self->keys [1], self->count * sizeof self->keys [0]);
    sodium_memzero (&self->keys [self->count], sizeof self->keys [0]);
}

//  One line, without its end.
static int
s_read_line (keyring_t *self, const char *line)
{
    if (self->count == KEYRING_MAX || strncmp (line, s_algorithm, strlen (s_algorithm)) != 0)
        return zooid_fault (-EBADMSG);
    const char *time = line + strlen (s_algorithm);
    char *end = NULL;
    int64_t created_at = strtoll (time, &end, 10);
    if (end == time || *end != ' ' || created_at < 0)
        return zooid_fault (-EBADMSG);
    const char *text = end + 1;
    uint8_t scalar [KEY_SCALAR_SIZE];
    size_t size = 0;
    int rc = -EBADMSG;
    if (sodium_base642bin (scalar, sizeof scalar, text, strlen (text), NULL, &size, NULL,
                           sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 && size == sizeof scalar) {
        rc = signing_key_init (&self->keys [self->count], scalar, created_at);
        if (rc == ZOOID_INVALID)
            rc = -EBADMSG;
    }
    sodium_memzero (scalar, sizeof scalar);
    if (rc)
        return zooid_fault (rc);
    self->count++;
    return 0;
}

int
keyring_load (keyring_t *self, const char *folder)
{
    keyring_t loaded = { 0 };
    char text [KEYRING_TEXT_MAX];
    size_t size = 0;
    int rc = secret_read (folder, keyring_file, text, sizeof text, &size);
    if (rc == ZOOID_FULL)
        rc = -EBADMSG;
    char *line = text;
    while (rc == 0 && *line) {
        char *end = strchr (line, '\n');
        if (!end) {
            rc = -EBADMSG;
            break;
        }
        *end = 0;
        rc = s_read_line (&loaded, line);
        line = end + 1;
    }
    if (rc == 0 && (loaded.count == 0 || line != text + size))
        rc = -EBADMSG;
    sodium_memzero (text, sizeof text);
    if (rc == 0) {
        keyring_fini (self);
        *self = loaded;
        sodium_memzero (&loaded, sizeof loaded);
        return 0;
    }
    keyring_fini (&loaded);
    return rc < 0 ? zooid_fault (rc) : rc;
}

void
keyring_write (const keyring_t *self, char ret_text [KEYRING_TEXT_MAX], size_t *ret_size)
{
    size_t size = 0;
    for (size_t i = 0; i < self->count; i++) {
        char scalar [KEY_TEXT_SIZE];
        sodium_bin2base64 (scalar, sizeof scalar, self->keys [i].scalar, KEY_SCALAR_SIZE,
                           sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        size += (size_t) snprintf (ret_text + size, KEYRING_TEXT_MAX - size, "%s%" PRId64 " %s\n", s_algorithm,
                                   self->keys [i].created_at, scalar);
        sodium_memzero (scalar, sizeof scalar);
    }
    *ret_size = size;
}

int
keyring_add (keyring_t *self, const uint8_t scalar [KEY_SCALAR_SIZE], int64_t wall_ms)
{
    signing_key_t key = { 0 };
    int rc = signing_key_init (&key, scalar, wall_ms);
    if (rc)
        return rc < 0 ? zooid_fault (rc) : rc;
    //  A key was retired when the one behind it was made
    while (self->count == KEYRING_MAX
       || (self->count > 1 && self->keys [1].created_at + KEYRING_OVERLAP_MS < wall_ms))
        s_drop_oldest (self);
    self->keys [self->count++] = key;
    sodium_memzero (&key, sizeof key);
    return 0;
}

const signing_key_t *
keyring_signer (const keyring_t *self)
{
    return self->count ? &self->keys [self->count - 1] : NULL;
}
