//  The registry's locks: whoever writes gets in, however many read.
#include "registry.h"
#include "test_gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { READERS = 3, WRITES = 10, STAY_MS = 10 };

typedef struct {
    registry_t *registry;
    gate_t written;             //  Opened by each write
    atomic_int entered;         //  Reads begun
    atomic_bool ended;
} hall_t;

static subscription_t *
s_subscription (const char *pattern)
{
    subscription_t *subscription = zooid_allocate (sizeof *subscription);
    atomic_init (&subscription->references, 1);
    subscription->pattern = zooid_duplicate (pattern);
    return subscription;
}

//  Stay until another reader came in, so that the lock is never without one: a reader that is kept out by a waiting
//  writer ends that after a moment.
static void
s_hold (void *state, subscription_t *subscription)
{
    (void) subscription;
    hall_t *hall = state;
    int mine = atomic_fetch_add (&hall->entered, 1) + 1;
    gate_t never = GATE_INITIAL;
    for (int i = 0; i < STAY_MS && atomic_load (&hall->entered) == mine && !atomic_load (&hall->ended); i++)
        gate_opens (&never, 1, 1);
}

static void *
s_read (void *argument)
{
    hall_t *hall = argument;
    while (!atomic_load (&hall->ended))
        registry_match (hall->registry, "x.said", s_hold, hall);
    return NULL;
}

static void *
s_write (void *argument)
{
    hall_t *hall = argument;
    for (int i = 0; i < WRITES; i++) {
        subscription_t *subscription = s_subscription ("y.z");
        registry_subscribe (hall->registry, subscription);
        registry_unsubscribe (hall->registry, subscription);
        subscription_destroy (&subscription);
        gate_open (&hall->written, 0);
    }
    return NULL;
}

static void
test_registry_lets_a_subscriber_in_when_publishers_never_leave (void **state)
{
    (void) state;
    hall_t hall = { .written = GATE_INITIAL };
    registry_new (&hall.registry);
    subscription_t *subscription = s_subscription ("x.said");
    registry_subscribe (hall.registry, subscription);
    pthread_t readers [READERS], writer;
    for (size_t i = 0; i < READERS; i++)
        assert_int_equal (pthread_create (&readers [i], NULL, s_read, &hall), 0);
    assert_int_equal (pthread_create (&writer, NULL, s_write, &hall), 0);
    bool written = gate_opens (&hall.written, WRITES, 10000);
    atomic_store (&hall.ended, true);
    pthread_join (writer, NULL);
    for (size_t i = 0; i < READERS; i++)
        pthread_join (readers [i], NULL);
    assert_true (written);
    registry_unsubscribe (hall.registry, subscription);
    subscription_destroy (&subscription);
    registry_destroy (&hall.registry);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_registry_lets_a_subscriber_in_when_publishers_never_leave),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
