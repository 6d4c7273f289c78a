//  gateway/gateway_fixture.c - for tests: a system with a small actor and the gateway, a signer, and a raw HTTP client
#include "gateway_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <zooid/log.h>
#include <zooid/msgpack.h>

extern const zooid_module_t zooid_module_gateway;

//  ---- the signer

static EVP_PKEY *own_key, *strange_key;
static pthread_once_t keys_made = PTHREAD_ONCE_INIT;

static void
s_make_keys (void)
{
    own_key = EVP_EC_gen ("P-256");
    strange_key = EVP_EC_gen ("P-256");
}

static void
s_base64 (const uint8_t *data, size_t size, zooid_buffer_t *out)
{
    static const char letters [] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t at = 0; at < size; at += 3) {
        size_t have = size - at < 3 ? size - at : 3;
        uint32_t bits = (uint32_t) data [at] << 16 | (have > 1 ? (uint32_t) data [at + 1] << 8 : 0)
                        | (have > 2 ? data [at + 2] : 0u);
        for (size_t letter = 0; letter <= have; letter++)
            zooid_buffer_append (out, &letters [bits >> (18 - 6 * letter) & 63], 1);
    }
}

static void
s_pack_coordinate (const char *name, zooid_buffer_t *out)
{
    uint8_t bytes [32];
    BIGNUM *number = NULL;
    assert_int_equal (
        EVP_PKEY_get_bn_param (own_key, name [0] == 'x' ? OSSL_PKEY_PARAM_EC_PUB_X : OSSL_PKEY_PARAM_EC_PUB_Y, &number),
        1);
    assert_int_equal (BN_bn2binpad (number, bytes, sizeof bytes), sizeof bytes);
    BN_free (number);
    zooid_buffer_t text = { .limit = 0 };
    s_base64 (bytes, sizeof bytes, &text);
    zooid_pack_text (out, name);
    zooid_pack_string (out, zooid_buffer_string (&text), text.size);
    zooid_buffer_fini (&text);
}

void
fixture_pack_keys (zooid_buffer_t *out)
{
    static const char *const pairs [] = { "kty", "EC", "crv", "P-256", "kid", "k1", "use", "sig", "alg", "ES256" };
    pthread_once (&keys_made, s_make_keys);
    zooid_pack_map (out, 1);
    zooid_pack_text (out, "keys");
    zooid_pack_array (out, 1);
    zooid_pack_map (out, 7);
    for (size_t index = 0; index < ZOOID_COUNT (pairs); index++)
        zooid_pack_text (out, pairs [index]);
    s_pack_coordinate ("x", out);
    s_pack_coordinate ("y", out);
}

static void
s_sign (EVP_PKEY *key, const char *text, size_t size, uint8_t ret_signature [64])
{
    uint8_t der [128];
    size_t der_size = sizeof der;
    EVP_MD_CTX *context = EVP_MD_CTX_new ();
    assert_int_equal (EVP_DigestSignInit (context, NULL, EVP_sha256 (), NULL, key), 1);
    assert_int_equal (EVP_DigestSign (context, der, &der_size, (const uint8_t *) text, size), 1);
    EVP_MD_CTX_free (context);
    const uint8_t *at = der;
    ECDSA_SIG *signature = d2i_ECDSA_SIG (NULL, &at, (long) der_size);
    BN_bn2binpad (ECDSA_SIG_get0_r (signature), ret_signature, 32);
    BN_bn2binpad (ECDSA_SIG_get0_s (signature), ret_signature + 32, 32);
    ECDSA_SIG_free (signature);
}

