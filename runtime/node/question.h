//  question.h - an ask in JSON, on behalf of whoever may do everything: the control socket, zooid_node_ask
#ifndef QUESTION_H
#define QUESTION_H

#include <zooid/actor.h>

//  Borrowed until the function returns.
typedef struct {
    const char *failure;        //  Its name; NULL: it succeeded
    const char *detail;         //  Of the failure; ""
    const char *errors;         //  Of the failure: JSON [{pointer, code, detail}]; "[]"
    const char *reply;          //  JSON; "null" when the operation gives nothing
} answer_t;

typedef int (question_fn) (zooid_context_t *self, void *state, const answer_t *answer);

//  `done` runs exactly once, at once when nothing could be asked; if the actor stops first, only `destroy` does.
//  Failures beside the operation's own: unknown_operation, malformed. The state is taken whatever is returned.
int
    question_ask (zooid_context_t *self, const char *operation, const char *json, size_t size, int64_t deadline_ms,
                  question_fn *done, void *state, zooid_destroy_fn *destroy);

//  {"KEY": failure, "detail": ..., "errors": [...]}, on one line.
void
    answer_write_failure (const answer_t *self, const char *key, zooid_buffer_t *out);

#endif
