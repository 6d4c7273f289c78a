//  link.c - cnats waits in many places: for a connection, for room in a socket, for a PONG. All of them are reached on
//  the pool alone, with one job out at a time. Its own reconnecting is off: what it would buffer meanwhile nobody
//  counts.
//
//  A batch ends with a PING, and counts as delivered when the PONG is back: the server has read everything before it.
//  That is also what flushes: cnats' flusher thread would hold the last message up to 1 ms.
//
//  The library says on a thread of its own that a connection has ended. It says so once for each that was made, also
//  for those that we close: closing waits for that, so that nothing of ours is used after it.
#include "link.h"

#include "route/cloud_event.h"

#include <nats/nats.h>

#include <inttypes.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONNECT_MS = 5000,
    FLUSH_MS = 2000,            //  A job on the pool takes no longer, twice: writing, then waiting for the PONG
    PING_MS = 10000,            //  When nothing is published
    PINGS_MAX = 2,
    WHY_SIZE = 160,
};

struct link {
    atomic_uint users;
    natsConnection *connection;     //  NULL: never made
    zooid_port_t *port;             //  For s_on_closed alone
    sem_t is_closed;
    uint64_t number;
    link_closed_fn *closed;
    char *source;
    char instance [ZOOID_ID_SIZE];  //  Ids of messages are of this process alone
};

static link_t *
s_keep (link_t *self)
{
    atomic_fetch_add (&self->users, 1);
    return self;
}

void
link_release (link_t **self_p)
{
    link_t *self = *self_p;
    *self_p = NULL;
    if (!self || atomic_fetch_sub (&self->users, 1) != 1)
        return;
    if (self->connection) {
        natsConnection_Destroy (self->connection);
        while (sem_wait (&self->is_closed))
            continue;
    }
    zooid_port_destroy (&self->port);
    sem_destroy (&self->is_closed);
    free (self->source);
    free (self);
}

bool
link_is_closed (const link_t *self)
{
    return natsConnection_IsClosed (self->connection);
}

typedef struct {
    link_t *link;
} retiring_t;

static int
s_retire (void *state)
{
    link_release (&((retiring_t *) state)->link);
    return 0;
}

static int
s_retired (zooid_context_t *context, void *state, int result)
{
    (void) context;
    (void) state;
    (void) result;
    return 0;
}

static void
s_retiring_release (void *state)
{
    link_release (&((retiring_t *) state)->link);
    free (state);
}

void
link_retire (link_t **self_p, zooid_context_t *context)
{
    if (!*self_p)
        return;
    retiring_t *job = zooid_allocate (sizeof *job);
    job->link = *self_p;
    *self_p = NULL;
    if (zooid_work (context, s_retire, s_retired, job, s_retiring_release))
        s_retiring_release (job);
}

//  ---- the end of a connection

typedef struct {
    link_closed_fn *closed;
    uint64_t number;
} ending_t;

static int
s_tell_closed (zooid_context_t *context, void *state)
{
    const ending_t *ending = state;
    return ending->closed (context, ending->number);
}

static void
s_on_closed (natsConnection *connection, void *closure)
{
    link_t *self = closure;
    (void) connection;
    ending_t *ending = zooid_allocate (sizeof *ending);
    *ending = (ending_t) { self->closed, self->number };
    //  A full mailbox means that events flow: the next batch finds out.
    if (zooid_port_post (self->port, s_tell_closed, ending, free))
        free (ending);
    sem_post (&self->is_closed);
}

//  ---- connecting

typedef struct {
    link_t *link;
    char *url, *name, *username, *password;
    link_connected_fn *then;
    char why [WHY_SIZE];
} connecting_t;

static void
s_connecting_release (void *state)
{
    connecting_t *self = state;
    link_release (&self->link);
    free (self->url);
    free (self->name);
    free (self->username);
    if (self->password)
        explicit_bzero (self->password, strlen (self->password));
    free (self->password);
    free (self);
}

