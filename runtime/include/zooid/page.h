//  zooid/page.h - cursors of lists: opaque, and bound to what was asked for
//
//  A list is {items, next}. Its operation takes, beside its filters, `limit` and `cursor`; `next` names the place after
//  the last item. A cursor holds such a place, as a record of yours, and a hash of all the other arguments: given with
//  other filters it is refused. It is no secret and no capability: it is checked like any argument.
#ifndef ZOOID_PAGE_H
#define ZOOID_PAGE_H

#include <zooid/record.h>

enum { ZOOID_PAGE_LIMIT = 50, ZOOID_PAGE_LIMIT_MAX = 200, ZOOID_PAGE_CURSOR_MAX = 1024 };

//  The place as text, base64url, in the arena. NULL: the arena or ZOOID_PAGE_CURSOR_MAX ended. [any]
ZOOID_EXPORT const char *
    zooid_page_cursor (const zooid_record_t *takes, const void *arguments, const zooid_record_t *place, const void *value,
                       zooid_arena_t *arena);
//  Read what `zooid_page_cursor` wrote for the same arguments. ZOOID_INVALID: it is none, or one of another list. [any]
ZOOID_EXPORT int
    zooid_page_place (const zooid_record_t *takes, const void *arguments, const char *cursor, const zooid_record_t *place,
                      zooid_arena_t *arena, void *ret_value);

#endif
