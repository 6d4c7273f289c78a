//  The nodes of one process answer for each other, so one socket of each process is asked: whoever listens at a socket is
//  known by the kernel. A socket that nobody listens at was left by a process that was killed.
#include "nodes.h"
#include "plain.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GRACE_MS = 5000, PATH_MAX_ = 4096 };

void
nodes_init (nodes_t *self, const invocation_t *invocation)
{
    const char *data = invocation_value (invocation, "--data");
    *self = (nodes_t) { .data = data && *data ? data : "var", .wanted = invocation_value (invocation, "--node") };
}

static void
s_forget (nodes_t *self)
{
    while (self->count)
        free (self->names [--self->count]);
}

void
nodes_fini (nodes_t *self)
{
    s_forget (self);
}

//  False: too long.
static bool
s_path (const nodes_t *self, const char *node, char ret_path [PATH_MAX_])
{
    int size = snprintf (ret_path, PATH_MAX_, "%s/%s/control.sock", self->data, node);
    return size > 0 && size < PATH_MAX_;
}

static int
s_by_name (const void *a, const void *b)
{
    return strcmp (*(char *const *) a, *(char *const *) b);
}

//  Folders that may be a node's.
static size_t
s_list_folders (const nodes_t *self, char *ret_names [NODES_MAX])
{
    size_t count = 0;
    DIR *folder = opendir (self->data);
    const struct dirent *entry;
    while (folder && count < NODES_MAX && (entry = readdir (folder)))
        if (entry->d_name [0] != '.')
            ret_names [count++] = zooid_duplicate (entry->d_name);
    if (folder)
        closedir (folder);
    qsort (ret_names, count, sizeof *ret_names, s_by_name);
    return count;
}

bool
nodes_find (nodes_t *self)
{
    char *names [NODES_MAX];
    pid_t processes [NODES_MAX];
    size_t count = 1;
    int problem = 0;
    s_forget (self);
    if (self->wanted)
        names [0] = zooid_duplicate (self->wanted);
    else
        count = s_list_folders (self, names);
    for (size_t i = 0; i < count; i++) {
        char path [PATH_MAX_];
        pid_t process = 0;
        int rc = s_path (self, names [i], path) ? client_process (path, &process) : -ENAMETOOLONG;
        bool is_new = rc == 0;
        for (size_t k = 0; process && k < self->count; k++)
            is_new = is_new && processes [k] != process;
        if (rc && rc != -ECONNREFUSED && rc != -ENOENT && rc != -ENOTDIR)
            problem = rc;
        if (is_new) {
            processes [self->count] = process;
            self->names [self->count++] = names [i];
        }
        else
            free (names [i]);
    }
    if (self->count)
        return true;
    if (problem)
        snprintf (self->why, sizeof self->why, "%s", strerror (-problem));
    else
        snprintf (self->why, sizeof self->why,
                  "no node%s%s runs with its data in %s; start one with `zooid run`, or say --data", self->wanted ? " " : "",
                  self->wanted ? self->wanted : "", self->data);
    return false;
}

//  ---- answers

static const zooid_field_t mistake_fields [] = {
    ZOOID_STRING (mistake_t, pointer, .doc = "Where"),
    ZOOID_STRING (mistake_t, code, .doc = "Which rule"),
    ZOOID_STRING (mistake_t, detail, .doc = "What"),
};
static const zooid_record_t mistake_record = ZOOID_RECORD ("error", mistake_t, mistake_fields);

typedef struct {
    zooid_presence_t presence;
    const char *failure, *detail;
    zooid_list_t errors;
} failure_t;

static const zooid_field_t failure_fields [] = {
    ZOOID_STRING (failure_t, failure, .doc = "Its name"),
    ZOOID_STRING (failure_t, detail, .optional = true, .max_length = 65536, .doc = "For people"),
    ZOOID_LIST (failure_t, errors, .optional = true, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, mistake_t, .record = &mistake_record),
                .doc = "One by one"),
};
static const zooid_record_t failure_record = ZOOID_RECORD ("failure", failure_t, failure_fields, .presence = ZOOID_PRESENCE (failure_t));

static bool
s_read (const zooid_record_t *record, const char *json, size_t size, zooid_arena_t *arena, void *ret_value)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t msgpack = { 0 };
    return zooid_json_read (record, json, size, ZOOID_UNKNOWN_SKIPPED, arena, &msgpack, NULL) == 0
           && zooid_record_decode (record, (zooid_bytes_t) { msgpack.data, msgpack.size }, arena, ret_value, NULL) == 0;
}

bool
answer_read (const answer_t *self, const zooid_record_t *record, zooid_arena_t *arena, void *ret_value)
{
    return self->json && s_read (record, self->json, self->size, arena, ret_value);
}

