//  A key signs only once it is on the disk: otherwise a crash would leave tokens behind that nobody can verify. The
//  file is written on the pool from a copy of the keyring, which then takes the place of the one in use.
#include "rotation.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <zooid/log.h>

#include "auth.h"
#include "secret.h"

enum { LOOK_EVERY_MS = 60 * 60 * 1000 };

typedef struct {
    keyring_t keyring;
    char *folder;
} rotation_t;

static void
s_destroy (void *state)
{
    rotation_t *rotation = state;
    keyring_fini (&rotation->keyring);
    free (rotation->folder);
    free (rotation);
}

static int
s_write (const keyring_t *keyring, const char *folder)
{
    char text [KEYRING_TEXT_MAX];
    size_t size = 0;
    keyring_write (keyring, text, &size);
    int rc = secret_write (folder, keyring_file, (zooid_bytes_t) { (const uint8_t *) text, size });
    sodium_memzero (text, sizeof text);
    return zooid_fault (rc);
}

static int
s_add_key (zooid_context_t *self, keyring_t *keyring)
{
    uint8_t scalar [KEY_SCALAR_SIZE];
    int rc;
    do {
        zooid_random (self, scalar, sizeof scalar);
        rc = keyring_add (keyring, scalar, zooid_wall_ms (self));
    } while (rc == ZOOID_INVALID);
    sodium_memzero (scalar, sizeof scalar);
    return zooid_fault (rc);
}

static void
s_log_key (zooid_context_t *self, const char *event)
{
    const auth_t *auth = zooid_state (self);
    zooid_log (self, ZOOID_INFO, event, ZOOID_TEXT ("kid", keyring_signer (&auth->keyring)->kid),
               ZOOID_NUMBER ("keys", auth->keyring.count));
}

static int
s_work (void *state)
{
    const rotation_t *rotation = state;
    return s_write (&rotation->keyring, rotation->folder);
}

static int
s_worked (zooid_context_t *self, void *state, int result)
{
    auth_t *auth = zooid_state (self);
    rotation_t *rotation = state;
    if (result) {
        zooid_log (self, ZOOID_ERROR, "key_not_rotated", ZOOID_NUMBER ("error", -result));
        zooid_health (self, ZOOID_DEGRADED, "the signing key cannot be renewed");
        return 0;
    }
    keyring_t retired = auth->keyring;
    auth->keyring = rotation->keyring;
    rotation->keyring = retired;
    zooid_health (self, ZOOID_HEALTHY, "");
    s_log_key (self, "key_rotated");
    return 0;
}

static int
s_look (zooid_context_t *self, void *state)
{
    (void) state;
    const auth_t *auth = zooid_state (self);
    if (zooid_wall_ms (self) - keyring_signer (&auth->keyring)->created_at < auth->settings->key_age)
        return 0;
    rotation_t *rotation = zooid_allocate (sizeof *rotation);
    int rc = keyring_copy (&rotation->keyring, &auth->keyring);
    if (rc == 0)
        rc = s_add_key (self, &rotation->keyring);
    if (rc == 0 && zooid_folder (self)) {
        rotation->folder = zooid_duplicate (zooid_folder (self));
        rc = zooid_work (self, s_work, s_worked, rotation, s_destroy);
        if (rc == 0)
            return 0;
        if (rc == ZOOID_FULL)       //  In an hour, then
            rc = 0;
    }
    else if (rc == 0)
        rc = s_worked (self, rotation, 0);
    s_destroy (rotation);
    return zooid_fault (rc);
}

int
rotation_start (zooid_context_t *self)
{
    auth_t *auth = zooid_state (self);
    const char *folder = zooid_folder (self);
    int rc = folder ? keyring_load (&auth->keyring, folder) : ZOOID_UNKNOWN;
    if (rc == ZOOID_DENIED) {
        zooid_log (self, ZOOID_ERROR, "key_file_is_no_secret", ZOOID_TEXT ("folder", folder),
                   ZOOID_TEXT ("file", keyring_file), ZOOID_TEXT ("right", "a regular file of mode 0600"));
        return zooid_fault (-EPERM);
    }
    if (rc == -EBADMSG)
        zooid_log (self, ZOOID_ERROR, "key_file_is_broken", ZOOID_TEXT ("folder", folder),
                   ZOOID_TEXT ("file", keyring_file));
    const char *event = folder ? "keys_loaded" : "keys_in_memory";
    if (rc == ZOOID_UNKNOWN) {
        event = folder ? "key_made" : event;
        rc = s_add_key (self, &auth->keyring);
        if (rc == 0 && folder)
            rc = s_write (&auth->keyring, folder);
    }
    if (rc)
        return zooid_fault (rc);
    s_log_key (self, event);
    //  At once too: a node that is started every day would never see an hour of it
    zooid_timer_start (self, 0, LOOK_EVERY_MS, s_look, NULL, NULL, NULL);
    return 0;
}
