//  trial.c - the handlers of the trial actor run on its dispatcher, tests on their own thread: what both see stands in
//  `seen`, under one lock. (Product code has no locks; a test waits for a product on another thread.)
#include "route/trial.h"

#include "route/cloud_event.h"

#include <zooid/log.h>

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

extern char **environ;

int64_t
trial_now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

//  ---- places

char *
trial_folder_new (void)
{
    const char *parent = getenv ("TMPDIR");
    char *folder = NULL;
    assert_true (asprintf (&folder, "%s/zooid-bridge-XXXXXX", parent ? parent : "/tmp") > 0);
    assert_non_null (mkdtemp (folder));
    return folder;
}

static int
s_remove (const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void) status;
    (void) kind;
    (void) walk;
    return remove (path);
}

void
trial_folder_destroy (char **folder_p)
{
    if (!*folder_p)
        return;
    nftw (*folder_p, s_remove, 16, FTW_DEPTH | FTW_PHYS);
    free (*folder_p);
    *folder_p = NULL;
}

int
trial_port (void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int descriptor = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true (descriptor >= 0);
    assert_int_equal (bind (descriptor, (struct sockaddr *) &address, sizeof address), 0);
    assert_int_equal (getsockname (descriptor, (struct sockaddr *) &address, &size), 0);
    close (descriptor);
    return ntohs (address.sin_port);
}

//  ---- processes

//  What it wrote so far ends in `text`; fails when the time or the process ends first.
static void
s_await_text (int descriptor, const char *ready)
{
    char text [65536];
    size_t used = 0;
    int64_t end_ms = trial_now_ms () + TRIAL_DEADLINE_MS;
    for (;;) {
        struct pollfd wait = { .fd = descriptor, .events = POLLIN };
        int64_t left_ms = end_ms - trial_now_ms ();
        if (left_ms <= 0 || poll (&wait, 1, (int) left_ms) != 1)
            fail_msg ("no `%s` in time: %.*s", ready, (int) used, text);
        ssize_t size = read (descriptor, text + used, sizeof text - 1 - used);
        if (size <= 0)
            fail_msg ("it ended without `%s`: %.*s", ready, (int) used, text);
        used += (size_t) size;
        text [used] = 0;
        if (strstr (text, ready))
            return;
    }
}

pid_t
trial_start (const char *const *argv, const char *ready)
{
    int pipes [2];
    pid_t pid = 0;
    posix_spawn_file_actions_t actions;
    assert_int_equal (pipe2 (pipes, O_CLOEXEC), 0);
    posix_spawn_file_actions_init (&actions);
    posix_spawn_file_actions_adddup2 (&actions, pipes [1], 1);
    posix_spawn_file_actions_adddup2 (&actions, pipes [1], 2);
    assert_int_equal (posix_spawnp (&pid, argv [0], &actions, NULL, (char *const *) (uintptr_t) argv, environ), 0);
    posix_spawn_file_actions_destroy (&actions);
    close (pipes [1]);
    s_await_text (pipes [0], ready);
    //  Whatever it writes later has no reader: brokers ignore that, and their logs are of no use any more.
    close (pipes [0]);
    return pid;
}

void
trial_end (pid_t *pid_p, int signal)
{
    if (*pid_p <= 0)
        return;
    int status;
    kill (*pid_p, signal);
    while (waitpid (*pid_p, &status, 0) < 0 && errno == EINTR)
        continue;
    *pid_p = 0;
}

void
trial_freeze (pid_t pid)
{
    int status = 0;
    kill (pid, SIGSTOP);
    while (waitpid (pid, &status, WUNTRACED) < 0 && errno == EINTR)
        continue;
    assert_true (WIFSTOPPED (status));
}

//  ---- what threads of the runtime tell the test

enum { TEXT_MAX = 1024 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    //  Log
    char *lines;
    size_t lines_size, lines_read;
    //  The trial actor
    trial_mode_t mode;
    unsigned mode_calls;
    char failure [64];
    unsigned calls, stored, repeats;
    char last [TEXT_MAX], last_identity [TEXT_MAX], last_trace [TRACEPARENT_SIZE];
    int descriptor;
} seen = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .descriptor = -1 };

