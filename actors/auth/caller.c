#include "caller.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zooid/directory.h>

typedef struct {
    const char *operation, *subject;
    zooid_any_t arguments;
    zooid_list_t scopes;
    int64_t lifetime;       //  Of the principal
} call_t;

static const zooid_field_t s_call_fields [] = {
    ZOOID_STRING (call_t, operation),
    ZOOID_STRING (call_t, subject),
    ZOOID_ANY (call_t, arguments),
    ZOOID_INTEGER (call_t, lifetime, .unit = "ms"),
    ZOOID_LIST (call_t, scopes, .of = ZOOID_ITEM (ZOOID_TYPE_STRING, const char *)),
};
static const zooid_record_t s_call = ZOOID_RECORD ("call", call_t, s_call_fields);

typedef struct {
    const char *failure, *detail;
    zooid_any_t result;
} answer_t;

static const zooid_field_t s_answer_fields [] = {
    ZOOID_STRING (answer_t, failure),
    ZOOID_STRING (answer_t, detail),
    ZOOID_ANY (answer_t, result),
};
static const zooid_record_t s_answer = ZOOID_RECORD ("answer", answer_t, s_answer_fields);

typedef struct { zooid_request_t *request; } asked_t;

static void
s_asked_destroy (void *state)
{
    asked_t *asked = state;
    zooid_request_destroy (&asked->request);
    free (asked);
}

static int
s_answered (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    asked_t *asked = state;
    answer_t answer = { .failure = "", .detail = "" };
    if (outcome->failure)
        answer = (answer_t) { .failure = outcome->failure, .detail = outcome->detail };
    else
        answer.result.msgpack = outcome->payload;
    return zooid_request_reply (self, &asked->request, &s_answer, &answer);
}

static int
s_on_call (zooid_context_t *self, const void *arguments)
{
    const call_t *call = arguments;
    ZOOID_CLEANUP (zooid_principal_destroy) zooid_principal_t *principal = NULL;
    zooid_principal_new (&principal, call->subject, call->scopes.items, call->scopes.count,
                         zooid_wall_ms (self) + call->lifetime);
    asked_t *asked = zooid_allocate (sizeof *asked);
    asked->request = zooid_request_take (self);
    int rc = zooid_ask (self, &(zooid_call_t) {
        .operation = call->operation, .payload = call->arguments.msgpack, .principal = principal, .deadline_ms = 30000,
        .then = s_answered, .state = asked, .destroy = s_asked_destroy });
    if (rc)
        s_asked_destroy (asked);
    return rc;
}

//  ---- burst

typedef struct { int64_t count; } burst_t;
static const zooid_field_t s_burst_fields [] = { ZOOID_INTEGER (burst_t, count) };
static const zooid_record_t s_burst = ZOOID_RECORD ("burst", burst_t, s_burst_fields);

typedef struct { int64_t wrong, overloaded, other; } tally_t;
static const zooid_field_t s_tally_fields [] = {
    ZOOID_INTEGER (tally_t, wrong), ZOOID_INTEGER (tally_t, overloaded), ZOOID_INTEGER (tally_t, other),
};
static const zooid_record_t s_tally = ZOOID_RECORD ("tally", tally_t, s_tally_fields);

typedef struct { const char *username, *password; } credentials_t;
static const zooid_field_t s_credentials_fields [] = {
    ZOOID_STRING (credentials_t, username), ZOOID_STRING (credentials_t, password),
};
static const zooid_record_t s_credentials = ZOOID_RECORD ("credentials", credentials_t, s_credentials_fields);

typedef struct {
    zooid_request_t *request;
    int64_t open;
    tally_t tally;
} caller_t;

static int
s_counted (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    (void) state;
    caller_t *caller = zooid_state (self);
    const char *failure = outcome->failure ? outcome->failure : "";
    if (strcmp (failure, "bad_credentials") == 0)
        caller->tally.wrong++;
    else if (strcmp (failure, "overloaded") == 0)
        caller->tally.overloaded++;
    else
        caller->tally.other++;
    return --caller->open ? 0 : zooid_request_reply (self, &caller->request, &s_tally, &caller->tally);
}

