//  Everybody who gets here proved by other means that they may do everything: they hold the node in their own process, or
//  could open a socket that only the node's user can. So the principal has all scopes; its subject says how it came.
#include "question.h"
#include "nearest.h"

#include <stdlib.h>
#include <string.h>
#include <zooid/directory.h>

typedef struct {
    const zooid_operation_t *operation;
    question_fn *done;
    void *state;
    zooid_destroy_fn *destroy;
} question_t;

static void
s_question_destroy (void *state)
{
    question_t *self = state;
    if (self->destroy)
        self->destroy (self->state);
    free (self);
}

static void
s_question_cleanup (question_t **self_p)
{
    if (*self_p)
        s_question_destroy (*self_p);
    *self_p = NULL;
}

static int
s_refuse (zooid_context_t *self, question_t *question, const char *failure, const char *detail, const char *errors)
{
    return question->done (self, question->state,
                           &(answer_t) { .failure = failure, .detail = detail, .errors = errors, .reply = "null" });
}

static int
s_refuse_unknown (zooid_context_t *self, question_t *question, const char *operation)
{
    const zooid_offer_t *offers = NULL;
    size_t count = zooid_directory (self, &offers);
    nearest_t nearest;
    nearest_init (&nearest, operation);
    for (size_t i = 0; i < count; i++) {
        const zooid_contract_t *contract = offers [i].module->contract;
        for (size_t k = 0; contract && k < contract->operation_count; k++)
            nearest_offer (&nearest,
                           zooid_operation_name (offers [i].actor, &contract->operations [k], zooid_arena (self)));
    }
    const char *best = nearest_name (&nearest);
    const char *detail = best ? zooid_arena_format (zooid_arena (self),
                                                    "there is no operation `%s`; did you mean `%s`?", operation, best)
                              : zooid_arena_format (zooid_arena (self),
                                                    "there is no operation `%s`; `system.actors` shows who is there",
                                                    operation);
    return s_refuse (self, question, "unknown_operation", detail, "[]");
}

static void
s_write_violations (const zooid_violations_t *violations, zooid_buffer_t *out)
{
    zooid_buffer_text (out, "[");
    for (size_t i = 0; i < violations->count; i++) {
        const zooid_violation_t *violation = &violations->items [i];
        zooid_buffer_text (out, i ? ",{\"pointer\":" : "{\"pointer\":");
        zooid_json_quote (violation->pointer, strlen (violation->pointer), out);
        zooid_buffer_text (out, ",\"code\":");
        zooid_json_quote (violation->code, strlen (violation->code), out);
        zooid_buffer_text (out, ",\"detail\":");
        zooid_json_quote (violation->detail, strlen (violation->detail), out);
        zooid_buffer_text (out, "}");
    }
    zooid_buffer_text (out, "]");
}

static int
s_answer (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    question_t *question = state;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t text = { 0 };
    if (outcome->failure) {
        if (outcome->payload.size == 0 || zooid_json_write (NULL, outcome->payload, &text) || text.data [0] != '[') {
            zooid_buffer_clear (&text);
            zooid_buffer_text (&text, "[]");
        }
        return s_refuse (self, question, outcome->failure, outcome->detail, zooid_buffer_string (&text));
    }
    if (outcome->payload.size && zooid_json_write (question->operation->gives, outcome->payload, &text))
        return s_refuse (self, question, "internal", "the reply breaks its own record", "[]");
    if (text.size == 0)
        zooid_buffer_text (&text, "null");
    return question->done (self, question->state,
                           &(answer_t) { .detail = "", .errors = "[]", .reply = zooid_buffer_string (&text) });
}

int
question_ask (zooid_context_t *self, const char *operation, const char *json, size_t size, int64_t deadline_ms,
              question_fn *done, void *state, zooid_destroy_fn *destroy)
{
    static const zooid_record_t nothing = { .name = "nothing", .size = 1 };
    ZOOID_CLEANUP (s_question_cleanup) question_t *question = zooid_allocate (sizeof *question);
    *question = (question_t) { .done = done, .state = state, .destroy = destroy };
    zooid_ref_t to;
    if (zooid_directory_operation (self, operation, &to, &question->operation))
        return s_refuse_unknown (self, question, operation);
    const zooid_record_t *takes = question->operation->takes ? question->operation->takes : &nothing;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t payload = { 0 };
    zooid_violations_t violations = { 0 };
    if (zooid_json_read (takes, json, size, ZOOID_UNKNOWN_REFUSED, zooid_arena (self), &payload, &violations)) {
        ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t errors = { 0 };
        s_write_violations (&violations, &errors);
        bool syntax = violations.count && strcmp (violations.items [0].code, "syntax") == 0;
        return s_refuse (self, question, syntax ? "malformed" : "invalid",
                         syntax ? violations.items [0].detail : "the arguments break the rules of the operation",
                         zooid_buffer_string (&errors));
    }
    ZOOID_CLEANUP (zooid_principal_destroy) zooid_principal_t *principal = NULL;
    zooid_principal_new (&principal, "local:control", (const char *const []) { "*" }, 1, 0);
    const zooid_call_t call = {
        .operation = operation, .payload = { payload.data, payload.size }, .principal = principal, .deadline_ms = deadline_ms,
        .then = s_answer, .state = question, .destroy = s_question_destroy,
    };
    int rc = zooid_ask (self, &call);
    if (rc == ZOOID_FULL)
        return s_refuse (self, question, "overloaded", "too many asks are open; try again", "[]");
    if (rc)
        return zooid_fault (rc);
    question = NULL;
    return 0;
}

void
answer_write_failure (const answer_t *self, const char *key, zooid_buffer_t *out)
{
    zooid_buffer_format (out, "{\"%s\":", key);
    zooid_json_quote (self->failure, strlen (self->failure), out);
    zooid_buffer_text (out, ",\"detail\":");
    zooid_json_quote (self->detail, strlen (self->detail), out);
    zooid_buffer_format (out, ",\"errors\":%s}", self->errors);
}
