//  transaction.h - what a transaction function is given, and what it said
#ifndef TRANSACTION_H
#define TRANSACTION_H

#include "inbox.h"

#include <zooid/module.h>

typedef struct said_event said_event_t;
struct said_event {
    said_event_t *next;
    char *topic;
    zooid_buffer_t payload;
};

//  Answer and events, to be given out after the commit. { 0 }: nothing was said.
typedef struct {
    bool replied;
    zooid_buffer_t reply;
    char *failure;              //  NULL: none
    char *detail;
    said_event_t *first, *last;
} said_t;

void
    said_fini (said_t *self);

enum { TRANSACTION_SAID_MAX = 16 * 1024 * 1024 };   //  Bytes of a reply, and of an event

struct zooid_transaction {
    database_t *database;
    zooid_arena_t *arena;
    inbox_t *inbox;                 //  NULL: a snapshot, which changes nothing
    int64_t wall_ms;
    //  Of the function under way:
    const char *actor;
    const zooid_module_t *module;
    said_t *said;
};

//  Run one function; what follows from its result is the caller's. Statements are reset and the arena is empty after
//  it.
int
    transaction_run (zooid_transaction_t *self, const char *actor, const zooid_module_t *module,
                     zooid_transaction_fn *function, void *state, said_t *said);

#endif
