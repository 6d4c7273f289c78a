//  client.h - the other end of a node's control socket
#ifndef CLIENT_H
#define CLIENT_H

#include <zooid/bytes.h>

//  Send one line and take the line that answers it, without their ends. 0; -errno: nobody listens at the path, or the
//  answer did not come within timeout_ms.
int
    client_ask (const char *path, zooid_bytes_t request, int64_t timeout_ms, zooid_buffer_t *ret_answer);

#endif
