//  nodes.h - the nodes that run with their data in a folder, and what they answer
#ifndef NODES_H
#define NODES_H

#include "client.h"
#include "command.h"

#include <zooid/record.h>

//  For the table of a command's options.
#define NODES_OPTIONS                                                                              \
    { "--data", "FOLDER", "Where the nodes keep their data; var" },                                \
    { "--node", "NAME", "Ask this node; without it those in the folder that run" }

enum { NODES_MAX = 64, NODES_DEADLINE_MS = 5000 };

//  One node for each process, which answers for all that the process runs.
typedef struct {
    const char *data;
    const char *wanted;         //  NULL: all
    char *names [NODES_MAX];
    size_t count;
    char why [512];             //  What went wrong the last time
    client_wait_fn *wait;       //  For answers; NULL: only wait
    void *wait_state;
} nodes_t;

//  What a node said: a reply, or a failure.
typedef struct {
    const char *json;           //  As it came; NULL: it failed
    size_t size;
    const char *line;           //  The whole line
    const char *failure, *detail;
    zooid_list_t mistakes;      //  mistake_t, of the failure
} answer_t;

typedef struct {
    const char *pointer, *code, *detail;
} mistake_t;

//  By the options of the command.
void
    nodes_init (nodes_t *self, const invocation_t *invocation);
void
    nodes_fini (nodes_t *self);
//  Look who runs. False: nobody, or not the one that is wanted; `why` says so.
bool
    nodes_find (nodes_t *self);
//  Ask one of them: `arguments` is JSON on one line. Everything of the answer is in the arena. 0; -errno: there is none,
//  and `why` says so.
int
    nodes_ask (nodes_t *self, size_t index, const char *operation, const char *arguments, int64_t deadline_ms,
               zooid_arena_t *arena, answer_t *ret_answer);
//  Set `why`: one of them did not answer as it should.
#define NODES_MISUNDERSTOOD "its answer is not understood; is it of another version?"
void
    nodes_blame (nodes_t *self, size_t index, const char *why);
//  Ask one after the other, as long as they fail by not knowing what is asked for: with `unknown`. False: `why`.
bool
    nodes_ask_any (nodes_t *self, const char *operation, const char *arguments, int64_t deadline_ms, const char *unknown,
                   zooid_arena_t *arena, answer_t *ret_answer);

//  Fill a struct from the reply; fields that it does not have are skipped. False: it is none such.
bool
    answer_read (const answer_t *self, const zooid_record_t *record, zooid_arena_t *arena, void *ret_value);
//  Say on standard error how it failed. Pointers are told from behind `base`.
void
    answer_say_failure (const answer_t *self, const char *command, const char *base);

#endif