//  With the lock. False: the time is over.
static bool
s_wait_for_change (int64_t end_ms)
{
    struct timespec until;
    int64_t left_ms = end_ms - trial_now_ms ();
    if (left_ms <= 0)
        return false;
    clock_gettime (CLOCK_REALTIME, &until);
    int64_t nanoseconds = until.tv_nsec + left_ms % 1000 * 1000000;
    until.tv_sec += left_ms / 1000 + nanoseconds / 1000000000;
    until.tv_nsec = nanoseconds % 1000000000;
    pthread_cond_timedwait (&seen.changed, &seen.lock, &until);
    return true;
}

static void
s_await_count (const unsigned *counter, unsigned count, const char *what)
{
    int64_t end_ms = trial_now_ms () + TRIAL_DEADLINE_MS;
    pthread_mutex_lock (&seen.lock);
    while (*counter < count && s_wait_for_change (end_ms))
        continue;
    unsigned reached = *counter;
    pthread_mutex_unlock (&seen.lock);
    if (reached < count)
        fail_msg ("%u of %u %s in time", reached, count, what);
}

static unsigned
s_read_count (const unsigned *counter)
{
    pthread_mutex_lock (&seen.lock);
    unsigned count = *counter;
    pthread_mutex_unlock (&seen.lock);
    return count;
}

//  ---- logs

static void
s_hear (void *state, const char *line, size_t size)
{
    (void) state;
    pthread_mutex_lock (&seen.lock);
    char *lines = realloc (seen.lines, seen.lines_size + size + 2);
    if (lines) {
        memcpy (lines + seen.lines_size, line, size);
        seen.lines = lines;
        seen.lines_size += size;
        if (size == 0 || line [size - 1] != '\n')
            seen.lines [seen.lines_size++] = '\n';
        seen.lines [seen.lines_size] = 0;
    }
    pthread_cond_broadcast (&seen.changed);
    pthread_mutex_unlock (&seen.lock);
}

void
trial_log_start (void)
{
    trial_log_stop ();
    zooid_log_sink (s_hear, NULL);
}

void
trial_log_stop (void)
{
    zooid_log_sink (NULL, NULL);
    pthread_mutex_lock (&seen.lock);
    free (seen.lines);
    seen.lines = NULL;
    seen.lines_size = seen.lines_read = 0;
    pthread_mutex_unlock (&seen.lock);
}

//  With the lock: the next line that has both, from where the last one was found.
static bool
s_find_line (const char *text, const char *also)
{
    size_t at = seen.lines_read;
    while (at < seen.lines_size) {
        const char *line = seen.lines + at;
        const char *end = strchr (line, '\n');
        char copy [2048];
        snprintf (copy, sizeof copy, "%.*s", (int) (end - line), line);
        at += (size_t) (end - line) + 1;
        if (strstr (copy, text) && strstr (copy, also)) {
            seen.lines_read = at;
            return true;
        }
    }
    return false;
}

void
trial_log_await (const char *text, const char *also)
{
    int64_t end_ms = trial_now_ms () + TRIAL_DEADLINE_MS;
    bool found = false;
    pthread_mutex_lock (&seen.lock);
    while (!(found = s_find_line (text, also)) && s_wait_for_change (end_ms))
        continue;
    if (!found)
        print_error ("log: %s\n", seen.lines ? seen.lines : "");
    pthread_mutex_unlock (&seen.lock);
    if (!found)
        fail_msg ("no line with `%s` and `%s` in time", text, also);
}

//  ---- a node

zooid_node_t *
trial_node_start (const char *topology, const char *data, const zooid_module_t *bridge)
{
    zooid_node_t *node = NULL;
    //  Without a folder it keeps what it takes in memory.
    static zooid_module_t in_memory;
    in_memory = trial_iot;
    in_memory.migration_count = 0;
    const zooid_module_t *modules [] = { bridge, data ? &trial_iot : &in_memory };
    int rc = zooid_node_new (&node, &(zooid_node_options_t) {
        .topology = topology, .data = data ? data : "", .modules = modules, .module_count = 2 });
    if (rc)
        print_error ("%s\n", zooid_node_errors (node));
    assert_int_equal (rc, 0);
    rc = zooid_node_start (node);
    if (rc)
        print_error ("%s\n", zooid_node_errors (node));
    assert_int_equal (rc, 0);
    return node;
}

