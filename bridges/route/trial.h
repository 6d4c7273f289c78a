//  trial.h - what the contract suites of bridges share: a folder, a real broker, and an actor that stands for a service
//
//  For tests alone. Everything asserts by itself; nothing sleeps: what is awaited has TRIAL_DEADLINE_MS to happen.
#ifndef ROUTE_TRIAL_H
#define ROUTE_TRIAL_H

#include <zooid/module.h>
#include <zooid/node.h>

#include <sys/types.h>

enum { TRIAL_DEADLINE_MS = 15000 };

//  Monotonic.
int64_t
    trial_now_ms (void);

//  ---- places

//  A new folder, removed with everything in it by trial_folder_destroy.
char *
    trial_folder_new (void);
void
    trial_folder_destroy (char **folder_p);
//  A TCP port of 127.0.0.1 that was free a moment ago.
int
    trial_port (void);

//  ---- processes

//  Start a program and wait until it has written `ready` on its standard output or error.
pid_t
    trial_start (const char *const *argv, const char *ready);
//  Send `signal` and wait until it has ended. *pid_p becomes 0; 0 is no mistake.
void
    trial_end (pid_t *pid_p, int signal);
//  Stop it without an end, and wait until it has: a signal is on its way for a while. SIGCONT lets it go on.
void
    trial_freeze (pid_t pid);

//  ---- logs: what our own runtime wrote

//  Begin to listen; forget what was heard.
void
    trial_log_start (void);
void
    trial_log_stop (void);
//  Wait for a line with both texts that came since the last one that was awaited.
void
    trial_log_await (const char *text, const char *also);

//  ---- a node

//  Run a topology. data: its folder, NULL: nothing on disk.
zooid_node_t *
    trial_node_start (const char *topology, const char *data, const zooid_module_t *bridge);
//  A topology that is refused before anything starts, with errors of which one has `text`.
void
    trial_node_refused (const char *topology, const zooid_module_t *bridge, const char *text);
//  Ask an operation without arguments and wait until its reply has `text`. The last reply is kept until the next call.
const char *
    trial_status_await (zooid_node_t *node, const char *operation, const char *text);
//  The integer of `"key":` in a reply.
int64_t
    trial_number (const char *json, const char *key);

//  ---- the actor `iot`, as far as a bridge can tell: iot.ingest stores a reading once and publishes iot.telemetry.DEVICE

extern const zooid_module_t trial_iot;

//  What iot.ingest does with the calls that come next; then it stores them.
typedef enum { TRIAL_STORE = 0, TRIAL_FAIL, TRIAL_HOLD } trial_mode_t;
void
    trial_iot_next (trial_mode_t mode, unsigned calls, const char *failure);
//  Forget all that was counted.
void
    trial_iot_reset (void);
//  Wait until iot.ingest was called so often.
void
    trial_iot_await_calls (unsigned calls);
//  Wait until so many readings are stored, repeats not counted.
void
    trial_iot_await_stored (unsigned stored);
unsigned
    trial_iot_calls (void);
unsigned
    trial_iot_stored (void);
unsigned
    trial_iot_repeats (void);
//  Arguments of the last call, as "DEVICE BODY"; its identity as "SCOPE ID", "" for none; its trace as a traceparent.
void
    trial_iot_last (char *ret_text, size_t size);
void
    trial_iot_last_identity (char *ret_text, size_t size);
void
    trial_iot_last_trace (char *ret_text, size_t size);
//  A byte is written there at each call; -1: nowhere.
void
    trial_iot_tell (int descriptor);

#endif