char *
fixture_token (const token_options_t *options)
{
    pthread_once (&keys_made, s_make_keys);
    const char *header = options->header ? options->header : "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"at+jwt\"}";
    zooid_buffer_t claims = { .limit = 0 }, token = { .limit = 0 };
    zooid_buffer_format (
        &claims,
        "{\"iss\":\"%s\",\"aud\":\"%s\",\"sub\":\"u1\",\"username\":\"ada\",\"scope\":\"%s\",\"iat\":%ld,\"exp\":%ld,\"jti\":\"j\"}",
        options->issuer ? options->issuer : "zooid", options->audience ? options->audience : "zooid",
        options->scope ? options->scope : "sample:read sample:write user", (long) time (NULL),
        (long) (time (NULL) + (options->expires_in_s ? options->expires_in_s : 600)));
    s_base64 ((const uint8_t *) header, strlen (header), &token);
    zooid_buffer_text (&token, ".");
    s_base64 (claims.data, claims.size, &token);
    uint8_t signature [64];
    s_sign (options->by_stranger ? strange_key : own_key, zooid_buffer_string (&token), token.size, signature);
    zooid_buffer_text (&token, ".");
    s_base64 (signature, sizeof signature, &token);
    char *text = zooid_duplicate (zooid_buffer_string (&token));
    zooid_buffer_fini (&claims);
    zooid_buffer_fini (&token);
    return text;
}

//  ---- the actor

typedef struct {
    zooid_presence_t presence;
    const char *name, *title, *trace;
    int64_t count;
} thing_t;

static const zooid_field_t thing_fields [] = {
    ZOOID_STRING (thing_t, name, .max_length = 16, .characters = "a-z/ ", .doc = "Its name"),
    ZOOID_STRING (thing_t, title, .min_length = 1, .max_length = 20),
    ZOOID_INTEGER (thing_t, count, .optional = true, .integers = { true, 0, 9 }),
    ZOOID_STRING (thing_t, trace, .optional = true, .in = ZOOID_IN_HEADER, .header = "X-Trace-Note", .max_length = 20),
};
static const zooid_record_t thing = ZOOID_RECORD ("thing", thing_t, thing_fields, .presence = ZOOID_PRESENCE (thing_t),
                                                  .doc = "A thing");

typedef struct {
    zooid_presence_t presence;
    const char *name;
    int64_t limit;
    zooid_list_t tags;
} query_t;

static const zooid_field_t query_fields [] = {
    ZOOID_STRING (query_t, name, .max_length = 16),
    ZOOID_INTEGER (query_t, limit, .optional = true, .integers = { true, 1, 200 }),
    ZOOID_LIST (query_t, tags, .optional = true, .max_length = 3, .of = ZOOID_ITEM (ZOOID_TYPE_STRING, const char *, .max_length = 8)),
};
static const zooid_record_t query = ZOOID_RECORD ("query", query_t, query_fields, .presence = ZOOID_PRESENCE (query_t),
                                                  .doc = "Which");

typedef struct {
    const char *name, *subject, *trace;
    int64_t count;
} seen_t;

static const zooid_field_t seen_fields [] = {
    ZOOID_STRING (seen_t, name), ZOOID_STRING (seen_t, subject), ZOOID_STRING (seen_t, trace), ZOOID_INTEGER (seen_t, count),
};
static const zooid_record_t seen = ZOOID_RECORD ("seen", seen_t, seen_fields, .doc = "What the actor saw");

typedef struct {
    const char *title;
} news_t;

static const zooid_field_t news_fields [] = { ZOOID_STRING (news_t, title) };
static const zooid_record_t news = ZOOID_RECORD ("news", news_t, news_fields, .doc = "News");

typedef struct {
    zooid_any_t keys;
} keys_t;

static const zooid_field_t keys_fields [] = { ZOOID_ANY (keys_t, keys) };
static const zooid_record_t keys_record = ZOOID_RECORD ("keys", keys_t, keys_fields, .doc = "Keys");

typedef struct {
    zooid_presence_t presence;
    const char *ticket, *origin;
} redeem_t;

static const zooid_field_t redeem_fields [] = {
    ZOOID_STRING (redeem_t, ticket), ZOOID_STRING (redeem_t, origin, .optional = true),
};
static const zooid_record_t redeem = ZOOID_RECORD ("redeem", redeem_t, redeem_fields,
                                                   .presence = ZOOID_PRESENCE (redeem_t), .doc = "A ticket");

typedef struct {
    const char *subject;
    zooid_list_t scopes;
    int64_t expires_at;
} owner_t;

static const zooid_field_t owner_fields [] = {
    ZOOID_STRING (owner_t, subject), ZOOID_LIST (owner_t, scopes, .of = ZOOID_ITEM (ZOOID_TYPE_STRING, const char *)),
    ZOOID_TIMESTAMP (owner_t, expires_at),
};
static const zooid_record_t owner = ZOOID_RECORD ("owner", owner_t, owner_fields, .doc = "Whose it is");

