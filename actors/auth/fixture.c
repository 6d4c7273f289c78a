//  Nothing is simulated: the store is SQLite in a folder of its own, and hashes take as long as they do. What asks is
//  an actor, since only an actor can name whom it asks for.
#include "fixture.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "caller.h"

extern const zooid_module_t zooid_module_auth;

enum { LIFETIME_MS = 600000 };      //  Of a token, where a test does not say

const char *const fixture_plain =
    "zooid: 1\nnodes:\n  local: { actors: [auth, caller] }\nactors:\n  auth: {}\n  caller: { sets_principal: true }\n";
const char *const fixture_seed =
    "zooid: 1\nnodes:\n  local: { actors: [auth, caller] }\nactors:\n  auth: { seed: true }\n"
    "  caller: { sets_principal: true }\n";

void
fixture_start (fixture_t *self, const char *topology)
{
    static const zooid_module_t *const modules [] = { &zooid_module_auth, &caller_module };
    int rc = zooid_node_new (&self->node, &(zooid_node_options_t) {
        .topology = topology, .data = self->folder, .modules = modules, .module_count = 2 });
    if (rc == 0)
        rc = zooid_node_start (self->node);
    if (rc)
        fail_msg ("the node does not start (%d): %s", rc, zooid_node_errors (self->node));
}

void
fixture_stop (fixture_t *self)
{
    if (self->node)
        assert_int_equal (zooid_node_stop (self->node, 10000), 0);
    zooid_node_destroy (&self->node);
}

int
fixture_set_up (void **state)
{
    fixture_t *fixture = zooid_allocate (sizeof *fixture);
    snprintf (fixture->folder, sizeof fixture->folder, "%s/auth-XXXXXX", P_tmpdir);
    *state = fixture;
    //  The first password is shown on a terminal where there is one, and the tests read it from its file
    if (isatty (STDERR_FILENO) && !freopen ("/dev/null", "w", stderr))
        return -1;
    unsetenv ("ZOOID_ADMIN_PASSWORD");
    unsetenv ("ZOOID_ADMIN_PASSWORD_FILE");
    return mkdtemp (fixture->folder) ? 0 : -1;
}

static int
s_remove (const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void) status, (void) kind, (void) walk;
    return remove (path);
}

int
fixture_tear_down (void **state)
{
    fixture_t *fixture = *state;
    zooid_node_destroy (&fixture->node);
    int rc = nftw (fixture->folder, s_remove, 16, FTW_DEPTH | FTW_PHYS);
    free (fixture);
    return rc;
}

json_t *
fixture_call_until (const fixture_t *self, const char *subject, const char *scopes, int lifetime_ms,
                    const char *operation, json_t *arguments)
{
    json_t *list = json_array ();
    char text [256];
    snprintf (text, sizeof text, "%s", scopes);
    for (char *scope = strtok (text, " "); scope; scope = strtok (NULL, " "))
        json_array_append_new (list, json_string (scope));
    json_t *call = json_pack ("{s:s, s:s, s:o, s:i, s:o}", "operation", operation, "subject", subject, "scopes", list,
                              "lifetime", lifetime_ms, "arguments", arguments ? arguments : json_object ());
    char *request = json_dumps (call, 0), *reply = NULL;
    json_decref (call);
    int rc = zooid_node_ask (self->node, "caller.call", request, 50000, &reply);
    if (rc)
        fail_msg ("%s: %d %s", request, rc, reply? reply: "");
    free (request);
    json_t *answer = json_loads (reply, 0, NULL);
    assert_non_null (answer);
    free (reply);
    return answer;
}

json_t *
fixture_call (const fixture_t *self, const char *subject, const char *scopes, const char *operation,
              json_t *arguments)
{
    return fixture_call_until (self, subject, scopes, LIFETIME_MS, operation, arguments);
}

const char *
fixture_text (const json_t *value, const char *name)
{
    const char *text = json_string_value (json_object_get (value, name));
    if (!text)
        fail_msg ("no text %s", name);
    return text;
}

json_t *
fixture_result (const fixture_t *self, const char *subject, const char *scopes, const char *operation,
                json_t *arguments)
{
    json_t *answer = fixture_call (self, subject, scopes, operation, arguments);
    if (*fixture_text (answer, "failure"))
        fail_msg ("%s: %s: %s", operation, fixture_text (answer, "failure"), fixture_text (answer, "detail"));
    json_t *result = json_incref (json_object_get (answer, "result"));
    json_decref (answer);
    return result;
}

void
fixture_assert_fails (const fixture_t *self, const char *subject, const char *scopes, const char *operation,
                json_t *arguments, const char *failure)
{
    json_t *answer = fixture_call (self, subject, scopes, operation, arguments);
    assert_string_equal (fixture_text (answer, "failure"), failure);
    json_decref (answer);
}

json_t *
fixture_sign_in (const fixture_t *self, const char *username, const char *password)
{
    return fixture_call (self, "nobody:test", "", "auth.login",
                         json_pack ("{s:s, s:s}", "username", username, "password", password));
}

json_t *
fixture_login (const fixture_t *self, const char *username, const char *password)
{
    json_t *answer = fixture_sign_in (self, username, password);
    assert_string_equal (fixture_text (answer, "failure"), "");
    const json_t *result = json_object_get (answer, "result");
    assert_string_equal (fixture_text (result, "token_type"), "Bearer");
    assert_int_equal (json_integer_value (json_object_get (result, "expires_in")), 600);
    const char *claims = strchr (fixture_text (result, "access_token"), '.') + 1;
    uint8_t text [2048];
    size_t size = 0;
    assert_int_equal (sodium_base642bin (text, sizeof text, claims, strcspn (claims, "."), NULL, &size, NULL,
                                         sodium_base64_VARIANT_URLSAFE_NO_PADDING), 0);
    json_t *payload = json_loadb ((const char *) text, size, 0, NULL);
    assert_non_null (payload);
    json_decref (answer);
    return payload;
}

void
fixture_assert_login (const fixture_t *self, const char *username, const char *password)
{
    json_decref (fixture_login (self, username, password));
}

void
fixture_assert_no_login (const fixture_t *self, const char *username, const char *password)
{
    json_t *answer = fixture_sign_in (self, username, password);
    assert_string_equal (fixture_text (answer, "failure"), "bad_credentials");
    json_decref (answer);
}

void
fixture_subject (const fixture_t *self, const char *username, const char *password, char ret_subject [64])
{
    json_t *claims = fixture_login (self, username, password);
    snprintf (ret_subject, 64, "user:%s", fixture_text (claims, "sub"));
    json_decref (claims);
}

int
fixture_figure (const fixture_t *self, const char *name)
{
    char query [128], *reply = NULL;
    snprintf (query, sizeof query, "{\"actor\": \"auth\", \"name\": \"%s\"}", name);
    assert_int_equal (zooid_node_ask (self->node, "caller.figure", query, 20000, &reply), 0);
    json_t *figure = json_loads (reply, 0, NULL);
    int value = (int) json_number_value (json_object_get (figure, "value"));
    json_decref (figure);
    free (reply);
    return value;
}