static natsStatus
s_set_options (natsOptions *options, const connecting_t *self)
{
    natsStatus status = natsOptions_SetURL (options, self->url);
    if (status == NATS_OK)
        status = natsOptions_SetName (options, self->name);
    if (status == NATS_OK && self->username)
        status = natsOptions_SetUserInfo (options, self->username, self->password ? self->password : "");
    if (status == NATS_OK)
        status = natsOptions_SetTimeout (options, CONNECT_MS);
    if (status == NATS_OK)
        status = natsOptions_SetWriteDeadline (options, FLUSH_MS);
    if (status == NATS_OK)
        status = natsOptions_SetPingInterval (options, PING_MS);
    if (status == NATS_OK)
        status = natsOptions_SetMaxPingsOut (options, PINGS_MAX);
    if (status == NATS_OK)
        status = natsOptions_SetAllowReconnect (options, false);
    if (status == NATS_OK)
        status = natsOptions_SetClosedCB (options, s_on_closed, self->link);
    return status;
}

//  What the library says last begins with the place in its source: "(conn.c:1909): Expected 'PONG'". Often there is
//  nothing behind it but the status in words.
static void
s_say_why (connecting_t *self, natsStatus status)
{
    const char *detail = nats_GetLastError (NULL), *words = natsStatus_GetText (status);
    const char *text = detail && *detail == '(' ? strstr (detail, "): ") : NULL;
    text = text ? text + 3 : detail ? detail : "";
    if (strncmp (text, words, strlen (words)) == 0)
        snprintf (self->why, sizeof self->why, "%s", text);
    else
        snprintf (self->why, sizeof self->why, "%s%s%s", words, *text ? ": " : "", text);
}

static int
s_connect (void *state)
{
    connecting_t *self = state;
    natsOptions *options = NULL;
    natsConnection *connection = NULL;
    natsStatus status = natsOptions_Create (&options);
    if (status == NATS_OK)
        status = s_set_options (options, self);
    if (status == NATS_OK)
        status = natsConnection_Connect (&connection, options);
    natsOptions_Destroy (options);
    if (status == NATS_OK)
        self->link->connection = connection;
    else
        s_say_why (self, status);
    return 0;
}

static int
s_connected (zooid_context_t *context, void *state, int result)
{
    connecting_t *self = state;
    (void) result;
    link_t *link = self->link->connection ? s_keep (self->link) : NULL;
    int rc = self->then (context, &link, self->why);
    link_release (&link);
    return rc;
}

static char *
s_copy (const char *text)
{
    return text ? zooid_duplicate (text) : NULL;
}

int
link_connect (zooid_context_t *context, const link_options_t *options, uint64_t number, link_connected_fn *then,
              link_closed_fn *closed)
{
    link_t *link = zooid_allocate (sizeof *link);
    link->number = number;
    link->closed = closed;
    link->source = zooid_duplicate (options->source);
    atomic_init (&link->users, 1);
    sem_init (&link->is_closed, 0, 0);
    zooid_id (context, link->instance);
    zooid_port_new (&link->port, context);
    connecting_t *self = zooid_allocate (sizeof *self);
    *self = (connecting_t) {
        .link = link, .url = zooid_duplicate (options->url), .name = zooid_duplicate (options->name),
        .username = s_copy (options->username), .password = s_copy (options->password), .then = then,
    };
    int rc = zooid_work (context, s_connect, s_connected, self, s_connecting_release);
    if (rc)
        s_connecting_release (self);
    return rc;
}

//  ---- publishing

typedef struct {
    link_t *link;
    publication_t *first;
    link_published_fn *then;
    zooid_buffer_t json;
    char why [WHY_SIZE];
} publishing_t;

//  Publications are still here when the actor stopped before it was told what became of them. It has counted them then.
static void
s_publishing_release (void *state)
{
    publishing_t *self = state;
    while (self->first) {
        publication_t *publication = self->first;
        self->first = publication->next;
        publication_destroy (&publication);
    }
    link_release (&self->link);
    zooid_buffer_fini (&self->json);
    free (self);
}

