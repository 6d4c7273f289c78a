//  client.h - the other end of a node's control socket
#ifndef CLIENT_H
#define CLIENT_H

#include <sys/types.h>
#include <zooid/bytes.h>

//  Wait until the descriptor can be read, or it is `until_ms` (client_now_ms). False: the answer is not wanted any more.
typedef bool (client_wait_fn) (void *state, int descriptor, int64_t until_ms);

//  For durations.
int64_t
    client_now_ms (void);

//  Send one line and take the line that answers it, without their ends. `wait` NULL: only wait. 0; -errno: nobody listens
//  at the path, the answer did not come within timeout_ms (-ETIMEDOUT), or is not wanted any more (-ECANCELED).
int
    client_ask (const char *path, zooid_bytes_t request, int64_t timeout_ms, client_wait_fn *wait, void *state,
                zooid_buffer_t *ret_answer);

//  The process that listens at the path. 0; -errno.
int
    client_process (const char *path, pid_t *ret_process);

#endif
