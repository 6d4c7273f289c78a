//  settings.h - from what a topology says to the msgpack of a settings record
#ifndef SETTINGS_H
#define SETTINGS_H

#include <zooid/module.h>
#include "document.h"

typedef struct {
    const zooid_record_t *record;   //  NULL: there is nothing to set
    const zooid_record_t *also;     //  Keys of this one are read by another pass; NULL: none
    //  As of zooid_module_t; NULL: the record says all.
    void (*check) (const void *settings, zooid_arena_t *arena, zooid_violations_t *violations);
    void (*check_calls) (const void *settings, const zooid_offers_t *offers, zooid_arena_t *arena, zooid_violations_t *violations);
    const char *subject;            //  Whose settings these are, for a reader: "actor iot"
    const char *folder;             //  What a secret's file is relative to; "" the working folder
} settings_t;

enum { SECRET_SIZE_MAX = 64 * 1024 };

//  Append the settings that `map` holds (null: none), with the initial values of what it leaves out, as checked msgpack.
//  Secrets are read: call it where the actor runs, and nowhere else.
//  ZOOID_INVALID: the report says, with places, all that is wrong. `out` may hold secrets: wipe it.
int settings_read (const settings_t *self, const value_t *map, zooid_arena_t *arena, report_t *report,
                   zooid_buffer_t *out);
//  What settings_read made of `map`, when it returned 0, is shown to the module with what the others offer.
void settings_check_calls (const settings_t *self, const value_t *map, zooid_bytes_t msgpack, const zooid_offers_t *offers,
                           zooid_arena_t *arena, report_t *report);

#endif