void
trial_node_refused (const char *topology, const zooid_module_t *bridge, const char *text)
{
    ZOOID_CLEANUP (zooid_node_destroy) zooid_node_t *node = NULL;
    const zooid_module_t *modules [] = { bridge, &trial_iot };
    int rc = zooid_node_new (&node, &(zooid_node_options_t) {
        .topology = topology, .data = "", .modules = modules, .module_count = 2 });
    if (!strstr (zooid_node_errors (node), text))
        print_error ("%s\nhas no: %s\n", zooid_node_errors (node), text);
    assert_int_equal (rc, ZOOID_INVALID);
    assert_non_null (strstr (zooid_node_errors (node), text));
}

const char *
trial_status_await (zooid_node_t *node, const char *operation, const char *text)
{
    static char reply [8192];
    int64_t end_ms = trial_now_ms () + TRIAL_DEADLINE_MS;
    while (trial_now_ms () < end_ms) {
        char *json = NULL;
        int rc = zooid_node_ask (node, operation, "{}", TRIAL_DEADLINE_MS, &json);
        snprintf (reply, sizeof reply, "%s", json ? json : "");
        free (json);
        if (rc == 0 && strstr (reply, text))
            return reply;
    }
    fail_msg ("%s never had `%s`: %s", operation, text, reply);
    return reply;
}

int64_t
trial_number (const char *json, const char *key)
{
    char pattern [64];
    snprintf (pattern, sizeof pattern, "\"%s\":", key);
    const char *found = strstr (json, pattern);
    if (!found)
        fail_msg ("no `%s` in %s", key, json);
    return found ? strtoll (found + strlen (pattern), NULL, 10) : -1;
}

//  ---- the actor

typedef struct {
    const char *device;
    zooid_bytes_t body;
} reading_t;

static const zooid_field_t reading_fields [] = {
    ZOOID_STRING (reading_t, device, .min_length = 1, .max_length = 64, .characters = "A-Za-z0-9_-"),
    ZOOID_BYTES (reading_t, body, .max_length = 65536),
};
static const zooid_record_t reading_record = ZOOID_RECORD ("reading", reading_t, reading_fields);

typedef struct {
    const char *device;
    bool stored;
} receipt_t;

static const zooid_field_t receipt_fields [] = {
    ZOOID_STRING (receipt_t, device),
    ZOOID_BOOLEAN (receipt_t, stored),
};
static const zooid_record_t receipt_record = ZOOID_RECORD ("receipt", receipt_t, receipt_fields);

typedef struct {
    char *device, *body, *scope, *id;
    zooid_identity_t identity;
    bool has_identity, is_repeat;
} job_t;

static void
s_job_release (void *state)
{
    job_t *job = state;
    free (job->device);
    free (job->body);
    free (job->scope);
    free (job->id);
    free (job);
}

static char *
s_copy_bytes (zooid_bytes_t bytes)
{
    char *text = zooid_allocate (bytes.size + 1);
    if (bytes.size)
        memcpy (text, bytes.data, bytes.size);
    return text;
}

static int
s_store (zooid_transaction_t *transaction, void *state)
{
    job_t *job = state;
    job->is_repeat = job->has_identity && zooid_transaction_once (transaction, &job->identity) == ZOOID_DUPLICATE;
    receipt_t receipt = { .device = job->device, .stored = !job->is_repeat };
    if (!job->is_repeat) {
        zooid_sql_t *sql = zooid_sql (transaction, "INSERT INTO iot_reading (device, body) VALUES (?, ?)");
        zooid_sql_bind_text (sql, 1, job->device);
        zooid_sql_bind_text (sql, 2, job->body);
        int rc = zooid_sql_step (sql);
        if (rc)
            return zooid_fault (rc);
    }
    return zooid_transaction_reply (transaction, &receipt_record, &receipt);
}