//  A reply is kept as it came: reading and writing it could change its numbers.
static bool
s_read_line (const zooid_buffer_t *line, zooid_arena_t *arena, answer_t *ret_answer)
{
    static const char before [] = "{\"reply\":";
    size_t head = sizeof before - 1;
    *ret_answer = (answer_t) { .line = zooid_arena_copy (arena, line->data, line->size) };
    if (!ret_answer->line)
        return false;
    if (line->size > head && memcmp (ret_answer->line, before, head) == 0) {
        ret_answer->json = zooid_arena_copy (arena, ret_answer->line + head, line->size - head - 1);
        ret_answer->size = line->size - head - 1;
        return ret_answer->json;
    }
    failure_t failure = { .detail = "" };
    if (!s_read (&failure_record, ret_answer->line, line->size, arena, &failure))
        return false;
    ret_answer->failure = failure.failure;
    ret_answer->detail = failure.detail ? failure.detail : "";
    ret_answer->mistakes = failure.errors;
    return true;
}

void
answer_say_failure (const answer_t *self, const char *command, const char *base)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t out = { 0 };
    const char *const head [] = { "zooid ", command, ": ", self->failure, ": ", self->detail };
    for (size_t i = 0; i < ZOOID_COUNT (head); i++)
        plain_append (&out, head [i]);
    for (size_t i = 0; i < self->mistakes.count; i++) {
        const mistake_t *mistake = (const mistake_t *) self->mistakes.items + i;
        size_t size = strlen (base);
        const char *pointer = strncmp (mistake->pointer, base, size) == 0 ? mistake->pointer + size : mistake->pointer;
        zooid_buffer_text (&out, "\n  ");
        plain_append (&out, *pointer ? pointer : "(the whole)");
        zooid_buffer_text (&out, " ");
        plain_append (&out, mistake->detail);
    }
    fprintf (stderr, "%s\n", zooid_buffer_string (&out));
}

//  ---- questions

void
nodes_blame (nodes_t *self, size_t index, const char *why)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t plain = { 0 };
    plain_append (&plain, why);
    snprintf (self->why, sizeof self->why, "node %s: %s", self->names [index], zooid_buffer_string (&plain));
}

//  It is there and did not answer: why, and what to do.
static void
s_blame_silent (nodes_t *self, size_t index, int rc, int64_t deadline_ms)
{
    char why [256];
    if (rc == -ETIMEDOUT)
        snprintf (why, sizeof why, "did not answer within %lld ms; look at its log, and end it when it hangs",
                  (long long) deadline_ms + GRACE_MS);
    else if (rc == -EACCES || rc == -EPERM)
        snprintf (why, sizeof why, "may not be asked: %s; ask as the user that runs it", strerror (-rc));
    else if (rc == -ENAMETOOLONG)
        snprintf (why, sizeof why, "has too long a path; say a shorter --data");
    else
        snprintf (why, sizeof why, "ended while it was asked: %s; look at its log, and start it again", strerror (-rc));
    snprintf (self->why, sizeof self->why, "node %s (%s/%s/control.sock) %s", self->names [index], self->data,
              self->names [index], why);
}

int
nodes_ask (nodes_t *self, size_t index, const char *operation, const char *arguments, int64_t deadline_ms,
           zooid_arena_t *arena, answer_t *ret_answer)
{
    char path [PATH_MAX_];
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t request = { 0 }, line = { 0 };
    zooid_buffer_text (&request, "{\"ask\":");
    zooid_json_quote (operation, strlen (operation), &request);
    zooid_buffer_format (&request, ",\"deadline_ms\":%lld,\"arguments\":%s}", (long long) deadline_ms, arguments);
    int rc = s_path (self, self->names [index], path) ? 0 : -ENAMETOOLONG;
    if (!rc)
        rc = client_ask (path, (zooid_bytes_t) { request.data, request.size }, deadline_ms + GRACE_MS, self->wait,
                         self->wait_state, &line);
    if (!rc && !s_read_line (&line, arena, ret_answer))
        rc = -EPROTO;
    if (rc)
        s_blame_silent (self, index, rc, deadline_ms);
    return rc;
}

bool
nodes_ask_any (nodes_t *self, const char *operation, const char *arguments, int64_t deadline_ms, const char *unknown,
               zooid_arena_t *arena, answer_t *ret_answer)
{
    bool answered = false;
    for (size_t i = 0; i < self->count; i++) {
        answer_t answer;
        if (nodes_ask (self, i, operation, arguments, deadline_ms, arena, &answer))
            continue;
        answered = true;
        *ret_answer = answer;
        if (!answer.failure || strcmp (answer.failure, unknown) != 0)
            break;
    }
    return answered;
}