//  CloudEvents 1.0 in the binary mode of its NATS binding.
static natsStatus
s_set_headers (natsMsg *message, const publication_t *publication, const link_t *link)
{
    char id [ZOOID_ID_SIZE + 24], type [256], time [ZOOID_TIMESTAMP_SIZE], traceparent [TRACEPARENT_SIZE];
    const char *topic = zooid_message_name (publication->message);
    snprintf (id, sizeof id, "%s-%" PRIu64, link->instance, zooid_message_id (publication->message));
    cloud_event_type (publication->event ? publication->event->topic : topic, type, sizeof type);
    zooid_timestamp_write (publication->at_ms, time);
    const struct { const char *name, *value; } headers [] = {
        { "ce-" CLOUD_EVENT_SPECVERSION, CLOUD_EVENT_VERSION },
        { "ce-" CLOUD_EVENT_ID, id },
        { "ce-" CLOUD_EVENT_SOURCE, link->source },
        { "ce-" CLOUD_EVENT_TYPE, type },
        { "ce-" CLOUD_EVENT_TIME, time },
        { "ce-" CLOUD_EVENT_SUBJECT, topic },
        { "content-type", "application/json" },
        { CLOUD_EVENT_TRACEPARENT,
          traceparent_write (zooid_message_trace (publication->message), traceparent) ? traceparent : NULL },
    };
    natsStatus status = NATS_OK;
    for (size_t n = 0; n < ZOOID_COUNT (headers) && status == NATS_OK; n++)
        if (headers [n].value)
            status = natsMsgHeader_Set (message, headers [n].name, headers [n].value);
    return status;
}

static natsStatus
s_publish_one (publishing_t *self, publication_t *publication)
{
    const zooid_record_t *record = publication->event ? publication->event->carries : NULL;
    natsMsg *message = NULL;
    zooid_buffer_clear (&self->json);
    if (zooid_json_write (record, zooid_message_payload (publication->message), &self->json) || self->json.failed) {
        publication->verdict = PUBLICATION_BROKEN;
        return NATS_OK;
    }
    natsStatus status = natsMsg_Create (&message, publication->subject, NULL, (const char *) self->json.data,
                                        (int) self->json.size);
    if (status == NATS_OK)
        status = s_set_headers (message, publication, self->link);
    if (status == NATS_OK)
        status = natsConnection_PublishMsg (self->link->connection, message);
    natsMsg_Destroy (message);
    publication->verdict = status == NATS_OK ? PUBLICATION_SENT : PUBLICATION_WAITS;
    if (status != NATS_MAX_PAYLOAD)
        return status;
    publication->verdict = PUBLICATION_TOO_LARGE;
    return NATS_OK;
}

static int
s_publish (void *state)
{
    publishing_t *self = state;
    natsStatus status = NATS_OK;
    for (publication_t *each = self->first; each && status == NATS_OK; each = each->next)
        status = s_publish_one (self, each);
    if (status == NATS_OK)
        status = natsConnection_FlushTimeout (self->link->connection, FLUSH_MS);
    if (status != NATS_OK)
        snprintf (self->why, sizeof self->why, "%s", natsStatus_GetText (status));
    return 0;
}

static int
s_published (zooid_context_t *context, void *state, int result)
{
    publishing_t *self = state;
    (void) result;
    publication_t *first = self->first;
    self->first = NULL;
    return self->then (context, first, *self->why ? self->why : NULL);
}

int
link_publish (link_t *self, zooid_context_t *context, publication_t **first_p, link_published_fn *then)
{
    publishing_t *job = zooid_allocate (sizeof *job);
    *job = (publishing_t) { .link = s_keep (self), .first = *first_p, .then = then };
    int rc = zooid_work (context, s_publish, s_published, job, s_publishing_release);
    if (rc == 0)
        *first_p = NULL;
    else {
        job->first = NULL;
        s_publishing_release (job);
    }
    return rc;
}