static int
s_stored (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    const job_t *job = state;
    (void) self;
    pthread_mutex_lock (&seen.lock);
    if (!outcome->failure && job->is_repeat)
        seen.repeats++;
    else if (!outcome->failure)
        seen.stored++;
    pthread_cond_broadcast (&seen.changed);
    pthread_mutex_unlock (&seen.lock);
    return 0;
}

//  What this call is to be answered with.
static trial_mode_t
s_note_call (const zooid_context_t *self, const reading_t *reading, char ret_failure [64])
{
    const zooid_identity_t *identity = zooid_message_identity (zooid_message (self));
    pthread_mutex_lock (&seen.lock);
    trial_mode_t mode = seen.mode_calls ? seen.mode : TRIAL_STORE;
    if (seen.mode_calls)
        seen.mode_calls--;
    memcpy (ret_failure, seen.failure, sizeof seen.failure);
    seen.calls++;
    snprintf (seen.last, sizeof seen.last, "%s %.*s", reading->device, (int) reading->body.size,
              (const char *) reading->body.data);
    snprintf (seen.last_identity, sizeof seen.last_identity, "%s%s%s", identity ? identity->scope : "",
              identity ? " " : "", identity ? identity->id : "");
    if (!traceparent_write (zooid_message_trace (zooid_message (self)), seen.last_trace))
        *seen.last_trace = 0;
    int descriptor = seen.descriptor;
    pthread_cond_broadcast (&seen.changed);
    pthread_mutex_unlock (&seen.lock);
    if (descriptor >= 0 && write (descriptor, ".", 1) != 1)
        abort ();
    return mode;
}

//  A node without a store is used for what stores nothing.
static int
s_reply_unstored (zooid_context_t *self, zooid_request_t **request_p, const job_t *job)
{
    receipt_t receipt = { .device = job->device, .stored = true };
    pthread_mutex_lock (&seen.lock);
    seen.stored++;
    pthread_cond_broadcast (&seen.changed);
    pthread_mutex_unlock (&seen.lock);
    return zooid_request_reply (self, request_p, &receipt_record, &receipt);
}

typedef struct {
    zooid_request_t *held [64];     //  Never answered: they end with the actor
    size_t held_count;
} iot_t;

static int
s_ingest (zooid_context_t *self, const void *arguments)
{
    const reading_t *reading = arguments;
    iot_t *iot = zooid_state (self);
    char failure [64];
    trial_mode_t mode = s_note_call (self, reading, failure);
    if (mode == TRIAL_FAIL)
        return zooid_fail (self, failure, "as the trial asked");
    zooid_request_t *request = zooid_request_take (self);
    if (mode == TRIAL_HOLD) {
        assert (iot->held_count < ZOOID_COUNT (iot->held));
        iot->held [iot->held_count++] = request;
        return 0;
    }
    const zooid_identity_t *identity = zooid_message_identity (zooid_message (self));
    job_t *job = zooid_allocate (sizeof *job);
    *job = (job_t) { .device = zooid_duplicate (reading->device), .body = s_copy_bytes (reading->body) };
    if (identity) {
        job->has_identity = true;
        job->identity = *identity;
        job->identity.scope = job->scope = zooid_duplicate (identity->scope);
        job->identity.id = job->id = zooid_duplicate (identity->id);
    }
    int rc = zooid_commit (self, &(zooid_commit_t) {
        .transaction = s_store, .request = request, .then = s_stored, .state = job, .destroy = s_job_release });
    if (rc == 0)
        return 0;
    rc = rc == -ENODEV ? s_reply_unstored (self, &request, job)
                       : zooid_request_fail (self, &request, "overloaded", "the store is full");
    s_job_release (job);
    return rc;
}

static void
s_stop (zooid_context_t *self)
{
    iot_t *iot = zooid_state (self);
    while (iot->held_count)
        zooid_request_destroy (&iot->held [--iot->held_count]);
}

static void
s_drain (zooid_context_t *self)
{
    s_stop (self);
}

