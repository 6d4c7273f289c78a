//  inspect_parts.h - the operations of the actor `system`, a file each, for the table in inspect.c
#ifndef INSPECT_PARTS_H
#define INSPECT_PARTS_H

#include <zooid/directory.h>
#include <zooid/page.h>

//  What every list takes.
typedef struct {
    zooid_presence_t presence;
    int64_t limit;
    const char *cursor;
} inspect_list_t;
extern const zooid_record_t inspect_list;
size_t
    inspect_limit (const inspect_list_t *arguments);

//  A list that is answered when the dispatchers have been asked.
typedef struct {
    zooid_request_t *request;
    size_t limit, skip;
    char *after;                //  NULL: from the beginning
} inspect_listing_t;

enum { INSPECT_DEADLINE_MS = 1000 };

//  Takes the request of this turn.
inspect_listing_t *
    inspect_listing_new (zooid_context_t *self, const inspect_list_t *arguments);
void
    inspect_listing_destroy (void *listing);
//  What zooid_figures or zooid_dispatchers came to. The listing is theirs, or is answered and destroyed here.
int
    inspect_listing_asked (zooid_context_t *self, inspect_listing_t *listing, int rc);

extern const zooid_record_t inspect_actors_gives;
int
    inspect_actors (zooid_context_t *self, const void *arguments);

extern const zooid_record_t inspect_dead_gives;
int
    inspect_dead (zooid_context_t *self, const void *arguments);

extern const zooid_record_t inspect_dispatchers_gives;
int
    inspect_dispatchers (zooid_context_t *self, const void *arguments);

extern const zooid_record_t inspect_subscriptions_gives;
int
    inspect_subscriptions (zooid_context_t *self, const void *arguments);

extern const zooid_record_t inspect_publish_takes, inspect_publish_gives;
int
    inspect_publish (zooid_context_t *self, const void *arguments);

#endif
