//  gateway/events.c - events to browsers by WebSocket, and the libwebsockets loop that they live in
//
//  libwebsockets speaks WebSocket here and nothing else. It is handed a connection whose upgrade request was read,
//  checked and authorised by the front, together with a request of our own making: no byte of a head that a peer
//  wrote is ever parsed by it. Its path is the viewer's number, by which the connection finds its viewer again.
//
//  Patterns are subscribed to once for all clients that want them (a feed). An event is written as JSON once, into a
//  frame that all their queues share. A queue that is full sheds its oldest frame and says how many are missing
//  before the next. The offset counts this gateway's events since its start; a viewer sees it grow, with steps where
//  others' events were.
//
//  Callbacks of libwebsockets are no turns: they touch nothing of the runtime but ledgers of our own and a port, by
//  which a turn is asked for: to end feeds that nobody watches, or to look at a token that was sent.
#include "events.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zooid/directory.h>
#include <zooid/log.h>

#include "viewer.h"

enum {
    FEED_LIMIT = 16384,             //  Events that wait in our mailbox for one feed
    SEND_BUFFER = 65536,
    DESCRIPTORS_MAX = 65536,        //  More would make tables of their own size
};

struct feed {
    feed_t *next;
    events_t *events;
    char *pattern;
    uint64_t subscription;
    uint64_t dropped;               //  Events that the subscription shed, as far as it was said
    size_t watchers;
};

struct events {
    struct lws_context *context;    //  NULL: the loop does not run
    struct lws_vhost *vhost;
    lws_retry_bo_t pings;
    events_turn_fn *turn;
    void *turn_state;
    bool ended, sweeping;
    zooid_port_t *port;
    events_renew_fn *renew;
    zooid_ledger_t *ledger;
    feed_t *feeds;
    viewer_t *viewers;
    size_t viewer_count;
    uint64_t next_number, offset;
};

//  ---- viewers

static int
s_on_sweep (zooid_context_t *self, void *state)
{
    events_t *events = state;
    events->sweeping = false;
    for (feed_t **link = &events->feeds, *feed; (feed = *link);) {
        if (feed->watchers) {
            link = &feed->next;
            continue;
        }
        zooid_unsubscribe (self, feed->subscription);
        *link = feed->next;
        free (feed->pattern);
        free (feed);
    }
    return 0;
}

static void
s_end_viewer (events_t *events, viewer_t *viewer)
{
    for (size_t index = 0; index < viewer->feed_count; index++)
        viewer->feeds [index]->watchers--;
    viewer_destroy (&viewer);
    events->viewer_count--;
    //  When the post is refused, the next viewer's end sweeps for this one too
    if (!events->sweeping)
        events->sweeping = zooid_port_post (events->port, s_on_sweep, events, NULL) == 0;
}

static viewer_t *
s_find_viewer (const events_t *events, uint64_t number)
{
    for (viewer_t *viewer = events->viewers; viewer; viewer = viewer->next)
        if (viewer->number == number)
            return viewer;
    return NULL;
}

size_t
events_client_count (const events_t *events)
{
    return events ? events->viewer_count : 0;
}

void
events_drain (events_t *events)
{
    for (viewer_t *viewer = events->viewers; viewer; viewer = viewer->next)
        viewer_close (viewer, LWS_CLOSE_STATUS_GOINGAWAY, "The node is stopping.");
}

//  ---- what comes from the runtime

//  Does the viewer get an event of this feed's? Not when an earlier pattern of its own has it already.
static bool
s_wants (const viewer_t *viewer, const feed_t *feed, const char *topic, const char *scope)
{
    if (viewer->close_code || !zooid_principal_has (viewer->principal, scope))
        return false;
    for (size_t index = 0; index < viewer->feed_count; index++) {
        if (viewer->feeds [index] == feed)
            return true;
        if (zooid_topic_matches (viewer->feeds [index]->pattern, topic))
            return false;
    }
    return false;
}

static frame_t *
s_write_frame (events_t *events, const char *topic, const zooid_record_t *carries, zooid_bytes_t payload)
{
    zooid_buffer_t text = { .limit = 0 };
    frame_t *frame = NULL;
    zooid_buffer_format (&text, "{\"topic\":\"%s\",\"offset\":%" PRIu64 ",\"event\":", topic, events->offset);
    if (payload.size == 0)
        zooid_buffer_text (&text, "null");
    if (payload.size == 0 || zooid_json_write (carries, payload, &text) == 0) {
        zooid_buffer_text (&text, "}");
        frame = text.failed ? NULL : frame_new (text.data, text.size);
    }
    zooid_buffer_fini (&text);
    return frame;
}

