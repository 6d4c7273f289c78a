//  database.h - one connection to the file: its settings, its statements, and on whose behalf they are prepared
#ifndef DATABASE_H
#define DATABASE_H

#include <sqlite3.h>
#include <zooid/store.h>

typedef struct database database_t;

//  A prepared statement, found again by the address of its text.
struct zooid_sql {
    database_t *database;
    const char *text;
    sqlite3_stmt *statement;    //  NULL: it could not be prepared
    int fault;                  //  What went wrong since it was last asked for; the next step returns it
    bool ended;                 //  No more rows: a further step does not run it again
    bool used;                  //  In the chain of those that database_rest has to reset
    zooid_sql_t *next_used;
    zooid_sql_t *next;          //  Of its bucket
};

typedef enum { DATABASE_WRITES = 1, DATABASE_READS } database_access_t;

enum { DATABASE_BUCKETS = 256, DATABASE_STATEMENTS_MAX = 1024, DATABASE_WHY_SIZE = 512 };

struct database {
    sqlite3 *handle;
    char *path;
    database_access_t access;
    const char *module;         //  On whose behalf statements are prepared, for its own tables. NULL: the store
    bool migrating;             //  And may make them
    int log_pages;              //  Of the write-ahead log, as the last commit left it
    size_t statement_count;
    zooid_sql_t *buckets [DATABASE_BUCKETS];
    zooid_sql_t *used;
};

//  Open, apply the settings and read each of them back. ZOOID_INVALID: `ret_why` says what did not hold.
int
    database_open (database_t **self_p, const char *path, const char *vfs, database_access_t access,
                   char ret_why [DATABASE_WHY_SIZE]);
void
    database_close (database_t **self_p);

//  Run statements of the store's own. An SQLite result, not logged.
int
    database_run (database_t *self, const char *sql);
//  Every statement of the transaction that ends is reset.
void
    database_rest (database_t *self);
//  An SQLite error as a fault, written to the log with the SQL that met it. A lost file or disk under the writing
//  connection ends the process: what is on the disk is whole, and only a new start may read it.
int
    database_fault (database_t *self, int error, const char *sql);
void
    database_die (database_t *self, const char *what, int error) __attribute__ ((noreturn));

//  The statement of zooid_sql, for the store's own use too.
zooid_sql_t *
    database_sql (database_t *self, const char *text);

#endif
