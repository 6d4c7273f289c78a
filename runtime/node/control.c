//  One request of a connection is under way at a time; what a client sends meanwhile waits in its socket, so that no
//  client can make us hold more than a line and a reply. A client that has closed its sending side is still answered.
#include "control.h"
#include "question.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zooid/log.h>

static const zooid_field_t settings_fields [] = {
    ZOOID_LIST (control_settings_t, sockets, .max_length = 256, .of = ZOOID_ITEM (ZOOID_TYPE_STRING, const char *), .doc = "Paths to listen at"),
};
const zooid_record_t control_settings = ZOOID_RECORD ("control_settings", control_settings_t, settings_fields,
                                                      .doc = "Settings");

typedef struct {
    zooid_presence_t presence;
    const char *ask;
    zooid_any_t arguments;
    int64_t deadline_ms;
} request_t;

static const zooid_field_t request_fields [] = {
    ZOOID_STRING (request_t, ask, .max_length = 255, .doc = "Full name of an operation"),
    ZOOID_ANY (request_t, arguments, .optional = true, .nullable = true, .doc = "What it takes"),
    ZOOID_INTEGER (request_t, deadline_ms, .optional = true, .unit = "ms", .integers = { true, 1, CONTROL_DEADLINE_MAX_MS }, .doc = "From now"),
};
static const zooid_record_t request_record = ZOOID_RECORD ("control_request", request_t, request_fields,
    .presence = ZOOID_PRESENCE (request_t), .doc = "One request");

typedef struct connection connection_t;
struct connection {
    connection_t *next;
    uint64_t id;                //  An answer finds it by this: it may be gone by then
    int descriptor;
    zooid_buffer_t in, out;
    size_t sent;                //  Of `out`
    bool asking;                //  A request is under way
    bool stepping;              //  s_step is on the stack
    bool ended;                 //  Nothing more is to be read
};

typedef struct {
    int descriptor;
    char *path;
} listener_t;

typedef struct {
    listener_t *listeners;
    size_t listener_count;
    connection_t *connections;
    size_t connection_count;
    uint64_t last_id;
} control_t;

