//  zooid/page.h - cursors of lists: opaque, and bound to what was asked for
//
//  A list is {items, next}. Its operation takes, beside its filters, `limit` and `cursor`; `next` names the place after
//  the last item. A cursor holds such a place, as a record of yours, and a hash of all the other arguments: given with
//  other filters it is refused. It is no secret and no capability: it is checked like any argument.
#ifndef ZOOID_PAGE_H
#define ZOOID_PAGE_H

#include <zooid/record.h>

//  `limit` of a list that is asked for without, the largest that may be asked for, and the bytes of a cursor at most.
enum { ZOOID_PAGE_LIMIT = 50, ZOOID_PAGE_LIMIT_MAX = 200, ZOOID_PAGE_CURSOR_MAX = 1024 };

//  The place *value as text, base64url (RFC 4648), in the arena. `takes` and `arguments` are what the operation was
//  asked with. NULL: the arena or ZOOID_PAGE_CURSOR_MAX ended, or a value breaks its record. [any]
ZOOID_EXPORT const char *
    zooid_page_cursor (const zooid_record_t *takes, const void *arguments, const zooid_record_t *place, const void *value,
                       zooid_arena_t *arena);
//  Read what `zooid_page_cursor` wrote for the same arguments, `limit` and `cursor` apart, into *ret_value, its strings
//  into the arena. ZOOID_INVALID: it is none, or one of another list. < 0: the arguments break their record, or memory
//  ended. [any]
ZOOID_EXPORT int
    zooid_page_place (const zooid_record_t *takes, const void *arguments, const char *cursor, const zooid_record_t *place,
                      zooid_arena_t *arena, void *ret_value);

#endif
