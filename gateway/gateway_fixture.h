//  gateway/gateway_fixture.h - for tests: a system with a small actor and the gateway, a signer, and a raw HTTP client
#ifndef GATEWAY_FIXTURE_H
#define GATEWAY_FIXTURE_H

#include <zooid/system.h>

enum { FIXTURE_TIMEOUT_MS = 5000 };

//  ---- the world

typedef struct {
    const char *settings;           //  JSON of more of the gateway's settings: "\"metrics\": \"open\""; NULL: none
    const char *listen;             //  JSON of another list of addresses; NULL: ["http://127.0.0.1:0"]
    const char *folder;             //  Of static files; NULL: `www`
    bool warns;                     //  Its warnings are logged, not its errors alone
    bool without_keys;              //  Nobody has the role identity.keys
    bool fails;                     //  It does not come to listen: there is no port to be read
} fixture_options_t;

typedef struct {
    zooid_system_t *system;
    char folder [64];               //  Of the gateway; its folder of static files is `www` in it
    uint16_t port;
} fixture_t;

void
    fixture_init (fixture_t *self, const fixture_options_t *options);
//  Drains and stops; what the drain returned.
int
    fixture_fini (fixture_t *self);
//  The sample actor publishes {title}: to sample.news.NAME, sample.secret.NAME or sample.notice.
void
    fixture_publish (fixture_t *self, const char *topic, const char *title);

//  ---- tokens

typedef struct {
    const char *header;             //  JSON; NULL: {"alg":"ES256","kid":"k1","typ":"at+jwt"}
    const char *issuer, *audience, *scope;      //  NULL: zooid, zooid, "sample:read sample:write user"
    int64_t expires_in_s;           //  0: 600
    bool by_stranger;               //  Signed by a key that is not in the set
} token_options_t;

//  Yours.
char *
    fixture_token (const token_options_t *options);
//  The key that tokens are signed with, as {keys: [...]} in msgpack.
void
    fixture_pack_keys (zooid_buffer_t *out);

//  ---- a client

typedef struct {
    int descriptor;
    zooid_buffer_t in;              //  What was received and not taken yet
} client_t;

typedef struct {
    int status;
    char *head;                     //  With its status line
    char *body;
    size_t body_size;
} answer_t;

void
    client_open (client_t *self, const fixture_t *fixture);
void
    client_close (client_t *self);
void
    client_send (client_t *self, const void *data, size_t size);
void
    client_print (client_t *self, const char *format, ...) ZOOID_PRINTF (2, 3);
//  The next answer, by its Content-Length; one to a HEAD has no body. false: the connection ended before it was whole.
bool
    client_receive (client_t *self, bool to_head, answer_t *ret_answer);
//  Was the connection closed by the other side, and nothing sent before it?
bool
    client_is_ended (client_t *self);
//  Exactly so many bytes. false: the connection ended before.
bool
    client_take (client_t *self, void *ret_data, size_t size);
void
    answer_fini (answer_t *self);
//  The value of a header, in static memory; NULL: not there.
const char *
    answer_header (const answer_t *self, const char *name);

//  One request on a connection of its own. token NULL: none. body NULL: none. Returns the status.
int
    fixture_request (const fixture_t *fixture, const char *method, const char *path, const char *token, const char *body,
                     answer_t *ret_answer);

#endif