typedef struct {
    bool ticket_used;
} identity_t;

static int
s_see (zooid_context_t *self, const char *name, int64_t count)
{
    char trace [33];
    const zooid_trace_t *context = zooid_message_trace (zooid_message (self));
    for (size_t index = 0; index < 16; index++)
        snprintf (trace + 2 * index, 3, "%02x", context ? context->trace [index] : 0u);
    seen_t value = {
        .name = name, .subject = zooid_principal_subject (zooid_principal (self)), .trace = trace, .count = count
    };
    return zooid_reply (self, &seen, &value);
}

static int
s_on_create (zooid_context_t *self, const void *arguments)
{
    const thing_t *given = arguments;
    if (strcmp (given->name, "taken") == 0)
        return zooid_fail (self, "taken", "There is one named %s.", given->name);
    return s_see (self, given->name, ZOOID_HAS (&thing, thing_t, given, count) ? given->count : -1);
}

static int
s_on_get (zooid_context_t *self, const void *arguments)
{
    const query_t *given = arguments;
    if (strcmp (given->name, "absent") == 0)
        return zooid_fail (self, "not_found", "There is no %s.", given->name);
    int64_t limit = ZOOID_HAS (&query, query_t, given, limit) ? given->limit : 50;
    return s_see (self, given->name, limit + (int64_t) given->tags.count * 1000);
}

static int
s_on_open (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    return s_see (self, "open", 0);
}

static int
s_on_delete (zooid_context_t *self, const void *arguments)
{
    (void) self;
    (void) arguments;
    return 0;
}

enum { SLOW_MS = 100 };

//  A box for one, since it moves.
typedef struct {
    zooid_request_t *request;
} late_t;

static int
s_on_late (zooid_context_t *self, void *state)
{
    late_t *late = state;
    return zooid_request_reply (self, &late->request, NULL, NULL);
}

static void
s_late_destroy (void *state)
{
    late_t *late = state;
    zooid_request_destroy (&late->request);
    free (late);
}

//  It is answered long after its deadline.
static int
s_on_slow (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    late_t *late = zooid_allocate (sizeof *late);
    late->request = zooid_request_take (self);
    zooid_timer_start (self, 4 * SLOW_MS, 0, s_on_late, late, s_late_destroy, NULL);
    return 0;
}

static int
s_on_keys (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    zooid_buffer_t packed = { .limit = 0 };
    keys_t value;
    fixture_pack_keys (&packed);
    assert_int_equal (
        zooid_msgpack_find ((zooid_bytes_t) { .data = packed.data, .size = packed.size }, "keys", &value.keys.msgpack),
        0);
    int rc = zooid_reply (self, &keys_record, &value);
    zooid_buffer_fini (&packed);
    return rc;
}

static int
s_on_redeem (zooid_context_t *self, const void *arguments)
{
    const redeem_t *given = arguments;
    identity_t *identity = zooid_state (self);
    bool is_of_origin = strcmp (given->ticket, "bound") != 0
                        || (ZOOID_HAS (&redeem, redeem_t, given, origin) && strstr (given->origin, "localhost"));
    if (strcmp (given->ticket, "once") != 0 && strcmp (given->ticket, "bound") != 0
        && strcmp (given->ticket, "brief") != 0)
        return zooid_fail (self, "not_found", "No such ticket.");
    if ((strcmp (given->ticket, "once") == 0 && identity->ticket_used) || !is_of_origin)
        return zooid_fail (self, "denied", "It was used, or is of another origin.");
    identity->ticket_used = strcmp (given->ticket, "once") == 0;
    static const char *const scopes [] = { "sample:read", "user" };
    owner_t value = { .subject = "user:u1", .scopes = { .items = scopes, .count = 2 },
                      .expires_at = zooid_wall_ms (self) + (strcmp (given->ticket, "brief") == 0 ? 300 : 60000) };
    return zooid_reply (self, &owner, &value);
}

