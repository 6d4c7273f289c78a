//  A table of fixed size that is looked through as a whole, in the same time wherever a ticket lies: at 1,024 rows of
//  80 bytes that is cheaper than anything with structure is worth. An origin, of any length, is kept as its hash too.
#include "ticket.h"

#include <sodium.h>
#include <string.h>

void
ticket_box_fini (ticket_box_t *self)
{
    for (size_t i = 0; i < TICKET_MAX; i++)
        zooid_principal_destroy (&self->tickets [i].principal);
    sodium_memzero (self, sizeof *self);
}

static void
s_end (ticket_t *ticket)
{
    zooid_principal_destroy (&ticket->principal);
    sodium_memzero (ticket, sizeof *ticket);
}

//  No origin and an empty one are different things: a first byte says which.
static void
s_hash (const char *text, uint8_t ret_hash [TICKET_HASH_SIZE])
{
    crypto_generichash_state state;
    crypto_generichash_init (&state, NULL, 0, TICKET_HASH_SIZE);
    const unsigned char is_there = text != NULL;
    crypto_generichash_update (&state, &is_there, 1);
    if (text)
        crypto_generichash_update (&state, (const unsigned char *) text, strlen (text));
    crypto_generichash_final (&state, ret_hash, TICKET_HASH_SIZE);
}

//  A place for one more of the subject. Tickets that are too old end on the way.
static ticket_t *
s_place (ticket_box_t *self, const char *subject, int64_t now_ms)
{
    ticket_t *place = NULL, *oldest = NULL;
    size_t own = 0;
    for (size_t i = 0; i < TICKET_MAX; i++) {
        ticket_t *ticket = &self->tickets [i];
        if (ticket->principal && ticket->ends_ms <= now_ms)
            s_end (ticket);
        if (!ticket->principal)
            place = place ? place : ticket;
        else if (strcmp (zooid_principal_subject (ticket->principal), subject) == 0) {
            own++;
            if (!oldest || ticket->ends_ms < oldest->ends_ms)
                oldest = ticket;
        }
    }
    if (own < TICKET_USER_MAX)
        return place;
    s_end (oldest);
    return oldest;
}

int
ticket_issue (ticket_box_t *self, const zooid_principal_t *principal, const char *origin,
              const uint8_t random [TICKET_RANDOM], int64_t now_ms, char ret_text [TICKET_SIZE])
{
    ticket_t *ticket = s_place (self, zooid_principal_subject (principal), now_ms);
    if (!ticket)
        return ZOOID_FULL;
    sodium_bin2base64 (ret_text, TICKET_SIZE, random, TICKET_RANDOM, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    ticket->principal = zooid_principal_keep (principal);
    ticket->ends_ms = now_ms + TICKET_LIFETIME_MS;
    s_hash (ret_text, ticket->hash);
    s_hash (origin, ticket->origin);
    return 0;
}

int
ticket_redeem (ticket_box_t *self, const char *text, const char *origin, int64_t now_ms,
               zooid_principal_t **ret_principal)
{
    uint8_t hash [TICKET_HASH_SIZE], origin_hash [TICKET_HASH_SIZE];
    s_hash (text, hash);
    s_hash (origin, origin_hash);
    ticket_t *found = NULL;
    for (size_t i = 0; i < TICKET_MAX; i++)
        if (sodium_memcmp (self->tickets [i].hash, hash, sizeof hash) == 0)
            found = &self->tickets [i];
    if (!found || !found->principal)
        return ZOOID_DENIED;
    int rc = ZOOID_DENIED;
    if (now_ms < found->ends_ms && sodium_memcmp (found->origin, origin_hash, sizeof origin_hash) == 0) {
        *ret_principal = zooid_principal_keep (found->principal);
        rc = 0;
    }
    s_end (found);
    return rc;
}

size_t
ticket_revoke (ticket_box_t *self, const char *subject)
{
    size_t count = 0;
    for (size_t i = 0; i < TICKET_MAX; i++) {
        ticket_t *ticket = &self->tickets [i];
        if (ticket->principal && strcmp (zooid_principal_subject (ticket->principal), subject) == 0) {
            s_end (ticket);
            count++;
        }
    }
    return count;
}

size_t
ticket_box_count (const ticket_box_t *self, int64_t now_ms)
{
    size_t count = 0;
    for (size_t i = 0; i < TICKET_MAX; i++)
        count += self->tickets [i].principal && now_ms < self->tickets [i].ends_ms;
    return count;
}
