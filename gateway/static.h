//  gateway/static.h - files of the folder that the settings name
#ifndef GATEWAY_STATIC_H
#define GATEWAY_STATIC_H

#include "request.h"

enum { STATIC_FILE_MAX = 16 * 1048576 };

//  Why the folder's files cannot be served: an errno; 0: they can, or there is to be none.
int
    static_check (const char *folder);
//  Is there a file at the request's path?
bool
    static_has (zooid_context_t *self, connection_t *connection);
//  Answer with it. ZOOID_UNKNOWN: there is none.
int
    static_serve (zooid_context_t *self, connection_t *connection);

//  Open the file that a path means below `folder`; a path that ends with '/' means its index.html. Nothing outside of
//  the folder, no name that begins with a dot and no link is followed. ZOOID_UNKNOWN: there is none.
int
    static_open (const char *folder, const char *path, int *ret_descriptor, const char **ret_type);

#endif