static const zooid_failure_t create_fails [] = { { "taken", ZOOID_FAILURE_CONFLICT, "The name is taken" } };
static const zooid_operation_t operations [] = {
    { .name = "sample.create", .kind = ZOOID_COMMAND, .takes = &thing, .gives = &seen, .scope = "sample:write",
      .http = "POST /api/things/{name}", ZOOID_FAILS (create_fails), .body_max = 4096, .handler = s_on_create, .doc = "Make a thing." },
    { .name = "sample.get", .kind = ZOOID_QUERY, .takes = &query, .gives = &seen, .scope = "sample:read",
      .http = "GET /api/things/{name}", .handler = s_on_get, .doc = "Get a thing." },
    { .name = "sample.delete", .kind = ZOOID_COMMAND, .takes = &query, .scope = "sample:write",
      .http = "DELETE /api/things/{name}", .handler = s_on_delete, .doc = "Delete a thing." },
    { .name = "sample.open", .kind = ZOOID_QUERY, .gives = &seen, .scope = "public", .http = "GET /api/open", .handler = s_on_open, .doc = "For all." },
    { .name = "sample.big", .kind = ZOOID_COMMAND, .takes = &news, .gives = &seen, .scope = "public", .http = "POST /api/big",
      .handler = s_on_open, .doc = "Takes up to a MiB." },
    { .name = "sample.status", .kind = ZOOID_QUERY, .gives = &seen, .scope = "public", .http = "GET /api/status/@", .handler = s_on_open, .doc = "By name." },
    { .name = "sample.slow", .kind = ZOOID_QUERY, .gives = &seen, .scope = "public", .http = "GET /api/slow", .deadline_ms = SLOW_MS,
      .handler = s_on_slow, .doc = "Answers too late." },
    { .name = "sample.hidden", .kind = ZOOID_QUERY, .gives = &seen, .scope = "public", .handler = s_on_open, .doc = "Not on HTTP." },
};
static const zooid_operation_t identity_operations [] = {
    { .name = "identity.keys", .kind = ZOOID_QUERY, .gives = &keys_record, .scope = "public", .http = "GET /.well-known/jwks.json",
      .handler = s_on_keys, .doc = "Keys." },
    { .name = "identity.redeem", .kind = ZOOID_COMMAND, .takes = &redeem, .gives = &owner, .scope = "identity:redeem",
      .handler = s_on_redeem, .doc = "Redeem." },
};
static const zooid_event_t sample_events [] = {
    { .topic = "sample.news.{name}", .carries = &news, .scope = "sample:read", .doc = "News" },
    { .topic = "sample.secret.{name}", .carries = &news, .scope = "sample:secret", .doc = "Not for everybody" },
    { .topic = "sample.notice", .carries = &news, .scope = "public", .doc = "For all" },
};
static const zooid_role_t roles [] = { { "identity.keys", "identity.keys" },
                                       { "identity.tickets", "identity.redeem" } };
static const zooid_contract_t sample_contract = {
    .name = "sample", ZOOID_OPERATIONS (operations), ZOOID_EVENTS (sample_events), .doc = "For tests",
};
static const zooid_contract_t identity_contract = {
    .name = "identity", ZOOID_OPERATIONS (identity_operations), ZOOID_ROLES (roles), .doc = "For tests",
};
static const zooid_module_t sample_module = {
    ZOOID_MODULE_HEADER, .name = "sample", .version = "1", .doc = "For tests", .contract = &sample_contract,
};
static const zooid_module_t identity_module = {
    ZOOID_MODULE_HEADER, .name = "identity", .version = "1", .doc = "For tests", .contract = &identity_contract, .state_size = sizeof (identity_t),
};

//  ---- the world

static void
s_spawn (fixture_t *self, const zooid_spawn_t *spawn)
{
    zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    const char *why = "";
    zooid_ref_t ref;
    if (zooid_system_spawn (self->system, spawn, arena, &why, &ref))
        fail_msg ("%s: %s", spawn->name, why);
    zooid_arena_destroy (&arena);
}

static void
s_read_port (fixture_t *self)
{
    char path [128];
    unsigned port = 0;
    snprintf (path, sizeof path, "%s/listen", self->folder);
    FILE *file = fopen (path, "r");
    assert_non_null (file);
    assert_int_equal (fscanf (file, "http://127.0.0.1:%u", &port), 1);
    fclose (file);
    self->port = (uint16_t) port;
}