static int
s_announce (zooid_context_t *self, const void *arguments)
{
    const reading_t *reading = arguments;
    char topic [128];
    snprintf (topic, sizeof topic, "iot.telemetry.%s", reading->device);
    int rc = zooid_publish (self, topic, &reading_record, reading);
    return rc ? zooid_fault (rc < 0 ? rc : -EINVAL) : zooid_reply (self, NULL, NULL);
}

static const zooid_failure_t failures [] = {
    { "bad_json", ZOOID_FAILURE_MALFORMED, "The body is no JSON" },
};
static const zooid_operation_t operations [] = {
    { .name = "iot.ingest", .kind = ZOOID_COMMAND, .takes = &reading_record, .gives = &receipt_record,
      .scope = "iot:ingest", ZOOID_FAILS (failures), .handler = s_ingest, .doc = "Store a reading once." },
    { .name = "iot.announce", .kind = ZOOID_COMMAND, .takes = &reading_record, .scope = "iot:ingest",
      .handler = s_announce, .doc = "Publish a reading." },
};
static const zooid_event_t events [] = {
    { .topic = "iot.telemetry.{device}", .carries = &reading_record, .scope = "iot:read", .doc = "A reading." },
};
static const zooid_contract_t contract = {
    .name = "iot", ZOOID_OPERATIONS (operations), ZOOID_EVENTS (events), .doc = "Stands for a service.",
};
static const zooid_migration_t migrations [] = {
    { .sql = "CREATE TABLE iot_reading (device TEXT NOT NULL, body TEXT NOT NULL)", .doc = "Readings" },
};

const zooid_module_t trial_iot = {
    ZOOID_MODULE_HEADER, .name = "iot", .version = "0.0.0", .doc = "Stands for a service in a trial.",
    .contract = &contract, .state_size = sizeof (iot_t), .drain = s_drain, .stop = s_stop, ZOOID_MIGRATIONS (migrations),
};

void
trial_iot_next (trial_mode_t mode, unsigned calls, const char *failure)
{
    pthread_mutex_lock (&seen.lock);
    seen.mode = mode;
    seen.mode_calls = calls;
    snprintf (seen.failure, sizeof seen.failure, "%s", failure ? failure : "");
    pthread_mutex_unlock (&seen.lock);
}

void
trial_iot_reset (void)
{
    trial_iot_next (TRIAL_STORE, 0, NULL);
    pthread_mutex_lock (&seen.lock);
    seen.calls = seen.stored = seen.repeats = 0;
    *seen.last = *seen.last_identity = *seen.last_trace = 0;
    seen.descriptor = -1;
    pthread_mutex_unlock (&seen.lock);
}

void
trial_iot_await_calls (unsigned calls)
{
    s_await_count (&seen.calls, calls, "calls");
}

void
trial_iot_await_stored (unsigned stored)
{
    s_await_count (&seen.stored, stored, "stored");
}

unsigned
trial_iot_calls (void)
{
    return s_read_count (&seen.calls);
}

unsigned
trial_iot_stored (void)
{
    return s_read_count (&seen.stored);
}

unsigned
trial_iot_repeats (void)
{
    return s_read_count (&seen.repeats);
}

void
trial_iot_last (char *ret_text, size_t size)
{
    pthread_mutex_lock (&seen.lock);
    snprintf (ret_text, size, "%s", seen.last);
    pthread_mutex_unlock (&seen.lock);
}

void
trial_iot_last_identity (char *ret_text, size_t size)
{
    pthread_mutex_lock (&seen.lock);
    snprintf (ret_text, size, "%s", seen.last_identity);
    pthread_mutex_unlock (&seen.lock);
}

void
trial_iot_last_trace (char *ret_text, size_t size)
{
    pthread_mutex_lock (&seen.lock);
    snprintf (ret_text, size, "%s", seen.last_trace);
    pthread_mutex_unlock (&seen.lock);
}

void
trial_iot_tell (int descriptor)
{
    pthread_mutex_lock (&seen.lock);
    seen.descriptor = descriptor;
    pthread_mutex_unlock (&seen.lock);
}
