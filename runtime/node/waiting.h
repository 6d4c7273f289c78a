//  waiting.h - a thread of the host's own that asks, and waits for the answer
#ifndef WAITING_H
#define WAITING_H

#include <zooid/system.h>

//  What zooid_node_ask promises, through the actor `control` of a system (NULL: not started). [any]
int waiting_ask (zooid_system_t *system, zooid_ref_t control, const char *operation, const char *json,
                 int64_t timeout_ms, char **ret_json);

#endif
