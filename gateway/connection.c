//  gateway/connection.c - one HTTP connection
//
//  A state machine with one place that moves it on, connection_run: whoever finds an answer only writes it down
//  (connection_answer) and lets the machine run, so that an answer that is there at once, one that comes by a
//  continuation and the requests of a pipeline all take the same way, without recursion. Requests are handled one
//  after another; what a peer sends ahead stays in `in`, at most CONNECTION_IN_MAX bytes of it, and is then left in
//  the kernel.
//
//  Whatever is wrong with the framing of a request ends the connection: nobody can tell where the next one would
//  begin. So does an answer given before the body was read. The end is a half close with a short linger, so that the
//  peer, which may still be sending, reads the answer and not a reset.
#include "connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
s_watch (zooid_context_t *self, connection_t *connection, unsigned events);

static void
s_close (zooid_context_t *self, connection_t *connection)
{
    if (connection->descriptor >= 0) {
        if (connection->watched)
            zooid_unwatch (self, connection->descriptor);
        close (connection->descriptor);
    }
    connection->watched = 0;
    connection->descriptor = -1;
    connection->state = CONNECTION_CLOSED;
}

static void
s_free_body (zooid_context_t *self, connection_t *connection)
{
    if (!connection->body)
        return;
    gateway_t *gateway = zooid_state (self);
    gateway->body_bytes -= connection->request.head.content_length;
    free (connection->body);
    connection->body = NULL;
}

static void
s_release_answer (connection_t *connection)
{
    zooid_buffer_clear (&connection->out);
    connection->gateway->answer_bytes -= connection->charged;
    connection->charged = connection->sent = 0;
}

void
connection_destroy (zooid_context_t *self, connection_t **connection_p)
{
    connection_t *connection = *connection_p;
    if (!connection)
        return;
    gateway_t *gateway = connection->gateway;
    s_close (self, connection);
    s_free_body (self, connection);
    request_end (connection, "client_gone");
    *connection->link = connection->next;
    if (connection->next)
        connection->next->link = connection->link;
    gateway->connection_count--;
    s_release_answer (connection);
    zooid_buffer_fini (&connection->out);
    free (connection->in);
    free (connection);
    *connection_p = NULL;
}

//  ---- in

//  Where bytes go, and how many. 0: there is no room.
static size_t
s_room (connection_t *connection, void **ret_at)
{
    if (connection->state == CONNECTION_BODY && connection->body) {
        *ret_at = connection->body + connection->body_size;
        return connection->request.head.content_length - connection->body_size;
    }
    *ret_at = connection->in + connection->in_size;
    return CONNECTION_IN_MAX - connection->in_size;
}

static void
s_discard (zooid_context_t *self, connection_t *connection)
{
    char bytes [16384];
    ssize_t size = recv (connection->descriptor, bytes, sizeof bytes, 0);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR))
        s_close (self, connection);
}

static void
s_receive (zooid_context_t *self, connection_t *connection)
{
    void *at = NULL;
    size_t room = s_room (connection, &at);
    if (room == 0)
        return;
    ssize_t size = recv (connection->descriptor, at, room, 0);
    if (size < 0) {
        if (errno != EAGAIN && errno != EINTR)
            s_close (self, connection);
        return;
    }
    if (size == 0)
        connection->peer_ended = true;
    else if (connection->state == CONNECTION_BODY && connection->body)
        connection->body_size += (size_t) size;
    else
        connection->in_size += (size_t) size;
}

static int
s_on_ready (zooid_context_t *self, void *state, int descriptor, unsigned events)
{
    (void) descriptor;
    connection_t *connection = state;
    if (connection->state == CONNECTION_LINGERING)
        s_discard (self, connection);
    else if (events & ZOOID_READABLE)
        s_receive (self, connection);
    connection_run (self, connection);
    return 0;
}

static void
s_watch (zooid_context_t *self, connection_t *connection, unsigned events)
{
    if (connection->watched == events || connection->descriptor < 0)
        return;
    if (events)
        (void) zooid_watch (self, connection->descriptor, events, s_on_ready, connection);
    else
        zooid_unwatch (self, connection->descriptor);
    connection->watched = events;
}

int
connection_await_body (zooid_context_t *self, connection_t *connection)
{
    gateway_t *gateway = zooid_state (self);
    const http_head_t *head = &connection->request.head;
    connection->state = CONNECTION_BODY;
    connection->deadline_ms = zooid_monotonic_ms (self) + gateway->settings->body_timeout;
    if (head->size + head->content_length <= CONNECTION_IN_MAX)
        return 0;
    if (gateway->body_bytes + head->content_length > CONNECTION_BODIES_MAX)
        return ZOOID_FULL;
    connection->body = malloc (head->content_length);
    if (!connection->body)
        return ZOOID_FULL;
    gateway->body_bytes += head->content_length;
    connection->body_size = connection->in_size - head->size;
    memcpy (connection->body, connection->in + head->size, connection->body_size);
    connection->in_size = head->size;
    return 0;
}

