//  test_world.h - a small system in virtual time for tests: an actor that echoes, one that probes it
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <zooid/system.h>

typedef struct {
    const char *text;
    int64_t number;
} note_t;
extern const zooid_record_t note;
extern const zooid_module_t echo_module;

//  What the actors of this test saw; one thread, so plain numbers do.
typedef struct {
    int starts, stops, drains, tells, events, dynamic_events, timers, destroyed, worked;
    int64_t last_number, numbers [64];
    size_t number_count;
    char greeting [32];
    char subject [64];
} seen_t;
extern seen_t seen;

//  The world of one test.
typedef struct {
    zooid_system_t *system;
    zooid_arena_t *arena;
    zooid_ref_t echo, probe;
    //  How the last ask ended
    int answers;
    char failure [32], detail [128];
    zooid_failure_kind_t kind;
    note_t answer;
    char text [101];
} world_t;

int
    world_set_up (void **state);
//  The same in wire mode, whatever the environment says.
int
    world_set_up_wire (void **state);
int
    world_tear_down (void **state);
int64_t
    world_now (world_t *world);
//  Ask from the probe, `times` times, and run until everything due within `wait_ms` happened.
int
    world_ask (world_t *world, const zooid_call_t *call, int times, int64_t wait_ms);
int
    world_tell (world_t *world, const zooid_call_t *call, int times);

#define NOTE(text_, number_) .takes = &note, .arguments = &(note_t) { text_, number_ }
#define WORLD_TEST(name) cmocka_unit_test_setup_teardown (name, world_set_up, world_tear_down)

#endif
