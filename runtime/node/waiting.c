//  Two threads hold a question: the one that waits and the actor that asks, which may end first. The actor's side is a
//  chain of holders (the posted turn, then the ask), each of which says `over` if it is the last that could answer.
#include "waiting.h"
#include "question.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { GRACE_MS = 2000, DEADLINE_MAX_MS = 600000 };

//  Whoever lets go last frees it.
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t done;
    unsigned holders;
    bool begun;                 //  The turn ran
    bool over;
    bool failed;
    char *answer;               //  NULL while there is none: the actor stopped first
    char *operation, *json;
    int64_t timeout_ms;
} waiting_t;

static void
s_waiting_release (waiting_t *self)
{
    pthread_mutex_lock (&self->lock);
    bool last = --self->holders == 0;
    pthread_mutex_unlock (&self->lock);
    if (!last)
        return;
    pthread_cond_destroy (&self->done);
    pthread_mutex_destroy (&self->lock);
    free (self->answer);
    free (self->operation);
    free (self->json);
    free (self);
}

static void
s_waiting_over (void *state)
{
    waiting_t *self = state;
    pthread_mutex_lock (&self->lock);
    self->over = true;
    pthread_cond_signal (&self->done);
    pthread_mutex_unlock (&self->lock);
    s_waiting_release (self);
}

static int
s_on_answer (zooid_context_t *context, void *state, const answer_t *answer)
{
    (void) context;
    waiting_t *self = state;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t text = { 0 };
    if (answer->failure)
        answer_write_failure (answer, "name", &text);
    else
        zooid_buffer_text (&text, answer->reply);
    self->failed = answer->failure != NULL;
    self->answer = zooid_duplicate (zooid_buffer_string (&text));
    return 0;
}

//  The question has a holder of its own: it outlives the turn.
static int
s_on_turn (zooid_context_t *context, void *state)
{
    waiting_t *self = state;
    pthread_mutex_lock (&self->lock);
    self->holders++;
    pthread_mutex_unlock (&self->lock);
    self->begun = true;
    return question_ask (context, self->operation, self->json, strlen (self->json), self->timeout_ms, s_on_answer, self,
                         s_waiting_over);
}

//  After the turn, or instead of it.
static void
s_turn_over (void *state)
{
    waiting_t *self = state;
    if (self->begun)
        s_waiting_release (self);
    else
        s_waiting_over (self);
}

static waiting_t *
s_waiting_new (const char *operation, const char *json, int64_t timeout_ms)
{
    waiting_t *self = zooid_allocate (sizeof *self);
    pthread_condattr_t how;
    pthread_condattr_init (&how);
    pthread_condattr_setclock (&how, CLOCK_MONOTONIC);
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->done, &how);
    pthread_condattr_destroy (&how);
    self->holders = 2;
    self->operation = zooid_duplicate (operation);
    self->json = zooid_duplicate (json ? json : "{}");
    self->timeout_ms = timeout_ms;
    return self;
}

//  The deadline of the ask ends it; the grace is for a node that is too busy to say so.
static void
s_wait (waiting_t *self)
{
    int64_t wait_ms = (self->timeout_ms > 0 && self->timeout_ms < DEADLINE_MAX_MS ? self->timeout_ms
                                                                                  : DEADLINE_MAX_MS) +
                      GRACE_MS;
    struct timespec until;
    clock_gettime (CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t) (wait_ms / 1000);
    until.tv_nsec += (long) (wait_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    while (!self->over)
        if (pthread_cond_timedwait (&self->done, &self->lock, &until))
            break;
}

static int
s_fail_ask (const char *failure, const char *detail, char **ret_json)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t text = { 0 };
    answer_write_failure (&(answer_t) { .failure = failure, .detail = detail, .errors = "[]" }, "name", &text);
    *ret_json = zooid_duplicate (zooid_buffer_string (&text));
    return ZOOID_REFUSED;
}

int
waiting_ask (zooid_system_t *system, zooid_ref_t control, const char *operation, const char *json, int64_t timeout_ms,
             char **ret_json)
{
    if (!system || zooid_ref_is_nobody (control))
        return s_fail_ask ("unavailable", "the node is not started", ret_json);
    waiting_t *waiting = s_waiting_new (operation, json, timeout_ms);
    int rc = zooid_system_post (system, control, s_on_turn, waiting, s_turn_over);
    if (rc) {
        waiting->holders = 1;
        s_waiting_release (waiting);
        if (rc < 0)
            return zooid_fault (rc);
        return rc == ZOOID_FULL ? s_fail_ask ("overloaded", "too many asks at once; try again", ret_json)
                                : s_fail_ask ("unavailable", "the node is stopped", ret_json);
    }
    pthread_mutex_lock (&waiting->lock);
    s_wait (waiting);
    bool over = waiting->over, failed = waiting->failed;
    char *answer = over ? waiting->answer : NULL;
    if (over)
        waiting->answer = NULL;
    pthread_mutex_unlock (&waiting->lock);
    s_waiting_release (waiting);
    if (!answer)
        return over ? s_fail_ask ("unavailable", "the node stopped before it answered", ret_json)
                    : s_fail_ask ("deadline", "no answer in time", ret_json);
    *ret_json = answer;
    return failed ? ZOOID_REFUSED : 0;
}