//  What was shed before it came to us is a gap to everybody who watches the feed.
static void
s_pass_on_gap (zooid_context_t *self, feed_t *feed)
{
    uint64_t dropped = zooid_subscription_dropped (self, feed->subscription), more = dropped - feed->dropped;
    feed->dropped = dropped;
    for (viewer_t *viewer = feed->events->viewers; more && viewer; viewer = viewer->next)
        for (size_t index = 0; index < viewer->feed_count; index++)
            if (viewer->feeds [index] == feed)
                viewer->gap += more;
}

static int
s_on_event (zooid_context_t *self, void *state, const zooid_message_t *event)
{
    feed_t *feed = state;
    events_t *events = feed->events;
    const char *topic = zooid_message_name (event);
    const zooid_event_t *declared = NULL;
    frame_t *frame = NULL;
    if (zooid_directory_event (self, topic, &declared))
        return 0;                   //  Its actor has gone: nobody says who may see it
    events->offset++;
    s_pass_on_gap (self, feed);
    for (viewer_t *viewer = events->viewers; viewer; viewer = viewer->next) {
        if (!s_wants (viewer, feed, topic, declared->scope))
            continue;
        if (!frame)
            frame = s_write_frame (events, topic, declared->carries, zooid_message_payload (event));
        if (!frame) {
            zooid_dead_letter (self, "not_json", topic, zooid_message_payload (event),
                               "an event does not fit its record");
            return 0;
        }
        viewer_push (viewer, frame);
    }
    if (frame)
        frame_release (frame);
    return 0;
}

//  The feed of a pattern, made when there is none. NULL: it cannot be subscribed to.
static feed_t *
s_feed (zooid_context_t *self, events_t *events, const char *pattern)
{
    for (feed_t *feed = events->feeds; feed; feed = feed->next)
        if (strcmp (feed->pattern, pattern) == 0)
            return feed;
    feed_t *feed = zooid_allocate (sizeof *feed);
    feed->events = events;
    if (zooid_subscribe (self, pattern, ZOOID_DROP_OLDEST, FEED_LIMIT, s_on_event, feed, &feed->subscription)) {
        free (feed);
        return NULL;
    }
    feed->pattern = zooid_duplicate (pattern);
    feed->next = events->feeds;
    events->feeds = feed;
    return feed;
}

//  How long a principal's token still holds; 0: for ever.
static int64_t
s_life (zooid_context_t *self, const zooid_principal_t *principal)
{
    int64_t expires = zooid_principal_expires_at_ms (principal), left = expires - zooid_wall_ms (self);
    return expires == 0 ? 0 : left > 1 ? left : 1;
}

static viewer_t *
s_new_viewer (zooid_context_t *self, events_t *events, const events_client_t *wanted)
{
    viewer_t *viewer = NULL;
    viewer_new (&viewer, &events->viewers, events->ledger);
    viewer->number = ++events->next_number;
    if (wanted->principal) {
        viewer->principal = zooid_principal_keep (wanted->principal);
        viewer->lives_ms = s_life (self, wanted->principal);
    }
    for (size_t index = 0; index < wanted->pattern_count; index++) {
        feed_t *feed = s_feed (self, events, wanted->patterns [index]);
        if (!feed)
            continue;
        feed->watchers++;
        viewer->feeds [viewer->feed_count++] = feed;
    }
    events->viewer_count++;
    return viewer;
}

