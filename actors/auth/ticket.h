//  ticket.h - tickets: what a browser, which can put no header on a WebSocket, shows instead of its token
//
//  256 bits of chance, good once, for 30 s, for one user and from one origin. Kept as hashes, in memory alone: a
//  restart forgets them, and a browser that is refused fetches another.
#ifndef TICKET_H
#define TICKET_H

#include <zooid/message.h>

enum {
    TICKET_LIFETIME_MS = 30000,
    TICKET_RANDOM = 32,
    TICKET_SIZE = 44,               //  Its text in base64url, and a NUL
    TICKET_HASH_SIZE = 32,
    TICKET_MAX = 1024,              //  At once
    TICKET_USER_MAX = 16,           //  Of one user; then its oldest goes
};

typedef struct {
    zooid_principal_t *principal;   //  NULL: a free place
    int64_t ends_ms;                //  Monotonic
    uint8_t hash [TICKET_HASH_SIZE];
    uint8_t origin [TICKET_HASH_SIZE];
} ticket_t;

//  Embedded in the actor's state; { 0 } is an empty one.
typedef struct {
    ticket_t tickets [TICKET_MAX];
} ticket_box_t;

void
    ticket_box_fini (ticket_box_t *self);
//  origin NULL: the caller sent none. ZOOID_FULL: TICKET_MAX are out.
ZOOID_MUST_USE int
    ticket_issue (ticket_box_t *self, const zooid_principal_t *principal, const char *origin,
                  const uint8_t random [TICKET_RANDOM], int64_t monotonic_ms, char ret_text [TICKET_SIZE]);
//  0: *ret_principal is yours. ZOOID_DENIED: not a ticket, used, too old, or shown from elsewhere; nobody learns which.
//  Whatever comes back, the ticket has ended.
ZOOID_MUST_USE int
    ticket_redeem (ticket_box_t *self, const char *text, const char *origin, int64_t monotonic_ms,
                   zooid_principal_t **ret_principal);
//  End all of a subject. Returns how many there were.
size_t
    ticket_revoke (ticket_box_t *self, const char *subject);
size_t
    ticket_box_count (const ticket_box_t *self, int64_t monotonic_ms);

#endif
