//  inbox.h - the identities that were seen, so that a repeat has no effect
#ifndef INBOX_H
#define INBOX_H

#include "database.h"

//  The writer's alone. What one transaction added is taken back with its savepoint: keep `count` and put it back.
typedef struct {
    int64_t retention_ms;
    size_t limit;
    size_t count;           //  Rows, those of the transaction under way with them
    int64_t due_at_ms;      //  Wall clock: when to look for old ones again
} inbox_t;

//  The SQL that makes the table.
extern const char inbox_schema [];

//  Count what is there.
int
    inbox_load (inbox_t *self, database_t *database);
//  0: the first time. ZOOID_DUPLICATE: seen before. -EINVAL: an identity without an id, or longer than 255 bytes.
int
    inbox_once (inbox_t *self, database_t *database, const char *module, const zooid_identity_t *identity,
                int64_t wall_ms);
//  Forget a few of those that are too old or too many.
int
    inbox_prune (inbox_t *self, database_t *database, int64_t wall_ms);

#endif
