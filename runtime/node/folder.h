//  folder.h - where a node keeps its data: one folder, held by one process
#ifndef FOLDER_H
#define FOLDER_H

#include <zooid/bytes.h>

typedef struct folder folder_t;

//  Make DATA/NODE (0700, its parents 0755) and hold its lock until folder_destroy or the process ends. ZOOID_INVALID:
//  *ret_why, in the arena: what is wrong; what would be right.
int
    folder_new (folder_t **self_p, const char *data, const char *node, zooid_arena_t *arena, const char **ret_why);
void
    folder_destroy (folder_t **self_p);
//  Absolute. Borrowed.
const char *
    folder_path (const folder_t *self);
//  A file in it, in the arena.
const char *
    folder_file (const folder_t *self, const char *name, zooid_arena_t *arena);
//  The folder of an actor in it, made when it is not there. ZOOID_INVALID as above.
int folder_actor (const folder_t *self, const char *actor, zooid_arena_t *arena, const char **ret_path,
                  const char **ret_why);

#endif
