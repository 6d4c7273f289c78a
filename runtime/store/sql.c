//  What a transaction function does with a statement. A mistake in preparing or binding is kept until the step, so that
//  there is one result to look at.
#include "database.h"
#include "transaction.h"

#include <errno.h>

zooid_sql_t *
zooid_sql (zooid_transaction_t *self, const char *text)
{
    return database_sql (self->database, text);
}

static void
s_bound (zooid_sql_t *self, int error)
{
    if (error != SQLITE_OK && !self->fault)
        self->fault = database_fault (self->database, error, self->text);
}

void
zooid_sql_bind_integer (zooid_sql_t *self, int parameter, int64_t value)
{
    if (self->statement)
        s_bound (self, sqlite3_bind_int64 (self->statement, parameter, value));
}

void
zooid_sql_bind_real (zooid_sql_t *self, int parameter, double value)
{
    if (self->statement)
        s_bound (self, sqlite3_bind_double (self->statement, parameter, value));
}

void
zooid_sql_bind_text (zooid_sql_t *self, int parameter, const char *text)
{
    if (self->statement)
        s_bound (self, sqlite3_bind_text (self->statement, parameter, text, -1, SQLITE_TRANSIENT));
}

void
zooid_sql_bind_bytes (zooid_sql_t *self, int parameter, zooid_bytes_t bytes)
{
    if (!self->statement)
        return;
    //  SQLite takes a NULL pointer for NULL, and an empty blob is not that.
    const void *data = bytes.data ? (const void *) bytes.data : "";
    s_bound (self, sqlite3_bind_blob64 (self->statement, parameter, data, bytes.size, SQLITE_TRANSIENT));
}

void
zooid_sql_bind_null (zooid_sql_t *self, int parameter)
{
    if (self->statement)
        s_bound (self, sqlite3_bind_null (self->statement, parameter));
}

int
zooid_sql_step (zooid_sql_t *self)
{
    if (self->fault)
        return zooid_fault (self->fault);
    if (self->ended)
        return 0;
    int rc = sqlite3_step (self->statement);
    if (rc == SQLITE_ROW)
        return ZOOID_ROW;
    self->ended = true;
    if (rc == SQLITE_DONE)
        return 0;
    self->fault = database_fault (self->database, rc, self->text);
    sqlite3_reset (self->statement);
    return zooid_fault (self->fault);
}

int64_t
zooid_sql_changes (const zooid_sql_t *self)
{
    return sqlite3_changes64 (self->database->handle);
}

bool
zooid_sql_is_null (zooid_sql_t *self, int column)
{
    return sqlite3_column_type (self->statement, column) == SQLITE_NULL;
}

int64_t
zooid_sql_integer (zooid_sql_t *self, int column)
{
    return sqlite3_column_int64 (self->statement, column);
}

double
zooid_sql_real (zooid_sql_t *self, int column)
{
    return sqlite3_column_double (self->statement, column);
}

const char *
zooid_sql_text (zooid_sql_t *self, int column)
{
    return (const char *) sqlite3_column_text (self->statement, column);
}

zooid_bytes_t
zooid_sql_bytes (zooid_sql_t *self, int column)
{
    const uint8_t *data = sqlite3_column_blob (self->statement, column);
    return (zooid_bytes_t) { .data = data, .size = (size_t) sqlite3_column_bytes (self->statement, column) };
}