void
events_adopt (zooid_context_t *self, events_t *events, int descriptor, const events_client_t *wanted)
{
    if (!events->context) {
        close (descriptor);
        return;
    }
    int size = SEND_BUFFER;         //  What waits in the kernel is as late as what waits here, and cannot be shed
    (void) setsockopt (descriptor, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    uint64_t number = s_new_viewer (self, events, wanted)->number;
    zooid_buffer_t head = { .limit = 0 };
    zooid_buffer_format (&head,
                         "GET /%" PRIu64 " HTTP/1.1\r\nHost: zooid\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
                         number, wanted->key, wanted->has_protocol ? "Sec-WebSocket-Protocol: zooid.v1\r\n" : "");
    struct lws *wsi = lws_adopt_socket_vhost_readbuf (events->vhost, descriptor, zooid_buffer_string (&head),
                                                      head.size);
    zooid_buffer_fini (&head);
    viewer_t *viewer = s_find_viewer (events, number);      //  Its end may have come already
    if (viewer && !wsi)
        s_end_viewer (events, viewer);
}

//  ---- what comes from libwebsockets

//  A text has come: in a turn, see whether it is a token that takes the place of the one that will end.
typedef struct {
    events_t *events;
    uint64_t number;
} renewal_t;

typedef struct {
    const char *authorization;
} renewal_message_t;

static const zooid_field_t renewal_fields [] = {
    ZOOID_STRING (renewal_message_t, authorization, .max_length = VIEWER_TEXT_MAX),
};
static const zooid_record_t renewal_record = ZOOID_RECORD ("renewal", renewal_message_t, renewal_fields,
                                                           .doc = "A token in place of another");

//  NULL: it is not a token of the viewer's.
static zooid_principal_t *
s_read_renewal (zooid_context_t *self, const events_t *events, const viewer_t *viewer)
{
    renewal_message_t message;
    zooid_principal_t *principal = NULL;
    zooid_buffer_t packed = { .limit = 0 };
    zooid_arena_t *arena = zooid_arena (self);
    if (zooid_json_read (&renewal_record, viewer->text, strlen (viewer->text), ZOOID_UNKNOWN_REFUSED, arena, &packed, NULL) == 0
        && zooid_decode (self, &renewal_record, (zooid_bytes_t) { packed.data, packed.size }, &message) == 0)
        principal = events->renew (self, message.authorization);
    zooid_buffer_fini (&packed);
    bool is_same = principal && viewer->principal
                   && strcmp (zooid_principal_subject (principal), zooid_principal_subject (viewer->principal)) == 0;
    if (!is_same)
        zooid_principal_destroy (&principal);
    return principal;
}

static int
s_on_renewal (zooid_context_t *self, void *state)
{
    const renewal_t *renewal = state;
    viewer_t *viewer = s_find_viewer (renewal->events, renewal->number);
    if (!viewer)
        return 0;
    zooid_principal_t *principal = s_read_renewal (self, renewal->events, viewer);
    viewer->renewing = false;
    viewer_forget_text (viewer);
    viewer_say (viewer, principal ? "{\"renewed\":true}" : "{\"renewed\":false}");
    if (principal) {
        zooid_principal_destroy (&viewer->principal);
        viewer->principal = principal;
        viewer_set_life (viewer, s_life (self, principal));
    }
    return 0;
}

static int
s_on_receive (events_t *events, viewer_t *viewer, const void *data, size_t size)
{
    bool is_text = false;
    int rc = viewer_receive (viewer, data, size, &is_text);
    if (rc || !is_text)
        return rc;
    renewal_t *renewal = zooid_allocate (sizeof *renewal);
    *renewal = (renewal_t) { .events = events, .number = viewer->number };
    viewer->renewing = zooid_port_post (events->port, s_on_renewal, renewal, free) == 0;
    if (!viewer->renewing) {
        viewer_forget_text (viewer);
        free (renewal);
    }
    return 0;
}

static int
s_on_upgrade (events_t *events, struct lws *wsi)
{
    char path [32] = "";
    if (lws_hdr_copy (wsi, path, sizeof path, WSI_TOKEN_GET_URI) < 2)
        return -1;
    viewer_t *viewer = s_find_viewer (events, strtoull (path + 1, NULL, 10));
    if (!viewer || viewer->wsi)
        return -1;
    lws_set_opaque_user_data (wsi, viewer);
    return 0;
}

static int
s_on_established (viewer_t *viewer, struct lws *wsi)
{
    viewer->wsi = wsi;
    if (viewer->lives_ms)
        lws_set_timer_usecs (wsi, viewer->lives_ms * LWS_USEC_PER_SEC / 1000);
    if (viewer->count || viewer->close_code)
        lws_callback_on_writable (wsi);
    return 0;
}

static int
s_on_websocket (struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size)
{
    (void) user;
    events_t *events = lws_context_user (lws_get_context (wsi));
    viewer_t *viewer = lws_get_opaque_user_data (wsi);
    switch (reason) {
    case LWS_CALLBACK_HTTP:                         return -1;      //  Only upgrades are handed over
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:   return s_on_upgrade (events, wsi);
    case LWS_CALLBACK_ESTABLISHED:                  return viewer ? s_on_established (viewer, wsi) : -1;
    case LWS_CALLBACK_SERVER_WRITEABLE:             return viewer && viewer->wsi ? viewer_write (viewer) : 0;
    case LWS_CALLBACK_RECEIVE: return viewer && viewer->wsi ? s_on_receive (events, viewer, in, size) : -1;
    case LWS_CALLBACK_TIMER:
        if (viewer)
            viewer_close (viewer, VIEWER_CLOSE_EXPIRED, "The token has expired.");
        return 0;
    case LWS_CALLBACK_CLOSED:
    case LWS_CALLBACK_WSI_DESTROY:
        if (viewer) {
            lws_set_opaque_user_data (wsi, NULL);
            s_end_viewer (events, viewer);
        }
        return 0;
    default:
        return 0;
    }
}

static int
s_on_descriptor (struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size)
{
    (void) user;
    (void) in;
    (void) size;
    events_t *events = lws_context_user (lws_get_context (wsi));
    if (reason == LWS_CALLBACK_RAW_RX_FILE && !events->ended)
        events->ended = !events->turn (events->turn_state);
    return 0;
}

//  ---- the loop

static const struct lws_protocols protocols [] = {
    { .name = "zooid.v1", .callback = s_on_websocket, .rx_buffer_size = 4096 },
    { .name = "turn", .callback = s_on_descriptor },
    { .name = NULL },
};

static void
s_on_log (int level, const char *line)
{
    size_t size = strlen (line);
    char text [256];
    snprintf (text, sizeof text, "%.*s", (int) (size && line [size - 1] == '\n' ? size - 1 : size), line);
    //  Its errors are those of single connections; only a context that cannot be made is an error of ours
    zooid_log (NULL, ZOOID_DEBUG, "libwebsockets", ZOOID_NUMBER ("level", level), { .name = "text", .text = text });
}

static int
s_open (events_t *events, int descriptor)
{
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER, .protocols = protocols, .gid = -1, .uid = -1, .alpn = "http/1.1",
        .vhost_name = "zooid", .user = events, .retry_and_idle_policy = &events->pings, .timeout_secs = 10,
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
    };
    struct rlimit limit;
    if (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > DESCRIPTORS_MAX)
        info.fd_limit_per_thread = EVENTS_CLIENTS_MAX + 64;
    lws_set_log_level (LLL_ERR | LLL_WARN, s_on_log);
    events->context = lws_create_context (&info);
    events->vhost = events->context ? lws_create_vhost (events->context, &info) : NULL;
    if (!events->vhost)
        return zooid_fault (-ENOMEM);
    lws_sock_file_fd_type own = { .filefd = dup (descriptor) };     //  It closes what it was given
    if (own.filefd < 0)
        return zooid_fault (-errno);
    if (!lws_adopt_descriptor_vhost (events->vhost, LWS_ADOPT_RAW_FILE_DESC, own, "turn", NULL))
        return zooid_fault (-ENOMEM);
    return 0;
}