static void
s_write_file (const fixture_t *self, const char *name, const char *text)
{
    char path [256];
    snprintf (path, sizeof path, "%s/%s", self->folder, name);
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    fputs (text, file);
    fclose (file);
}

void
fixture_init (fixture_t *self, const fixture_options_t *options)
{
    static const char *const scopes [] = { "identity:redeem" };
    char path [256];
    *self = (fixture_t) { .folder = "/tmp/zooid-gateway-XXXXXX" };
    zooid_log_set (options->warns ? ZOOID_WARN : ZOOID_ERROR, ZOOID_LOG_TEXT);
    assert_non_null (mkdtemp (self->folder));
    snprintf (path, sizeof path, "%s/www", self->folder);
    assert_int_equal (mkdir (path, 0700), 0);
    s_write_file (self, "www/index.html", "<!doctype html>home");
    s_write_file (self, "www/app.js", "let a;");
    s_write_file (self, "www/.hidden", "hidden");
    s_write_file (self, "secret", "outside");
    assert_int_equal (zooid_system_new (&self->system, &(zooid_system_options_t) { .environment = ZOOID_REAL }), 0);

    zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    zooid_buffer_t settings = { .limit = 0 };
    const char *why = "", *json = zooid_arena_format (
                              arena, "{\"listen\": %s, \"static\": \"%s\"%s%s}",
                              options->listen ? options->listen : "[\"http://127.0.0.1:0\"]",
                              options->folder ? options->folder : path,
                              options->settings ? ", " : "", options->settings ? options->settings : "");
    assert_int_equal (zooid_json_parse (json, strlen (json), arena, &settings, &why), 0);
    s_spawn (self, &(zooid_spawn_t) { .name = "sample", .module = &sample_module });
    if (!options->without_keys)
        s_spawn (self, &(zooid_spawn_t) { .name = "identity", .module = &identity_module });
    s_spawn (self, &(zooid_spawn_t) { .name = "gateway",
                                      .module = &zooid_module_gateway,
                                      .sets_principal = true,
                                      .folder = self->folder,
                                      .settings = { .data = settings.data, .size = settings.size },
                                      .scopes = scopes,
                                      .scope_count = 1 });
    zooid_buffer_fini (&settings);
    zooid_arena_destroy (&arena);
    assert_int_equal (zooid_system_wait_started (self->system, FIXTURE_TIMEOUT_MS), 0);
    if (!options->fails)
        s_read_port (self);
}

int
fixture_fini (fixture_t *self)
{
    static const char *const names [] = { "www/index.html", "www/app.js", "www/.hidden", "www/out",
                                          "secret",         "listen",     "www",         "" };
    int rc = zooid_system_stop (self->system, FIXTURE_TIMEOUT_MS);
    zooid_system_destroy (&self->system);
    for (size_t index = 0; index < ZOOID_COUNT (names); index++) {
        char path [256];
        snprintf (path, sizeof path, "%s/%s", self->folder, names [index]);
        (void) remove (path);
    }
    assert_int_equal (access (self->folder, F_OK), -1);
    return rc;
}

typedef struct {
    char topic [64];
    char title [64];
} publication_t;

static int
s_publish (zooid_context_t *self, void *state)
{
    const publication_t *publication = state;
    return zooid_publish (self, publication->topic, &news, &(news_t) { .title = publication->title });
}

void
fixture_publish (fixture_t *self, const char *topic, const char *title)
{
    zooid_ref_t ref;
    publication_t *publication = zooid_allocate (sizeof *publication);
    snprintf (publication->topic, sizeof publication->topic, "%s", topic);
    snprintf (publication->title, sizeof publication->title, "%s", title);
    assert_int_equal (zooid_system_find (self->system, "sample", &ref), 0);
    assert_int_equal (zooid_system_post (self->system, ref, s_publish, publication, free), 0);
}

//  ---- a client

void
client_open (client_t *self, const fixture_t *fixture)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons (fixture->port),
                                   .sin_addr = { htonl (INADDR_LOOPBACK) } };
    *self = (client_t) { .descriptor = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    assert_true (self->descriptor >= 0);
    assert_int_equal (connect (self->descriptor, (struct sockaddr *) &address, sizeof address), 0);
}

