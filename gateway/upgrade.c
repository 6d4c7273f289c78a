//  gateway/upgrade.c - GET /ws/events: who may open a WebSocket, and to which topics (RFC 6455)
//
//  All is settled before the upgrade, so that a refusal is an answer like any other: the handshake's own headers, the
//  page's Origin, who asks (a bearer token, or a ticket in a subprotocol that whoever has the role `identity.tickets`
//  redeems), and whether each pattern can match an event that they may see. Which events pass is asked again at each.
#include <string.h>
#include <zooid/msgpack.h>

#include "connection.h"
#include "endpoints.h"
#include "uri.h"

#define PROTOCOL "zooid.v1"
#define TICKET "ticket."

enum { TICKET_MAX = 256, TICKET_SCOPES_MAX = 128 };

typedef struct {
    zooid_presence_t presence;
    const char *ticket, *origin;
} ticket_t;

static const zooid_field_t ticket_fields [] = {
    ZOOID_STRING (ticket_t, ticket, .min_length = 1, .max_length = TICKET_MAX),
    ZOOID_STRING (ticket_t, origin, .optional = true, .max_length = 256),
};
static const zooid_record_t ticket_record = ZOOID_RECORD ("ticket", ticket_t, ticket_fields,
    .presence = ZOOID_PRESENCE (ticket_t), .doc = "A ticket to redeem");

typedef struct {
    const char *subject;
    zooid_any_t scopes;             //  A list of strings, or one with spaces between them
    int64_t expires_at;
} ticket_owner_t;

static const zooid_field_t owner_fields [] = {
    ZOOID_STRING (ticket_owner_t, subject, .min_length = 1, .max_length = 255),
    ZOOID_ANY (ticket_owner_t, scopes),
    ZOOID_TIMESTAMP (ticket_owner_t, expires_at),
};
static const zooid_record_t owner_record = ZOOID_RECORD ("ticket_owner", ticket_owner_t, owner_fields,
                                                         .doc = "Whose ticket it is");

static void
s_refuse (zooid_context_t *self, connection_t *connection, int status, const char *name, const char *detail)
{
    const char *headers = status == 426   ? "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                          : status == 401 ? "WWW-Authenticate: Bearer realm=\"zooid\"\r\n"
                                          : NULL;
    request_refuse (self, connection, &(problem_t) { .status = status, .name = name, .detail = detail }, headers);
}

//  ---- the handshake

//  Sixteen bytes in base64.
static bool
s_is_key (http_text_t key)
{
    if (key.size != 24 || key.data [22] != '=' || key.data [23] != '=')
        return false;
    for (size_t index = 0; index < 22; index++) {
        char c = key.data [index];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' || c == '/'))
            return false;
    }
    return true;
}

static bool
s_check_handshake (zooid_context_t *self, connection_t *connection)
{
    const gateway_t *gateway = zooid_state (self);
    const http_head_t *head = &connection->request.head;
    http_text_t origin = http_head_find (head, "origin");
    if (!head->upgrades || head->method != HTTP_GET
        || !http_text_is (http_head_find (head, "sec-websocket-version"), "13"))
        s_refuse (self, connection, 426, "upgrade_required", "This path is for WebSocket, version 13.");
    else if (!http_list_has (http_head_find (head, "connection"), "upgrade")
             || !s_is_key (http_head_find (head, "sec-websocket-key")))
        s_refuse (self, connection, 400, "malformed",
                  "The handshake lacks Connection: Upgrade or a sound Sec-WebSocket-Key.");
    else if (connection->in_size != head->size)
        s_refuse (self, connection, 400, "malformed", "Bytes came before the handshake was answered.");
    else if (origin.data && !origins_has (gateway->origins, origin))
        s_refuse (self, connection, 403, "denied", "Pages of this origin may not open a WebSocket here.");
    else if (events_client_count (gateway->events) >= EVENTS_CLIENTS_MAX || gateway->draining)
        s_refuse (self, connection, 503, "overloaded", "No more WebSockets can be served.");
    else
        return true;
    return false;
}

//  ---- the topics