zooid_bytes_t
connection_body (const connection_t *connection)
{
    const http_head_t *head = &connection->request.head;
    const uint8_t *behind = (const uint8_t *) connection->in + head->size;
    return (zooid_bytes_t) { .data = connection->body ? connection->body : behind, .size = head->content_length };
}

static bool
s_body_is_whole (const connection_t *connection)
{
    const http_head_t *head = &connection->request.head;
    return connection->body ? connection->body_size == head->content_length
                            : connection->in_size >= head->size + head->content_length;
}

//  ---- out

void
connection_interject (zooid_context_t *self, connection_t *connection, const char *text)
{
    (void) self;
    zooid_buffer_text (&connection->out, text);
}

//  An answer that there is no room for becomes a short one.
static response_t
s_fit (const gateway_t *gateway, const response_t *response)
{
    if (gateway->answer_bytes + response->body.size <= CONNECTION_ANSWERS_MAX)
        return *response;
    return (response_t) { .status = 503, .headers = "Retry-After: 1\r\n" };
}

void
connection_answer (zooid_context_t *self, connection_t *connection, const response_t *response)
{
    gateway_t *gateway = zooid_state (self);
    response_t answer = s_fit (gateway, response);
    bool unread = connection->state == CONNECTION_HEAD && connection->request.head.content_length;
    if (connection->state == CONNECTION_BODY)
        unread = !s_body_is_whole (connection);
    if (unread || gateway->draining || !connection->request.head.keeps_alive)
        connection->closes = true;
    answer.close = answer.close || connection->closes;
    answer.omit_body = connection->request.head.method == HTTP_HEAD;
    connection->closes = answer.close;
    response_write (&answer, gateway_date (self, gateway), &connection->out);
    gateway->answer_bytes += connection->out.size - connection->charged;
    connection->charged = connection->out.size;
    connection->state = CONNECTION_SENDING;
    connection->deadline_ms = zooid_monotonic_ms (self) + gateway->settings->send_timeout;
    gateway->answers [answer.status / 100 % 6]++;
}

//  Send what is written. true: all of it.
static bool
s_flush (zooid_context_t *self, connection_t *connection)
{
    gateway_t *gateway = zooid_state (self);
    while (connection->sent < connection->out.size) {
        ssize_t size = send (connection->descriptor, connection->out.data + connection->sent,
                             connection->out.size - connection->sent, MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0) {
            if (errno != EAGAIN)
                s_close (self, connection);
            return false;
        }
        connection->sent += (size_t) size;
        if (connection->state == CONNECTION_SENDING)
            connection->deadline_ms = zooid_monotonic_ms (self) + gateway->settings->send_timeout;
    }
    s_release_answer (connection);
    return true;
}

int
connection_release (zooid_context_t *self, connection_t *connection)
{
    int descriptor = connection->descriptor;
    s_watch (self, connection, 0);
    connection->descriptor = -1;
    connection->state = CONNECTION_CLOSED;
    return descriptor;
}

//  ---- the machine

//  What framing cannot be told from is answered, and the end.
static void
s_refuse_head (zooid_context_t *self, connection_t *connection, const http_refusal_t *refusal)
{
    request_t *request = &connection->request;
    request->head = (http_head_t) { .method = HTTP_GET, .path = request->head.path };     //  As far as it was read
    request_trace (zooid_state (self), request);
    connection->closes = true;
    request_refuse (self, connection,
                    &(problem_t) { .status = refusal->status, .name = refusal->problem, .detail = refusal->detail },
                    NULL);
}

//  Returns whether there is more to do.
static bool
s_run_head (zooid_context_t *self, connection_t *connection)
{
    gateway_t *gateway = zooid_state (self);
    http_refusal_t refusal;
    if (connection->in_size && !connection->begun) {
        connection->begun = true;
        connection->deadline_ms = zooid_monotonic_ms (self) + gateway->settings->head_timeout;
    }
    int rc = connection->in_size
                 ? http_head_read (&connection->request.head, connection->in, connection->in_size, &refusal)
                 : ZOOID_MORE;
    if (rc == ZOOID_MORE) {
        if (connection->peer_ended)
            s_close (self, connection);
        return false;
    }
    if (rc)
        s_refuse_head (self, connection, &refusal);
    else
        request_begin (self, connection);
    return true;
}