void
client_close (client_t *self)
{
    close (self->descriptor);
    zooid_buffer_fini (&self->in);
}

void
client_send (client_t *self, const void *data, size_t size)
{
    for (const char *at = data; size;) {
        ssize_t sent = send (self->descriptor, at, size, MSG_NOSIGNAL);
        if (sent < 0)
            return;                 //  The other side has refused and closed: what it said is read next
        at += sent;
        size -= (size_t) sent;
    }
}

void
client_print (client_t *self, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start (arguments, format);
    int size = vasprintf (&text, format, arguments);
    va_end (arguments);
    assert_true (size >= 0);
    client_send (self, text, (size_t) size);
    free (text);
}

//  false: it ended.
static bool
s_receive (client_t *self)
{
    uint8_t bytes [4096];
    struct pollfd poller = { .fd = self->descriptor, .events = POLLIN };
    if (poll (&poller, 1, FIXTURE_TIMEOUT_MS) != 1)
        fail_msg ("nothing came within %d ms", FIXTURE_TIMEOUT_MS);
    ssize_t size = recv (self->descriptor, bytes, sizeof bytes, 0);
    if (size > 0)
        zooid_buffer_append (&self->in, bytes, (size_t) size);
    return size > 0;
}

static void
s_drop (client_t *self, size_t size)
{
    memmove (self->in.data, self->in.data + size, self->in.size - size);
    self->in.size -= size;
}

bool
client_take (client_t *self, void *ret_data, size_t size)
{
    while (self->in.size < size)
        if (!s_receive (self))
            return false;
    memcpy (ret_data, self->in.data, size);
    s_drop (self, size);
    return true;
}

bool
client_is_ended (client_t *self)
{
    return self->in.size == 0 && !s_receive (self);
}

const char *
answer_header (const answer_t *self, const char *name)
{
    static char value [1024];
    size_t size = strlen (name);
    for (const char *line = strstr (self->head, "\r\n"); line; line = strstr (line + 2, "\r\n"))
        if (strncasecmp (line + 2, name, size) == 0 && line [2 + size] == ':') {
            const char *from = line + 2 + size + 2;
            snprintf (value, sizeof value, "%.*s", (int) (strstr (from, "\r\n") - from), from);
            return value;
        }
    return NULL;
}

bool
client_receive (client_t *self, bool to_head, answer_t *ret_answer)
{
    *ret_answer = (answer_t) { .status = 0 };
    const char *end = NULL;
    while (!(end = strstr (zooid_buffer_string (&self->in), "\r\n\r\n")))
        if (!s_receive (self))
            return false;
    size_t size = (size_t) (end - (const char *) self->in.data) + 4;
    ret_answer->head = zooid_allocate (size + 1);
    memcpy (ret_answer->head, self->in.data, size);
    s_drop (self, size);
    ret_answer->status = atoi (ret_answer->head + 9);
    const char *length = answer_header (ret_answer, "Content-Length");
    ret_answer->body_size = length && !to_head ? (size_t) atol (length) : 0;
    ret_answer->body = zooid_allocate (ret_answer->body_size + 1);
    return client_take (self, ret_answer->body, ret_answer->body_size);
}

void
answer_fini (answer_t *self)
{
    free (self->head);
    free (self->body);
    *self = (answer_t) { .status = 0 };
}

int
fixture_request (const fixture_t *fixture, const char *method, const char *path, const char *token, const char *body,
                 answer_t *ret_answer)
{
    client_t client;
    client_open (&client, fixture);
    client_print (&client, "%s %s HTTP/1.1\r\nHost: localhost\r\n", method, path);
    if (token)
        client_print (&client, "Authorization: Bearer %s\r\n", token);
    if (body)
        client_print (&client, "Content-Type: application/json\r\nContent-Length: %zu\r\n", strlen (body));
    client_print (&client, "\r\n%s", body ? body : "");
    assert_true (client_receive (&client, strcmp (method, "HEAD") == 0, ret_answer));
    client_close (&client);
    return ret_answer->status;
}
