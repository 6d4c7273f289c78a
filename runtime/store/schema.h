//  schema.h - migrations: which version each module's tables have, and how they get to the next
#ifndef SCHEMA_H
#define SCHEMA_H

#include "database.h"

//  Run, once each and in order, the rows that the file does not have yet, each in a transaction with the note of it.
//  ZOOID_INVALID: *ret_why, in the arena, says which row failed, or that the file is newer than the table.
int
    schema_migrate (database_t *database, const char *module, const zooid_migration_t *migrations, size_t count,
                    int64_t wall_ms, zooid_arena_t *arena, const char **ret_why);

#endif