static bool
s_run_body (zooid_context_t *self, connection_t *connection)
{
    if (!s_flush (self, connection))        //  100 Continue
        return false;
    if (s_body_is_whole (connection)) {
        connection->deadline_ms = 0;
        request_dispatch (self, connection);
        return true;
    }
    if (connection->peer_ended)
        s_close (self, connection);
    return false;
}

static bool
s_run_sending (zooid_context_t *self, connection_t *connection)
{
    gateway_t *gateway = zooid_state (self);
    if (!s_flush (self, connection))
        return false;
    const http_head_t *head = &connection->request.head;
    size_t used = head->size + (connection->body ? 0 : head->content_length);
    request_end (connection, NULL);
    s_free_body (self, connection);
    if (connection->closes) {
        (void) shutdown (connection->descriptor, SHUT_WR);
        connection->state = CONNECTION_LINGERING;
        connection->deadline_ms = zooid_monotonic_ms (self) + CONNECTION_LINGER_MS;
        if (connection->peer_ended)
            s_close (self, connection);
        return false;
    }
    connection->in_size -= used;
    memmove (connection->in, connection->in + used, connection->in_size);
    connection->begun = false;
    connection->state = CONNECTION_HEAD;
    connection->deadline_ms = zooid_monotonic_ms (self) + gateway->settings->idle_timeout;
    return true;
}

void
connection_run (zooid_context_t *self, connection_t *connection)
{
    bool more = true;
    while (more)
        switch (connection->state) {
        case CONNECTION_HEAD:    more = s_run_head (self, connection); break;
        case CONNECTION_BODY:    more = s_run_body (self, connection); break;
        case CONNECTION_SENDING: more = s_run_sending (self, connection); break;
        default:                 more = false; break;
        }
    if (connection->state == CONNECTION_CLOSED) {
        connection_destroy (self, &connection);
        return;
    }
    void *at = NULL;
    bool reads = connection->state == CONNECTION_LINGERING || (!connection->peer_ended && s_room (connection, &at));
    s_watch (self, connection, (reads ? ZOOID_READABLE : 0u) | (connection->out.size ? ZOOID_WRITABLE : 0u));
}

//  ---- beginning, and time

static int
s_on_tick (zooid_context_t *self, void *state)
{
    connections_tick (self, state);
    return 0;
}

enum { TICK_MS = 500 };

void
connection_new (zooid_context_t *self, gateway_t *gateway, int descriptor)
{
    if (gateway->connection_count >= (size_t) gateway->settings->connections_max) {
        static const char full [] =
            "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        (void) !send (descriptor, full, sizeof full - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        close (descriptor);
        gateway->answers [5]++;
        return;
    }
    connection_t *connection = zooid_allocate (sizeof *connection);
    connection->in = zooid_allocate (CONNECTION_IN_MAX);
    connection->gateway = gateway;
    connection->descriptor = descriptor;
    connection->deadline_ms = zooid_monotonic_ms (self) + gateway->settings->head_timeout;
    connection->link = &gateway->connections;
    connection->next = gateway->connections;
    if (connection->next)
        connection->next->link = &connection->next;
    gateway->connections = connection;
    gateway->connection_count++;
    if (!gateway->ticker)
        zooid_timer_start (self, TICK_MS, TICK_MS, s_on_tick, gateway, NULL, &gateway->ticker);
    s_receive (self, connection);           //  Mostly the request is there already
    connection_run (self, connection);
}

static void
s_time_out (zooid_context_t *self, connection_t *connection)
{
    static const http_refusal_t slow_head = { 408, "request_timeout", "The head of the request did not come in time." };
    bool is_head = connection->state == CONNECTION_HEAD && connection->in_size;
    if (is_head)
        s_refuse_head (self, connection, &slow_head);
    else if (connection->state == CONNECTION_BODY) {
        connection->closes = true;
        request_refuse (self, connection, &(problem_t) { .status = 408, .name = "request_timeout",
            .detail = "The body of the request did not come in time." }, NULL);
    }
    else
        s_close (self, connection);
    connection_run (self, connection);
}

void
connections_tick (zooid_context_t *self, gateway_t *gateway)
{
    int64_t now = zooid_monotonic_ms (self);
    for (connection_t *connection = gateway->connections, *next; connection; connection = next) {
        next = connection->next;
        if (connection->deadline_ms && connection->deadline_ms <= now && connection->state != CONNECTION_BUSY)
            s_time_out (self, connection);
    }
    if (gateway->connections)
        return;
    zooid_timer_stop (self, gateway->ticker);
    gateway->ticker = 0;
}

void
connections_drain (zooid_context_t *self, gateway_t *gateway)
{
    for (connection_t *connection = gateway->connections, *next; connection; connection = next) {
        next = connection->next;
        connection->closes = true;
        if (connection->state == CONNECTION_HEAD && connection->in_size == 0)
            connection_destroy (self, &connection);
    }
}
