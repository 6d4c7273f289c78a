//  A path longer than a socket address takes is reached through the descriptor of its folder.
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int
s_connect (const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const char *slash = strrchr (path, '/');
    int folder = -1;
    if (strlen (path) < sizeof address.sun_path)
        memcpy (address.sun_path, path, strlen (path) + 1);
    else {
        ZOOID_CLEANUP (zooid_release) char *parent = slash ? strndup (path, (size_t) (slash - path)) : NULL;
        folder = parent ? open (parent, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
        if (folder == -1)
            return -errno;
        snprintf (address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", folder, slash + 1);
    }
    int client = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int rc = client == -1 || connect (client, (const struct sockaddr *) &address, sizeof address) ? -errno : client;
    if (folder != -1)
        close (folder);
    if (rc < 0 && client != -1)
        close (client);
    return rc;
}

static int
s_send (int client, const void *data, size_t size)
{
    for (const char *next = data; size;) {
        ssize_t part = send (client, next, size, MSG_NOSIGNAL);
        if (part < 0 && errno != EINTR)
            return -errno;
        next += part > 0 ? part : 0;
        size -= part > 0 ? (size_t) part : 0;
    }
    return 0;
}

static int
s_receive (int client, zooid_buffer_t *ret_answer)
{
    char text [16384];
    while (true) {
        ssize_t part = recv (client, text, sizeof text, 0);
        if (part < 0 && errno == EINTR)
            continue;
        if (part <= 0)
            return part == 0 ? -ECONNRESET : errno == EAGAIN ? -ETIMEDOUT : -errno;
        const char *end = memchr (text, '\n', (size_t) part);
        zooid_buffer_append (ret_answer, text, end ? (size_t) (end - text) : (size_t) part);
        if (end)
            return ret_answer->failed ? -ENOMEM : 0;
    }
}

int
client_ask (const char *path, zooid_bytes_t request, int64_t timeout_ms, zooid_buffer_t *ret_answer)
{
    int client = s_connect (path);
    if (client < 0)
        return client;
    struct timeval limit = { .tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000 };
    setsockopt (client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    int rc = s_send (client, request.data, request.size);
    rc = rc ? rc : s_send (client, "\n", 1);
    rc = rc ? rc : s_receive (client, ret_answer);
    close (client);
    return rc;
}
