//  iot_fixture.h - iot in a node with a real store, and a witness beside it that sends readings and sees what is announced
//
//  The witness offers `witness.send {device, body, scope?, id?, derived?}`, which asks iot.ingest and answers {answer};
//  `witness.burst {count, window}`, which sends many, `window` on their way at once, and answers {stored, overloaded};
//  `witness.wait {count}`, which answers {events} when so many were announced.
#ifndef IOT_FIXTURE_H
#define IOT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdbool.h>

enum { RIG_DEADLINE_MS = 30000 };

//  A folder of its own for each test.
int
    rig_set_up (void **state);
int
    rig_tear_down (void **state);

//  A node over that folder; `settings` of iot as in a topology.
void
    rig_begin (const char *settings);
void
    rig_end (void);

//  The reply; a failure has `name`. `arguments` is stolen.
json_t *
    rig_ask (const char *operation, json_t *arguments);
json_t *
    rig_send (const char *device, const char *body);
//  Send what is sound, and say whether it was stored.
bool
    rig_store (const char *device, const char *body);
//  The same with an identity.
bool
    rig_store_as (const char *device, const char *body, const char *scope, const char *id, bool derived);
void
    rig_assert_refused (const char *device, const char *body, const char *failure);

//  What stands in a reply at a path of keys and indices: "items.0.device". NULL: nothing.
const json_t *
    rig_at (const json_t *root, const char *path);
void
    rig_assert_text (const json_t *root, const char *path, const char *text);
void
    rig_assert_number (const json_t *root, const char *path, double number);
//  Of an array or object.
void
    rig_assert_size (const json_t *root, const char *path, size_t size);

int64_t
    rig_wall_ms (void);

#endif