//  The loop was left while goodbyes wait to be written: what the sockets take at once is sent, a slow one is not
//  waited for.
static void
s_send_goodbyes (events_t *events)
{
    enum { ROUNDS = 64 };
    bool waits = true;
    for (unsigned round = 0; waits && round < ROUNDS; round++) {
        waits = false;
        for (viewer_t *viewer = events->viewers; viewer; viewer = viewer->next)
            waits = waits || (viewer->wsi && viewer->close_code && !viewer->said_goodbye);
        if (waits && lws_service (events->context, 0) < 0)
            return;
    }
}

int
events_run (events_t *events, int descriptor, events_turn_fn *turn, void *state)
{
    events->turn = turn;
    events->turn_state = state;
    int rc = s_open (events, descriptor);
    if (rc == 0)
        events->ended = !turn (state);
    while (rc == 0 && !events->ended)
        if (lws_service (events->context, 0) < 0)
            rc = zooid_fault (-EIO);
    if (rc == 0)
        s_send_goodbyes (events);
    struct lws_context *context = events->context;
    events->context = NULL;
    if (context)
        lws_context_destroy (context);
    return rc;
}

void
events_new (zooid_context_t *self, events_t **events_p, int64_t ping_ms, events_renew_fn *renew)
{
    events_t *events = zooid_allocate (sizeof *events);
    uint16_t seconds = (uint16_t) (ping_ms < 1000 ? 1 : ping_ms / 1000);
    events->pings = (lws_retry_bo_t) { .secs_since_valid_ping = seconds,
                                       .secs_since_valid_hangup = (uint16_t) (2 * seconds) };
    events->renew = renew;
    events->ledger = zooid_ledger (self, "websocket");
    zooid_port_new (&events->port, self);
    *events_p = events;
}

void
events_destroy (events_t **events_p)
{
    events_t *events = *events_p;
    if (!events)
        return;
    while (events->viewers) {
        viewer_t *viewer = events->viewers;
        s_end_viewer (events, viewer);
    }
    while (events->feeds) {
        feed_t *feed = events->feeds;
        events->feeds = feed->next;
        free (feed->pattern);
        free (feed);
    }
    zooid_port_destroy (&events->port);
    free (events);
    *events_p = NULL;
}
