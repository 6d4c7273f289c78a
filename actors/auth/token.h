//  token.h - an access token: a JWT (RFC 7519, 9068), signed with ES256, that anybody with the public key can verify
#ifndef TOKEN_H
#define TOKEN_H

#include "key.h"

enum { TOKEN_LIFETIME_MS = 10 * 60 * 1000 };

typedef struct {
    const char *issuer;
    const char *audience;
    const char *subject;        //  The user's id
    const char *username;
    const char *scope;          //  With a space between
    const char *id;             //  Of the token
    int64_t issued_at_ms;
} token_claims_t;

//  Append the compact form (RFC 7515, section 3.1).
int
    token_write (const token_claims_t *claims, const signing_key_t *key, zooid_buffer_t *out);

#endif
