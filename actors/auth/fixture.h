//  fixture.h - auth as its users meet it, for tests: a node with a store, asked by an actor that names any principal
//
//  What fails fails the test: nothing here has a result that is to be looked at.
#ifndef FIXTURE_H
#define FIXTURE_H

#include <jansson.h>
#include <zooid/node.h>

typedef struct {
    char folder [64];       //  Of the node's data; the node is `local`
    zooid_node_t *node;
} fixture_t;

//  Topologies: auth and the caller, without and with the users of development.
extern const char *const fixture_plain;
extern const char *const fixture_seed;

//  For cmocka: *state is the fixture.
int
    fixture_set_up (void **state);
int
    fixture_tear_down (void **state);
void
    fixture_start (fixture_t *self, const char *topology);
void
    fixture_stop (fixture_t *self);

//  Ask on behalf of `subject`, whose token ends in so long. The answer {failure, detail, result} is yours. Takes the
//  arguments (NULL: none).
json_t *
    fixture_call_until (const fixture_t *self, const char *subject, const char *scopes, int lifetime_ms,
                        const char *operation, json_t *arguments);
json_t *
    fixture_call (const fixture_t *self, const char *subject, const char *scopes, const char *operation,
                  json_t *arguments);
//  The result of a call that succeeds; yours.
json_t *
    fixture_result (const fixture_t *self, const char *subject, const char *scopes, const char *operation,
                    json_t *arguments);
void
    fixture_assert_fails (const fixture_t *self, const char *subject, const char *scopes, const char *operation,
                          json_t *arguments, const char *failure);
//  A text member that must be there.
const char *
    fixture_text (const json_t *value, const char *name);

//  Sign in: the answer, as of fixture_call.
json_t *
    fixture_sign_in (const fixture_t *self, const char *username, const char *password);
//  The claims of the token that a sign-in gives; yours.
json_t *
    fixture_login (const fixture_t *self, const char *username, const char *password);
void
    fixture_assert_login (const fixture_t *self, const char *username, const char *password);
void
    fixture_assert_no_login (const fixture_t *self, const char *username, const char *password);
//  "user:ID" of somebody who can sign in.
void
    fixture_subject (const fixture_t *self, const char *username, const char *password, char ret_subject [64]);
//  A number of auth's own in /metrics.
int
    fixture_figure (const fixture_t *self, const char *name);

#endif