static void
s_read_list (zooid_arena_t *arena, http_text_t value, const char *ret_patterns [EVENTS_PATTERNS_MAX], size_t *count,
             zooid_violations_t *violations)
{
    const char *text = NULL;
    http_text_t item;
    if (uri_decode (value, URI_QUERY, arena, &text)) {
        zooid_violations_add (violations, arena, "/topics", "syntax", "It cannot be decoded; percent-encode it.");
        return;
    }
    http_text_t list = { .data = text, .size = strlen (text) };
    while (http_list_next (&list, &item)) {
        const char *pattern = zooid_arena_copy (arena, item.data, item.size);
        if (*count == EVENTS_PATTERNS_MAX || !zooid_topic_is_pattern (pattern)) {
            zooid_violations_add (violations, arena, "/topics", "format",
                                  "It is no list of at most %d patterns like iot.telemetry.*.", EVENTS_PATTERNS_MAX);
            return;
        }
        ret_patterns [(*count)++] = pattern;
    }
}

//  The patterns of ?topics=a.*,b.>, in the arena. 0: there are none, or the query is not sound; it is answered.
static size_t
s_read_patterns (zooid_context_t *self, connection_t *connection, const char *ret_patterns [EVENTS_PATTERNS_MAX])
{
    http_text_t query = connection->request.head.query, name, value;
    zooid_arena_t *arena = zooid_arena (self);
    zooid_violations_t violations = { .count = 0 };
    size_t count = 0;
    while (uri_query_next (&query, &name, &value))
        if (uri_is (name, URI_QUERY, "topics", arena))
            s_read_list (arena, value, ret_patterns, &count, &violations);
        else
            zooid_violations_add (&violations, arena, zooid_arena_format (arena, "/%.*s", (int) name.size, name.data),
                                  "unknown", "No parameter has this name; there is topics.");
    if (count == 0 && violations.count == 0)
        zooid_violations_add (&violations, arena, "/topics", "required",
                              "It is missing; ?topics=iot.telemetry.* would be right.");
    if (violations.count == 0)
        return count;
    request_refuse_arguments (self, connection, &violations);
    return 0;
}

//  Is there an event that falls under the pattern, and may they see it?
static bool
s_may_see (zooid_context_t *self, connection_t *connection, const zooid_principal_t *principal, const char *pattern)
{
    const zooid_offer_t *offers = NULL;
    size_t count = zooid_directory (self, &offers);
    bool exists = false;
    for (size_t offer = 0; offer < count; offer++) {
        const zooid_contract_t *contract = offers [offer].module->contract;
        for (size_t index = 0; contract && index < contract->event_count; index++) {
            const char *topic = contract->events [index].topic;
            if (strcmp (offers [offer].actor, contract->name) != 0)     //  An actor of another name has its own there
                topic = zooid_arena_format (zooid_arena (self), "%s%s", offers [offer].actor, strchrnul (topic, '.'));
            if (!zooid_topic_overlaps (topic, pattern))
                continue;
            exists = true;
            if (zooid_principal_has (principal, contract->events [index].scope))
                return true;
        }
    }
    //  Who did not sign in is not told which topics there are.
    if (!principal)
        s_refuse (self, connection, 401, "unauthenticated",
                  "Sign in first: send a bearer token, or a ticket as subprotocol.");
    else if (!exists)
        s_refuse (self, connection, 404, "not_found",
                  zooid_arena_format (zooid_arena (self), "No event falls under %s.", pattern));
    else
        s_refuse (self, connection, 403, "denied",
                  zooid_arena_format (zooid_arena (self), "The events under %s may not be seen.", pattern));
    return false;
}

//  ---- the upgrade

static void
s_upgrade (zooid_context_t *self, connection_t *connection, const zooid_principal_t *principal)
{
    gateway_t *gateway = zooid_state (self);
    const http_head_t *head = &connection->request.head;
    const char *patterns [EVENTS_PATTERNS_MAX];
    size_t count = s_read_patterns (self, connection, patterns);
    if (count == 0)
        return;
    for (size_t index = 0; index < count; index++)
        if (!s_may_see (self, connection, principal, patterns [index]))
            return;
    http_text_t key = http_head_find (head, "sec-websocket-key");
    events_client_t client = {
        .principal = principal, .patterns = patterns, .pattern_count = count,
        .key = zooid_arena_copy (zooid_arena (self), key.data, key.size),
        .has_protocol = http_list_has (http_head_find (head, "sec-websocket-protocol"), PROTOCOL),
    };
    gateway->answers [1]++;
    events_adopt (self, gateway->events, connection_release (self, connection), &client);
    request_end (connection, NULL);
}

//  ---- tickets

