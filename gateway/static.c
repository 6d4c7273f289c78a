//  gateway/static.c - files of the folder that the settings name
//
//  The path is walked segment by segment from the folder's own descriptor, without following links, so there is no
//  way out of it whatever a path is made of. A file is read whole: those of a web page are small. Its ETag is made of
//  size and time; caches must ask each time (no-cache) and are mostly told that it is the same.
#include "static.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connection.h"
#include "uri.h"

static const struct { const char *suffix, *type; } types [] = {
    { ".html", "text/html; charset=utf-8" }, { ".css", "text/css; charset=utf-8" }, { ".js", "text/javascript; charset=utf-8" },
    { ".mjs", "text/javascript; charset=utf-8" }, { ".json", "application/json" }, { ".map", "application/json" },
    { ".svg", "image/svg+xml" }, { ".png", "image/png" }, { ".jpg", "image/jpeg" }, { ".webp", "image/webp" },
    { ".ico", "image/x-icon" }, { ".woff2", "font/woff2" }, { ".txt", "text/plain; charset=utf-8" },
    { ".webmanifest", "application/manifest+json" }, { ".wasm", "application/wasm" },
};

static const char *
s_type (const char *name)
{
    const char *suffix = strrchr (name, '.');
    for (size_t index = 0; suffix && index < ZOOID_COUNT (types); index++)
        if (strcmp (suffix, types [index].suffix) == 0)
            return types [index].type;
    return "application/octet-stream";
}

//  One step down. Closes the folder that it began in.
static int
s_step (int folder, const char *name, int flags)
{
    int descriptor = -1;
    bool plain = *name && *name != '.' && !strchr (name, '\\');
    if (plain)
        descriptor = openat (folder, name, flags | O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    close (folder);
    return descriptor;
}

int
static_open (const char *folder, const char *path, int *ret_descriptor, const char **ret_type)
{
    char name [256];
    int descriptor = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const char *at = *path == '/' ? path + 1 : path;
    while (descriptor >= 0) {
        const char *slash = strchr (at, '/');
        size_t size = slash ? (size_t) (slash - at) : strlen (at);
        bool is_index = !slash && size == 0;
        if (size >= sizeof name) {
            close (descriptor);
            return ZOOID_UNKNOWN;
        }
        snprintf (name, sizeof name, "%.*s", (int) size, is_index ? "" : at);
        if (is_index)
            strcpy (name, "index.html");
        descriptor = s_step (descriptor, name, slash ? O_DIRECTORY : 0);
        if (!slash)
            break;
        at = slash + 1;
    }
    struct stat status;
    if (descriptor < 0)
        return ZOOID_UNKNOWN;
    if (fstat (descriptor, &status) || !S_ISREG (status.st_mode) || status.st_size > STATIC_FILE_MAX) {
        close (descriptor);
        return ZOOID_UNKNOWN;
    }
    *ret_descriptor = descriptor;
    *ret_type = s_type (name);
    return 0;
}

int
static_check (const char *folder)
{
    int descriptor = *folder ? open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1, error = errno;
    if (descriptor >= 0)
        close (descriptor);
    return *folder && descriptor < 0 ? error : 0;
}

//  ---- answers

static int
s_open_requested (zooid_context_t *self, connection_t *connection, int *ret_descriptor, const char **ret_type)
{
    gateway_t *gateway = zooid_state (self);
    const char *path = NULL;
    if (!*gateway->settings->folder || uri_decode (connection->request.head.path, URI_PATH, zooid_arena (self), &path))
        return ZOOID_UNKNOWN;
    int rc = static_open (gateway->settings->folder, path, ret_descriptor, ret_type);
    if (rc == 0 && gateway->folder_error) {     //  It has come since the start
        gateway->folder_error = 0;
        gateway_show_health (self, gateway);
    }
    return rc;
}

bool
static_has (zooid_context_t *self, connection_t *connection)
{
    int descriptor = -1;
    const char *type = NULL;
    if (s_open_requested (self, connection, &descriptor, &type))
        return false;
    close (descriptor);
    return true;
}

//  The whole file; false: it changed under us, or memory ended.
static bool
s_read_all (int descriptor, size_t size, uint8_t *data)
{
    for (size_t have = 0; have < size;) {
        ssize_t got = read (descriptor, data + have, size - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        have += (size_t) got;
    }
    return true;
}

int
static_serve (zooid_context_t *self, connection_t *connection)
{
    int descriptor = -1;
    const char *type = NULL;
    struct stat status;
    if (s_open_requested (self, connection, &descriptor, &type))
        return ZOOID_UNKNOWN;
    if (fstat (descriptor, &status)) {
        close (descriptor);
        return ZOOID_UNKNOWN;
    }
    char tag [64];
    snprintf (tag, sizeof tag, "\"%jx-%jx-%lx\"", (uintmax_t) status.st_size, (uintmax_t) status.st_mtim.tv_sec,
              status.st_mtim.tv_nsec);
    const char *headers = zooid_arena_format (zooid_arena (self), "ETag: %s\r\nCache-Control: no-cache\r\n", tag);
    response_t response = { .status = 200, .type = type, .policy = RESPONSE_PAGE, .headers = headers };
    http_text_t known = http_head_find (&connection->request.head, "if-none-match");
    if (known.data && (http_text_is (known, "*") || http_list_has (known, tag))) {
        close (descriptor);
        response.status = 304;
        response.type = NULL;
        connection_answer (self, connection, &response);
        return 0;
    }
    size_t size = (size_t) status.st_size;
    uint8_t *data = malloc (size + 1);
    bool whole = data && s_read_all (descriptor, size, data);
    close (descriptor);
    response.body = (zooid_bytes_t) { .data = data, .size = size };
    if (whole)
        connection_answer (self, connection, &response);
    free (data);
    return whole ? 0 : ZOOID_UNKNOWN;
}