//  The address of a path of any length: a long one is reached through its folder's descriptor. -1, or the descriptor to
//  be closed afterwards; *ret_folder.
static int
s_address (const char *path, struct sockaddr_un *ret_address, int *ret_folder)
{
    *ret_address = (struct sockaddr_un) { .sun_family = AF_UNIX };
    *ret_folder = -1;
    if (strlen (path) < sizeof ret_address->sun_path) {
        memcpy (ret_address->sun_path, path, strlen (path) + 1);
        return 0;
    }
    const char *slash = strrchr (path, '/');
    ZOOID_CLEANUP (zooid_release) char *folder = strndup (path, (size_t) (slash - path));
    *ret_folder = folder ? open (folder, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    if (*ret_folder == -1)
        return -errno;
    snprintf (ret_address->sun_path, sizeof ret_address->sun_path, "/proc/self/fd/%d/%s", *ret_folder, slash + 1);
    return 0;
}

static int
s_listen (const char *path)
{
    struct sockaddr_un address;
    int folder = -1;
    int rc = s_address (path, &address, &folder);
    int descriptor = rc ? -1 : socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    //  What is there was left by a process that ended: the folder's lock is ours.
    if (rc == 0 && (descriptor == -1 || (unlink (path) && errno != ENOENT)
                    || bind (descriptor, (const struct sockaddr *) &address, sizeof address) || chmod (path, 0600)
                    || listen (descriptor, CONTROL_CONNECTIONS_MAX)))
        rc = -errno;
    if (folder != -1)
        close (folder);
    if (rc && descriptor != -1)
        close (descriptor);
    return rc ? zooid_fault (rc) : descriptor;
}

static void
s_close (zooid_context_t *self, connection_t *connection)
{
    control_t *control = zooid_state (self);
    for (connection_t **link_p = &control->connections; *link_p; link_p = &(*link_p)->next)
        if (*link_p == connection) {
            *link_p = connection->next;
            control->connection_count--;
            break;
        }
    zooid_unwatch (self, connection->descriptor);
    close (connection->descriptor);
    zooid_buffer_fini (&connection->in);
    zooid_buffer_fini (&connection->out);
    free (connection);
}

//  ---- requests

static void
s_step (zooid_context_t *self, connection_t *connection);

static void
s_put_answer (connection_t *connection, const answer_t *answer)
{
    if (answer->failure)
        answer_write_failure (answer, "failure", &connection->out);
    else
        zooid_buffer_format (&connection->out, "{\"reply\":%s}", answer->reply);
    zooid_buffer_text (&connection->out, "\n");
}

static int
s_on_answer (zooid_context_t *self, void *state, const answer_t *answer)
{
    const control_t *control = zooid_state (self);
    uint64_t id = *(uint64_t *) state;
    for (connection_t *connection = control->connections; connection; connection = connection->next)
        if (connection->id == id) {
            connection->asking = false;
            s_put_answer (connection, answer);
            s_step (self, connection);
            break;
        }
    return 0;
}

static int
s_begin (zooid_context_t *self, connection_t *connection, const char *line, size_t size)
{
    zooid_violations_t violations = { 0 };
    zooid_arena_t *arena = zooid_arena (self);
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t msgpack = { 0 }, json = { 0 };
    request_t request = { 0 };
    if (zooid_json_read (&request_record, line, size, ZOOID_UNKNOWN_REFUSED, arena, &msgpack, &violations)
        || zooid_record_decode (&request_record, (zooid_bytes_t) { msgpack.data, msgpack.size }, arena, &request,
                             &violations)) {
        const char *detail = violations.count ? zooid_arena_format (arena, "%s: %s", violations.items [0].pointer,
                                                                    violations.items [0].detail)
                                              : "not a request";
        s_put_answer (connection, &(answer_t) { .failure = "malformed", .detail = detail, .errors = "[]" });
        return 0;
    }
    if (!ZOOID_HAS (&request_record, request_t, &request, arguments)
        || zooid_json_write (NULL, request.arguments.msgpack, &json)
        || strcmp (zooid_buffer_string (&json), "null") == 0) {
        zooid_buffer_clear (&json);
        zooid_buffer_text (&json, "{}");
    }
    uint64_t *id = zooid_allocate (sizeof *id);
    *id = connection->id;
    connection->asking = true;
    return question_ask (self, request.ask, zooid_buffer_string (&json), json.size, request.deadline_ms, s_on_answer,
                         id, free);
}

//  False: the client is gone.
static bool
s_flush (connection_t *connection)
{
    while (connection->sent < connection->out.size) {
        ssize_t part = send (connection->descriptor, connection->out.data + connection->sent,
                             connection->out.size - connection->sent, MSG_NOSIGNAL);
        if (part < 0)
            return errno == EAGAIN || errno == EINTR;
        connection->sent += (size_t) part;
    }
    zooid_buffer_clear (&connection->out);
    connection->sent = 0;
    return true;
}

//  Take a line from what came. False: there is no whole one.
static bool
s_take_line (connection_t *connection, zooid_buffer_t *ret_line)
{
    zooid_buffer_t *in = &connection->in;
    const uint8_t *end = in->size ? memchr (in->data, '\n', in->size) : NULL;
    if (!end)
        return false;
    size_t size = (size_t) (end - in->data);
    zooid_buffer_append (ret_line, in->data, size);
    memmove (in->data, end + 1, in->size - size - 1);
    in->size -= size + 1;
    return true;
}

static int
s_on_ready (zooid_context_t *self, void *state, int descriptor, unsigned events);

//  Go on as far as nothing is waited for. The connection may be gone afterwards.
static void
s_step (zooid_context_t *self, connection_t *connection)
{
    if (connection->stepping)
        return;
    connection->stepping = true;
    bool alive = true, more = true;
    while (more && (alive = s_flush (connection)) && connection->out.size == 0 && !connection->asking) {
        ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t line = { 0 };
        more = s_take_line (connection, &line);
        if (more && s_begin (self, connection, (const char *) line.data, line.size))
            alive = more = false;
        if (!more && alive && connection->in.size >= CONTROL_LINE_MAX) {
            s_put_answer (
                connection,
                &(answer_t) { .failure = "too_large", .detail = "a line of more than 1 MiB", .errors = "[]" });
            zooid_buffer_clear (&connection->in);
            connection->ended = more = true;
        }
    }
    connection->stepping = false;
    bool idle = connection->out.size == 0 && !connection->asking;
    if (!alive || (idle && connection->ended)) {
        s_close (self, connection);
        return;
    }
    unsigned events = (connection->out.size ? ZOOID_WRITABLE : 0U) | (idle && !connection->ended ? ZOOID_READABLE : 0U);
    if (events)
        zooid_watch (self, connection->descriptor, events, s_on_ready, connection);
    else
        zooid_unwatch (self, connection->descriptor);
}

static int
s_on_ready (zooid_context_t *self, void *state, int descriptor, unsigned events)
{
    connection_t *connection = state;
    if (events & ZOOID_READABLE && !connection->asking && connection->out.size == 0) {
        char part [16384];
        ssize_t size = recv (descriptor, part, sizeof part, 0);
        if (size > 0)
            zooid_buffer_append (&connection->in, part, (size_t) size);
        else if (size == 0 || (errno != EAGAIN && errno != EINTR))
            connection->ended = true;
    }
    s_step (self, connection);
    return 0;
}

//  ---- the actor

static int
s_on_accept (zooid_context_t *self, void *state, int descriptor, unsigned events)
{
    (void) events;
    control_t *control = state;
    int client = accept4 (descriptor, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (client == -1)
        return 0;
    bool own = getsockopt (client, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0
               && (peer.uid == geteuid () || peer.uid == 0);
    if (!own || control->connection_count == CONTROL_CONNECTIONS_MAX) {
        zooid_log (self, ZOOID_WARN, "control_refused",
                   ZOOID_TEXT ("why", own ? "too many connections" : "another user"));
        close (client);
        return 0;
    }
    connection_t *connection = zooid_allocate (sizeof *connection);
    *connection = (connection_t) { .descriptor = client, .id = ++control->last_id, .next = control->connections };
    control->connections = connection;
    control->connection_count++;
    int rc = zooid_watch (self, client, ZOOID_READABLE, s_on_ready, connection);
    if (rc)
        s_close (self, connection);
    return rc < 0 ? zooid_fault (rc) : 0;
}

static int
s_start (zooid_context_t *self, const void *settings_)
{
    const control_settings_t *settings = settings_;
    const char *const *paths = settings->sockets.items;
    control_t *control = zooid_state (self);
    control->listeners = zooid_allocate ((settings->sockets.count + 1) * sizeof control->listeners [0]);
    for (size_t i = 0; i < settings->sockets.count; i++) {
        int descriptor = s_listen (paths [i]);
        if (descriptor < 0)
            return descriptor;
        control->listeners [control->listener_count++] = (listener_t) { descriptor, zooid_duplicate (paths [i]) };
        int rc = zooid_watch (self, descriptor, ZOOID_READABLE, s_on_accept, control);
        if (rc)
            return zooid_fault (rc);
    }
    return 0;
}

static void
s_stop (zooid_context_t *self)
{
    control_t *control = zooid_state (self);
    while (control->connections)
        s_close (self, control->connections);
    for (size_t i = 0; i < control->listener_count; i++) {
        zooid_unwatch (self, control->listeners [i].descriptor);
        close (control->listeners [i].descriptor);
        unlink (control->listeners [i].path);
        free (control->listeners [i].path);
    }
    free (control->listeners);
}

static const zooid_contract_t contract = { .name = "control", .doc = "Asks from the control sockets." };

const zooid_module_t control_module = {
    ZOOID_MODULE_HEADER, .name = "control", .version = "1.0.0", .doc = "Answers on the control sockets of the node.",
    .contract = &contract, .settings = &control_settings, .state_size = sizeof (control_t), .start = s_start, .stop = s_stop,
};
