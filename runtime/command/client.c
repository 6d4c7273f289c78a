//  A path longer than a socket address takes is reached through the descriptor of its folder.
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { SEND_S = 5 };

int64_t
client_now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

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
    //  A node that hangs takes no more connections than its socket has room for: that is found out at once, not waited for.
    int client = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int rc = client == -1 || connect (client, (const struct sockaddr *) &address, sizeof address) ? -errno : client;
    rc = rc == -EAGAIN ? -ETIMEDOUT : rc;
    if (rc >= 0) {
        fcntl (client, F_SETFL, 0);
        setsockopt (client, SOL_SOCKET, SO_SNDTIMEO, &(struct timeval) { .tv_sec = SEND_S }, sizeof (struct timeval));
    }
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

static bool
s_only_wait (void *state, int descriptor, int64_t until_ms)
{
    (void) state;
    int64_t left_ms = until_ms - client_now_ms ();
    poll (&(struct pollfd) { .fd = descriptor, .events = POLLIN }, 1, left_ms > 0 ? (int) left_ms : 0);
    return true;
}

static int
s_receive (int client, int64_t until_ms, client_wait_fn *wait, void *state, zooid_buffer_t *ret_answer)
{
    char text [16384];
    while (true) {
        ssize_t part = recv (client, text, sizeof text, MSG_DONTWAIT);
        if (part == 0)
            return -ECONNRESET;
        if (part < 0 && errno != EAGAIN && errno != EINTR)
            return -errno;
        const char *end = part > 0 ? memchr (text, '\n', (size_t) part) : NULL;
        if (part > 0)
            zooid_buffer_append (ret_answer, text, end ? (size_t) (end - text) : (size_t) part);
        if (end)
            return ret_answer->failed ? -ENOMEM : 0;
        if (part > 0)
            continue;
        if (client_now_ms () >= until_ms)
            return -ETIMEDOUT;
        if (!wait (state, client, until_ms))
            return -ECANCELED;
    }
}

int
client_ask (const char *path, zooid_bytes_t request, int64_t timeout_ms, client_wait_fn *wait, void *state,
            zooid_buffer_t *ret_answer)
{
    int64_t until_ms = client_now_ms () + timeout_ms;
    int client = s_connect (path);
    if (client < 0)
        return client;
    int rc = s_send (client, request.data, request.size);
    rc = rc ? rc : s_send (client, "\n", 1);
    rc = rc ? rc : s_receive (client, until_ms, wait ? wait : s_only_wait, state, ret_answer);
    close (client);
    return rc;
}

int
client_process (const char *path, pid_t *ret_process)
{
    struct ucred peer = { .pid = 0 };
    socklen_t size = sizeof peer;
    int client = s_connect (path);
    if (client < 0)
        return client;
    int rc = getsockopt (client, SOL_SOCKET, SO_PEERCRED, &peer, &size) ? -errno : 0;
    close (client);
    *ret_process = peer.pid;
    return rc;
}