static void
s_list_scopes (zooid_bytes_t msgpack, zooid_buffer_t *out)
{
    zooid_cursor_t cursor = { .rest = msgpack };
    zooid_token_t token;
    for (size_t left = 1, seen = 0; left && seen <= TICKET_SCOPES_MAX && zooid_cursor_next (&cursor, &token) == 0;
         seen++) {
        left--;
        if (token.type == ZOOID_MSGPACK_ARRAY && seen == 0)
            left = token.count;
        else if (token.type == ZOOID_MSGPACK_STRING) {
            zooid_buffer_append (out, token.bytes.data, token.bytes.size);
            zooid_buffer_text (out, " ");
        }
        else
            return;
    }
}

static void
s_redeemed (zooid_context_t *self, connection_t *connection, zooid_bytes_t payload)
{
    ticket_owner_t owner;
    zooid_buffer_t scopes = { .limit = 0 };
    if (zooid_decode (self, &owner_record, payload, &owner)) {
        s_refuse (self, connection, 500, "internal", "What redeems tickets does not say whose they are.");
        return;
    }
    s_list_scopes (owner.scopes.msgpack, &scopes);
    const char *subject = strchr (owner.subject, ':')
                              ? owner.subject
                              : zooid_arena_format (zooid_arena (self), "user:%s", owner.subject);
    identity_principal (subject, zooid_buffer_string (&scopes), owner.expires_at, zooid_arena (self),
                        &connection->request.principal);
    zooid_buffer_fini (&scopes);
    s_upgrade (self, connection, connection->request.principal);
}

static int
s_on_redeemed (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    connection_t *connection = exchange_end (state);
    if (!connection)
        return 0;
    if (!outcome->failure)
        s_redeemed (self, connection, outcome->payload);
    else if (outcome->kind < ZOOID_FAILURE_INTERNAL)
        s_refuse (self, connection, 401, "unauthenticated",
                  "The ticket is not valid: it was used, has ended, or is of another origin.");
    else
        request_fail (self, connection, outcome);
    connection_run (self, connection);
    return 0;
}

static void
s_redeem (zooid_context_t *self, connection_t *connection, http_text_t value)
{
    zooid_arena_t *arena = zooid_arena (self);
    const char *operation = NULL;
    http_text_t origin = http_head_find (&connection->request.head, "origin");
    ticket_t ticket = { .ticket = zooid_arena_copy (arena, value.data, value.size) };
    if (origin.data) {
        ticket.origin = zooid_arena_copy (arena, origin.data, origin.size);
        ZOOID_SET (&ticket_record, ticket_t, &ticket, origin);
    }
    if (zooid_directory_role (self, "identity.tickets", &operation)) {
        s_refuse (self, connection, 503, "unavailable", "Nobody redeems tickets here.");
        return;
    }
    exchange_t *exchange = exchange_new (connection);
    int rc = zooid_ask (self, &(zooid_call_t) { .operation = operation,
                                                .takes = &ticket_record,
                                                .arguments = &ticket,
                                                .as_self = true,
                                                .trace = &connection->request.trace,
                                                .then = s_on_redeemed,
                                                .state = exchange,
                                                .destroy = exchange_destroy });
    if (rc) {
        exchange_destroy (exchange);
        s_refuse (self, connection, 503, "overloaded", "Too much is asked at once.");
    }
}

void
events_answer (zooid_context_t *self, connection_t *connection)
{
    if (!s_check_handshake (self, connection))
        return;
    http_text_t offered = http_head_find (&connection->request.head, "sec-websocket-protocol"), item,
                ticket = { .data = NULL };
    bool offers_ours = http_list_has (offered, PROTOCOL), offers_any = offered.data != NULL;
    while (http_list_next (&offered, &item))
        if (http_text_begins (item, TICKET))
            ticket = (http_text_t) { .data = item.data + sizeof TICKET - 1, .size = item.size - sizeof TICKET + 1 };
    if (offers_any && !offers_ours)
        s_refuse (self, connection, 400, "malformed", "Offer the subprotocol zooid.v1 beside the ticket.");
    else if (!ticket.data || connection->request.principal)
        s_upgrade (self, connection, connection->request.principal);
    else if (ticket.size == 0 || ticket.size > TICKET_MAX)
        s_refuse (self, connection, 401, "unauthenticated", "The ticket is not valid.");
    else
        s_redeem (self, connection, ticket);
}
