//  What else could be had for the work: libzmq between two threads, SQLite by itself. Each runs in the same process and
//  the same minute as what it is compared with, since figures of a shared machine can be trusted no further.
#include "bench.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

enum { MESSAGE_SIZE = 8, ROWS_A_COMMIT = 64 };

typedef struct {
    void *context;
    size_t count;
    bool echo;
} peer_t;

static void *
s_receive (void *argument)
{
    peer_t *peer = argument;
    void *socket = zmq_socket (peer->context, ZMQ_PAIR);
    bench_check (zmq_connect (socket, "inproc://peer"), "zmq_connect");
    char message [MESSAGE_SIZE];
    for (size_t i = 0; i < peer->count; i++) {
        bench_check (zmq_recv (socket, message, sizeof message, 0) < 0, "zmq_recv");
        if (peer->echo || i + 1 == peer->count)
            bench_check (zmq_send (socket, message, sizeof message, 0) < 0, "zmq_send");
    }
    zmq_close (socket);
    return NULL;
}

static double
s_run (size_t count, bool echo)
{
    peer_t peer = { .context = zmq_ctx_new (), .count = count, .echo = echo };
    void *socket = zmq_socket (peer.context, ZMQ_PAIR);
    bench_check (zmq_bind (socket, "inproc://peer"), "zmq_bind");
    pthread_t thread;
    bench_check (pthread_create (&thread, NULL, s_receive, &peer), "pthread_create");
    char message [MESSAGE_SIZE] = { 0 };
    double begin = bench_now ();
    for (size_t i = 0; i < count; i++) {
        bench_check (zmq_send (socket, message, sizeof message, 0) < 0, "zmq_send");
        if (echo)
            bench_check (zmq_recv (socket, message, sizeof message, 0) < 0, "zmq_recv");
    }
    if (!echo)
        bench_check (zmq_recv (socket, message, sizeof message, 0) < 0, "zmq_recv");
    double took = bench_now () - begin;
    pthread_join (thread, NULL);
    zmq_close (socket);
    zmq_ctx_term (peer.context);
    return (double) count / took;
}

double
peer_queue (size_t count)
{
    return s_run (count, false);
}

double
peer_ping (size_t count)
{
    return s_run (count, true);
}

//  Rows, 64 of them a commit, each commit synced: what the store could do if it did nothing else.
double
peer_rows (size_t count)
{
    char folder [] = "/tmp/zooid-bench-XXXXXX", path [64];
    bench_check (!mkdtemp (folder), "mkdtemp");
    snprintf (path, sizeof path, "%s/peer.sqlite", folder);
    sqlite3 *database = NULL;
    bench_check (sqlite3_open (path, &database), "sqlite3_open");
    bench_check (sqlite3_exec (database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE row (number INTEGER)",
                               NULL, NULL, NULL), "create");
    sqlite3_stmt *insert = NULL;
    bench_check (sqlite3_prepare_v2 (database, "INSERT INTO row VALUES (?)", -1, &insert, NULL), "prepare");
    double begin = bench_now ();
    for (size_t i = 0; i < count; i++) {
        if (i % ROWS_A_COMMIT == 0)
            bench_check (sqlite3_exec (database, i? "COMMIT; BEGIN": "BEGIN", NULL, NULL, NULL), "commit");
        sqlite3_bind_int64 (insert, 1, (sqlite3_int64) i);
        bench_check (sqlite3_step (insert) != SQLITE_DONE, "insert");
        sqlite3_reset (insert);
    }
    bench_check (sqlite3_exec (database, "COMMIT", NULL, NULL, NULL), "commit");
    double took = bench_now () - begin;
    sqlite3_finalize (insert);
    sqlite3_close (database);
    const char *ends [] = { "", "-wal", "-shm" };
    for (size_t i = 0; i < ZOOID_COUNT (ends); i++) {
        snprintf (path, sizeof path, "%s/peer.sqlite%s", folder, ends [i]);
        unlink (path);
    }
    rmdir (folder);
    return (double) count / took;
}