static int
s_on_burst (zooid_context_t *self, const void *arguments)
{
    const burst_t *burst = arguments;
    caller_t *caller = zooid_state (self);
    *caller = (caller_t) { .request = zooid_request_take (self), .open = burst->count };
    for (int64_t i = 0; i < burst->count; i++) {
        char username [32];
        snprintf (username, sizeof username, "nobody%d", (int) i);
        int rc = zooid_ask (self, &(zooid_call_t) {
            .operation = "auth.login", .takes = &s_credentials, .deadline_ms = 50000, .then = s_counted,
            .arguments = &(credentials_t) { .username = username, .password = "a wrong password" } });
        if (rc)
            return rc < 0 ? rc : -1;
    }
    return 0;
}

//  ---- figure

typedef struct { const char *actor, *name; } figure_query_t;
static const zooid_field_t s_figure_query_fields [] = {
    ZOOID_STRING (figure_query_t, actor), ZOOID_STRING (figure_query_t, name),
};
static const zooid_record_t s_figure_query = ZOOID_RECORD ("figure_query", figure_query_t, s_figure_query_fields);

typedef struct { double value; } figure_t;
static const zooid_field_t s_figure_fields [] = { ZOOID_REAL (figure_t, value) };
static const zooid_record_t s_figure = ZOOID_RECORD ("figure", figure_t, s_figure_fields);

typedef struct {
    zooid_request_t *request;
    char actor [64], name [64];
} seek_t;

static void
s_seek_destroy (void *state)
{
    seek_t *seek = state;
    zooid_request_destroy (&seek->request);
    free (seek);
}

static int
s_figures (zooid_context_t *self, void *state, const zooid_actor_figures_t *actors, size_t count)
{
    seek_t *seek = state;
    figure_t found = { 0 };
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; strcmp (actors [i].actor, seek->actor) == 0 && j < actors [i].figure_count; j++)
            if (strcmp (actors [i].figures [j].name, seek->name) == 0)
                found.value = actors [i].figures [j].value;
    return zooid_request_reply (self, &seek->request, &s_figure, &found);
}

static int
s_on_figure (zooid_context_t *self, const void *arguments)
{
    const figure_query_t *query = arguments;
    seek_t *seek = zooid_allocate (sizeof *seek);
    seek->request = zooid_request_take (self);
    snprintf (seek->actor, sizeof seek->actor, "%s", query->actor);
    snprintf (seek->name, sizeof seek->name, "%s", query->name);
    int rc = zooid_figures (self, 10000, s_figures, seek, s_seek_destroy);
    if (rc)
        s_seek_destroy (seek);
    return rc;
}

static void
s_stop (zooid_context_t *self)
{
    caller_t *caller = zooid_state (self);
    zooid_request_destroy (&caller->request);
}

static const zooid_operation_t s_operations [] = {
    { .name = "caller.call", .kind = ZOOID_COMMAND, .takes = &s_call, .gives = &s_answer, .scope = "public",
      .deadline_ms = 60000, .handler = s_on_call, .doc = "Ask on behalf of somebody" },
    { .name = "caller.burst", .kind = ZOOID_COMMAND, .takes = &s_burst, .gives = &s_tally, .scope = "public",
      .deadline_ms = 60000, .handler = s_on_burst, .doc = "Sign in very often at once" },
    { .name = "caller.figure", .kind = ZOOID_QUERY, .takes = &s_figure_query, .gives = &s_figure, .scope = "public",
      .deadline_ms = 20000, .handler = s_on_figure, .doc = "Read one number of one actor" },
};
static const zooid_contract_t s_contract = { .name = "caller", ZOOID_OPERATIONS (s_operations),
                                             .doc = "Asks for a test" };

const zooid_module_t caller_module = {
    ZOOID_MODULE_HEADER, .name = "caller", .version = "1.0.0", .doc = "Asks for a test", .contract = &s_contract,
    .state_size = sizeof (caller_t), .stop = s_stop,
};
