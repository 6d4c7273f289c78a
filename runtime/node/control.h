//  control.h - the built-in actor that answers on the control sockets of a process
//
//  A unix socket (0600) in each node's folder. A line of JSON is a request, and is answered by a line, in order:
//
//      {"ask": "iot.get", "arguments": {"device": "d1"}, "deadline_ms": 5000}
//      {"reply": {...}}
//      {"failure": "not_found", "detail": "...", "errors": [{"pointer": "...", "code": "...", "detail": "..."}]}
//
//  `arguments` and `deadline_ms` may be left out. Whoever can open the socket has all scopes.
#ifndef CONTROL_H
#define CONTROL_H

#include <zooid/module.h>

#define CONTROL_SOCKET "control.sock"

enum { CONTROL_CONNECTIONS_MAX = 32, CONTROL_LINE_MAX = 1024 * 1024, CONTROL_DEADLINE_MAX_MS = 600000 };

//  Its settings: the paths to listen at. It needs sets_principal.
typedef struct {
    zooid_list_t sockets;       //  const char *
} control_settings_t;
extern const zooid_record_t control_settings;
extern const zooid_module_t control_module;

#endif
