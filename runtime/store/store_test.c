#include "probe.h"
#include "sync_gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const store_options_t s_usual = { 0 };

#define WAIT(probe, line) assert_true (journal_wait ((probe)->journal, (line), 1))

//  Given while the store's thread is held, so that they become one group; the one that holds is a group before it.
static void
s_hold (probe_t *probe)
{
    probe_commit (probe, "gate", PROBE_HOLD);
    WAIT (probe, "holds gate");
}

//  ---- what is answered, and when

static void
test_commit_is_answered_with_its_events_and_reply (void **state)
{
    probe_t *probe = probe_new (*state, &s_usual, ZOOID_REAL);
    probe_ask (probe, "a", PROBE_KEEP);
    WAIT (probe, "reply a 1");
    WAIT (probe, "event a 1");
    probe_ask (probe, "b", PROBE_THREE);
    WAIT (probe, "reply b empty");
    assert_int_equal (probe_rows (*state, "key IN ('a', 'b')"), 2);
    probe_destroy (&probe);
}

static void
test_commit_is_answered_only_after_its_fsync (void **state)
{
    sync_gate_register ();
    probe_t *probe = probe_new (*state, &(const store_options_t) { .vfs = SYNC_GATE_VFS }, ZOOID_REAL);
    sync_gate_shut ();
    probe_ask (probe, "a", PROBE_KEEP);
    assert_true (sync_gate_wait_held ());
    probe_commit (probe, "b", PROBE_KEEP);
    //  A turn of each actor that could have been told goes by.
    probe_query (probe, "look", false);
    WAIT (probe, "saw look 0 0");
    WAIT (probe, "then look ok");
    assert_int_equal (journal_count (probe->journal, "reply a 1"), 0);
    assert_int_equal (journal_count (probe->journal, "event a 1"), 0);
    assert_int_equal (journal_count (probe->journal, "then b ok"), 0);
    size_t syncs = sync_gate_count ();
    sync_gate_open ();
    WAIT (probe, "reply a 1");
    WAIT (probe, "then b ok");
    assert_int_equal (sync_gate_count (), syncs + 1);     //  That of b
    probe_destroy (&probe);
}

static void
test_commit_that_refuses_takes_back_its_own_changes_only (void **state)
{
    probe_t *probe = probe_new (*state, &s_usual, ZOOID_REAL);
    s_hold (probe);
    probe_commit (probe, "k1", PROBE_KEEP);
    probe_commit (probe, "k2", PROBE_REFUSE);
    probe_commit (probe, "k3", PROBE_KEEP);
    probe_commit (probe, "k4", PROBE_NAME);
    probe_commit (probe, "k5", PROBE_KEEP);
    probe_query (probe, "given", false);
    WAIT (probe, "then given ok");
    probe_release (probe);
    WAIT (probe, "then k5 ok");
    assert_int_equal (journal_count (probe->journal, "then k1 ok"), 1);
    assert_int_equal (journal_count (probe->journal, "then k2 refused"), 1);
    assert_int_equal (journal_count (probe->journal, "then k3 ok"), 1);
    assert_int_equal (journal_count (probe->journal, "then k4 taken k4 is taken"), 1);
    assert_int_equal (probe_rows (*state, "true"), 4);
    assert_int_equal (probe_rows (*state, "key IN ('gate', 'k1', 'k3', 'k5')"), 4);
    assert_int_equal (journal_count (probe->journal, "event k2 2"), 0);
    store_figures_t figures;
    store_figures (probe->store, &figures);
    assert_int_equal (figures.given, 6);
    assert_int_equal (figures.committed, 4);
    assert_int_equal (figures.refused, 2);
    assert_int_equal (figures.waiting, 0);
    assert_int_equal (figures.groups, 3);       //  What start loaded, the one that held, the five
    probe_destroy (&probe);
}

static void
test_commit_answers_the_asker_as_the_transaction_says (void **state)
{
    probe_t *probe = probe_new (*state, &s_usual, ZOOID_REAL);
    probe_ask (probe, "a", PROBE_REFUSE);
    WAIT (probe, "failure a conflict");
    probe_ask (probe, "b", PROBE_NAME);
    WAIT (probe, "failure b taken b is taken");
    probe_ask (probe, "c", PROBE_KEEP_FAILED);
    WAIT (probe, "failure c taken c is taken");
    probe_ask (probe, "d", PROBE_STRANGE);
    WAIT (probe, "failure d not_found");
    assert_int_equal (probe_rows (*state, "true"), 1);
    assert_int_equal (probe_rows (*state, "key = 'c'"), 1);
    probe_destroy (&probe);
}

static void
test_commit_publishes_in_the_order_of_the_commits (void **state)
{
    probe_t *probe = probe_new (*state, &s_usual, ZOOID_REAL);
    char line [64], key [16];
    for (int i = 0; i < 40; i++) {
        snprintf (key, sizeof key, "k%d", i);
        probe_commit (probe, key, PROBE_THREE);
    }
    WAIT (probe, "event k39 3");
    size_t last = 0;
    for (int i = 0; i < 40; i++)
        for (int n = 1; n <= 3; n++) {
            snprintf (line, sizeof line, "event k%d %d", i, n);
            assert_int_equal (journal_count (probe->journal, line), 1);
            size_t place = journal_place (probe->journal, line);
            assert_true (place > last);
            last = place;
        }
    probe_destroy (&probe);
}

//  ---- repeats

static void
test_once_lets_one_of_many_repeats_through (void **state)
{
    probe_t *probe = probe_new (*state, &s_usual, ZOOID_REAL);
    s_hold (probe);
    probe_commit (probe, "x/1", PROBE_ONCE);
    probe_commit (probe, "x/2", PROBE_ONCE);
    probe_release (probe);
    WAIT (probe, "then x/1 ok");
    WAIT (probe, "then x/2 duplicate");
    probe_commit (probe, "x/3", PROBE_ONCE);
    WAIT (probe, "then x/3 duplicate");
    probe_ask (probe, "x/4", PROBE_ONCE);
    WAIT (probe, "reply x/4 empty");
    assert_int_equal (probe_rows (*state, "key LIKE 'x/%'"), 1);
    probe_destroy (&probe);
    //  It is on the disk, with its effect.
    probe = probe_new (*state, &s_usual, ZOOID_REAL);
    probe_commit (probe, "x/5", PROBE_ONCE);
    WAIT (probe, "then x/5 duplicate");
    store_figures_t figures;
    store_figures (probe->store, &figures);
    assert_int_equal (figures.identities, 1);
    probe_destroy (&probe);
}

static void
test_once_forgets_an_identity_whose_transaction_refused (void **state)
{
    probe_t *probe = probe_new (*state, &s_usual, ZOOID_REAL);
    probe_commit (probe, "x/1", PROBE_ONCE_REFUSE);
    WAIT (probe, "then x/1 refused");
    store_figures_t figures;
    store_figures (probe->store, &figures);
    assert_int_equal (figures.identities, 0);
    probe_commit (probe, "x/2", PROBE_ONCE);
    WAIT (probe, "then x/2 ok");
    probe_destroy (&probe);
}

//  ---- snapshots and loading

static void
test_snapshot_sees_one_moment_while_others_commit (void **state)
{
    probe_t *probe = probe_new (*state, &s_usual, ZOOID_REAL);
    probe_query (probe, "early", true);
    WAIT (probe, "holds early");
    probe_commit (probe, "a", PROBE_KEEP);
    WAIT (probe, "then a ok");
    probe_query (probe, "late", false);
    WAIT (probe, "saw late 1 1");
    probe_release (probe);
    WAIT (probe, "saw early 0 0");
    WAIT (probe, "then early ok");
    probe_destroy (&probe);
}

static void
test_snapshot_that_writes_is_a_fault (void **state)
{
    probe_t *probe = probe_new (*state, &s_usual, ZOOID_REAL);
    probe_query_writes (probe, "w");
    WAIT (probe, "then w internal");
    assert_true (journal_wait (probe->journal, "started 0", 2));
    assert_int_equal (probe_rows (*state, "true"), 0);
    probe_destroy (&probe);
}

static void
test_load_reads_and_publishes_in_start (void **state)
{
    probe_t *probe = probe_new (*state, &s_usual, ZOOID_REAL);
    WAIT (probe, "started 0");
    WAIT (probe, "event loaded 0");
    probe_commit (probe, "a", PROBE_KEEP);
    WAIT (probe, "then a ok");
    probe_destroy (&probe);
    probe = probe_new (*state, &s_usual, ZOOID_REAL);
    WAIT (probe, "started 1");
    probe_destroy (&probe);
}

static void
test_store_is_missing_without_an_attachment (void **state)
{
    probe_t *probe = probe_new (*state, NULL, ZOOID_REAL);
    WAIT (probe, "started without a store");
    probe_commit (probe, "a", PROBE_KEEP);
    WAIT (probe, "nodev a");
    probe_destroy (&probe);
}

//  ---- bounds

static void
test_commit_is_refused_when_the_queue_is_full (void **state)
{
    probe_t *probe = probe_new (*state, &(const store_options_t) { .queue_limit = 3 }, ZOOID_REAL);
    s_hold (probe);
    static const char *const keys [] = { "k1", "k2", "k3", "k4" };
    for (size_t i = 0; i < ZOOID_COUNT (keys); i++)
        probe_commit (probe, keys [i], PROBE_KEEP);
    WAIT (probe, "full k4");
    probe_ask (probe, "k5", PROBE_KEEP);
    WAIT (probe, "failure k5 overloaded");
    probe_release (probe);
    WAIT (probe, "then k3 ok");
    assert_int_equal (probe_rows (*state, "true"), 4);
    store_figures_t figures;
    store_figures (probe->store, &figures);
    assert_int_equal (figures.full, 2);
    assert_int_equal (figures.given, 4);
    assert_int_equal (figures.committed, 4);
    probe_destroy (&probe);
}

static void
test_commit_is_refused_when_the_disk_is_nearly_full (void **state)
{
    //  More than all of it must be free.
    probe_t *probe = probe_new (*state, &(const store_options_t) { .free_floor_percent = 101 }, ZOOID_REAL);
    probe_commit (probe, "a", PROBE_KEEP);
    WAIT (probe, "then a no_space");
    probe_ask (probe, "b", PROBE_KEEP);
    WAIT (probe, "failure b no_space");
    probe_query (probe, "c", false);
    WAIT (probe, "saw c 0 0");
    store_figures_t figures;
    store_figures (probe->store, &figures);
    assert_int_equal (figures.refused, 2);
    probe_destroy (&probe);
}

//  The floor was not enough: the disk fills under a group. Nothing of it is kept, nobody is told otherwise, and the
//  store goes on when there is room.
static void
test_commit_is_taken_back_whole_when_the_disk_fills_under_it (void **state)
{
    sync_gate_register ();
    probe_t *probe = probe_new (*state, &(const store_options_t) { .vfs = SYNC_GATE_VFS }, ZOOID_REAL);
    s_hold (probe);
    probe_commit (probe, "a", PROBE_KEEP);
    probe_commit (probe, "x/1", PROBE_ONCE);
    probe_commit (probe, "c", PROBE_NAME);
    probe_query (probe, "given", false);
    WAIT (probe, "then given ok");
    sync_gate_fill (true);
    probe_release (probe);
    WAIT (probe, "then gate no_space");
    WAIT (probe, "then a no_space");
    WAIT (probe, "then x/1 no_space");
    WAIT (probe, "then c no_space");
    sync_gate_fill (false);
    probe_commit (probe, "x/2", PROBE_ONCE);
    WAIT (probe, "then x/2 ok");
    assert_int_equal (probe_rows (*state, "true"), 1);
    assert_int_equal (journal_count (probe->journal, "event a 2"), 0);
    store_figures_t figures;
    store_figures (probe->store, &figures);
    assert_int_equal (figures.refused, 4);
    assert_int_equal (figures.committed, 1);
    assert_int_equal (figures.identities, 1);
    probe_destroy (&probe);
}

static void
s_all_answered (scratch_t *scratch, unsigned group_limit, uint64_t *ret_groups)
{
    probe_t *probe = probe_new (scratch, &(const store_options_t) { .group_limit = group_limit }, ZOOID_REAL);
    int before = probe_rows (scratch, "true");
    probe_callers (probe, 64, 10);
    WAIT (probe, "callers done");
    assert_int_equal (probe_rows (scratch, "true"), before + 640);
    store_figures_t figures;
    store_figures (probe->store, &figures);
    assert_int_equal (figures.given, 640);
    assert_int_equal (figures.committed, 640);
    *ret_groups = figures.groups;
    probe_destroy (&probe);
}

static void
test_commit_answers_64_concurrent_callers_in_groups (void **state)
{
    uint64_t groups = 0, single = 0;
    s_all_answered (*state, 0, &groups);
    s_all_answered (*state, 1, &single);
    assert_in_range (groups, 10, 320);
    assert_in_range (single, 640, 642);
}

//  ---- faults

static void
test_fault_in_a_transaction_takes_it_back_and_restarts_the_actor (void **state)
{
    probe_t *probe = probe_new (*state, &s_usual, ZOOID_REAL);
    WAIT (probe, "started 0");
    s_hold (probe);
    probe_ask (probe, "bad", PROBE_FAULT);
    probe_release (probe);
    WAIT (probe, "failure bad internal");
    assert_true (journal_wait (probe->journal, "started 1", 1));
    probe_commit (probe, "good", PROBE_KEEP);
    WAIT (probe, "then good ok");
    assert_int_equal (probe_rows (*state, "key = 'bad'"), 0);
    assert_int_equal (probe_rows (*state, "true"), 2);
    store_figures_t figures;
    store_figures (probe->store, &figures);
    assert_int_equal (figures.faulted, 1);
    probe_destroy (&probe);
}

static void
test_fault_is_its_own_when_a_foreign_key_is_left_dangling (void **state)
{
    probe_t *probe = probe_new (*state, &s_usual, ZOOID_REAL);
    s_hold (probe);
    probe_commit (probe, "before", PROBE_KEEP);
    probe_commit (probe, "dangle", PROBE_DANGLE);
    probe_commit (probe, "after", PROBE_KEEP);
    probe_query (probe, "given", false);
    WAIT (probe, "then given ok");
    probe_release (probe);
    WAIT (probe, "then dangle internal");
    assert_true (journal_wait (probe->journal, "started 3", 1));
    assert_int_equal (probe_rows (*state, "key IN ('before', 'after')"), 2);
    assert_int_equal (probe_rows (*state, "key = 'dangle'"), 0);
    probe_destroy (&probe);
}

//  ---- life

static void
test_store_finishes_what_waits_when_it_stops (void **state)
{
    probe_t *probe = probe_new (*state, &s_usual, ZOOID_REAL);
    s_hold (probe);
    char key [16];
    for (int i = 0; i < 20; i++) {
        snprintf (key, sizeof key, "k%d", i);
        probe_commit (probe, key, PROBE_KEEP);
    }
    probe_query (probe, "given", false);
    WAIT (probe, "then given ok");
    probe_release (probe);
    store_stop (probe->store);
    assert_int_equal (probe_rows (*state, "true"), 21);
    WAIT (probe, "then k19 ok");
    probe_commit (probe, "late", PROBE_KEEP);
    WAIT (probe, "nodev late");
    probe_destroy (&probe);
}

static void
test_store_keeps_its_name_and_no_other_has_it (void **state)
{
    uint8_t first [STORE_ID_SIZE], again [STORE_ID_SIZE], other [STORE_ID_SIZE], none [STORE_ID_SIZE] = { 0 };
    probe_t *probe = probe_new (*state, &s_usual, ZOOID_REAL);
    store_id (probe->store, first);
    probe_destroy (&probe);
    probe = probe_new (*state, &s_usual, ZOOID_REAL);
    store_id (probe->store, again);
    probe_destroy (&probe);
    scratch_t *elsewhere = scratch_new ();
    probe = probe_new (elsewhere, &s_usual, ZOOID_REAL);
    store_id (probe->store, other);
    probe_destroy (&probe);
    scratch_destroy (&elsewhere);
    assert_memory_equal (first, again, STORE_ID_SIZE);
    assert_memory_not_equal (first, other, STORE_ID_SIZE);
    assert_memory_not_equal (first, none, STORE_ID_SIZE);
}

//  The log is copied into the file while the store runs, so it does not grow with what is written.
static void
test_store_checkpoints_while_it_runs (void **state)
{
    probe_t *probe = probe_new (*state, &s_usual, ZOOID_REAL);
    probe_callers (probe, 64, 100);
    WAIT (probe, "callers done");
    store_figures_t figures;
    store_figures (probe->store, &figures);
    assert_int_equal (figures.committed, 6400);
    assert_in_range (figures.log_pages, 1, 2000);
    probe_destroy (&probe);
    assert_int_equal (probe_rows (*state, "true"), 6400);
}

static void
test_store_works_on_virtual_time (void **state)
{
    probe_t *probe = probe_new (*state, &s_usual, ZOOID_VIRTUAL);
    assert_int_equal (journal_count (probe->journal, "started 0"), 1);
    probe_ask (probe, "a", PROBE_KEEP);
    probe_run (probe);
    assert_int_equal (journal_count (probe->journal, "reply a 1"), 1);
    probe_commit (probe, "b", PROBE_REFUSE);
    probe_commit (probe, "c", PROBE_THREE);
    probe_run (probe);
    assert_int_equal (journal_count (probe->journal, "then b refused"), 1);
    assert_int_equal (journal_count (probe->journal, "event c 3"), 1);
    probe_query (probe, "q", false);
    probe_run (probe);
    assert_int_equal (journal_count (probe->journal, "saw q 2 2"), 1);
    //  Given and never run: done when it stops.
    probe_commit (probe, "d", PROBE_KEEP);
    probe_destroy (&probe);
    assert_in_range (probe_rows (*state, "true"), 2, 3);
    //  The same again in a new system.
    probe = probe_new (*state, &s_usual, ZOOID_VIRTUAL);
    probe_commit (probe, "e", PROBE_FAULT);
    probe_run (probe);
    assert_int_equal (journal_count (probe->journal, "then e internal"), 1);
    probe_destroy (&probe);
}

int
main (void)
{
#define TEST(function) cmocka_unit_test_setup_teardown (function, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests [] = {
        TEST (test_commit_is_answered_with_its_events_and_reply),
        TEST (test_commit_is_answered_only_after_its_fsync),
        TEST (test_commit_that_refuses_takes_back_its_own_changes_only),
        TEST (test_commit_answers_the_asker_as_the_transaction_says),
        TEST (test_commit_publishes_in_the_order_of_the_commits),
        TEST (test_once_lets_one_of_many_repeats_through),
        TEST (test_once_forgets_an_identity_whose_transaction_refused),
        TEST (test_snapshot_sees_one_moment_while_others_commit),
        TEST (test_snapshot_that_writes_is_a_fault),
        TEST (test_load_reads_and_publishes_in_start),
        TEST (test_store_is_missing_without_an_attachment),
        TEST (test_commit_is_refused_when_the_queue_is_full),
        TEST (test_commit_is_refused_when_the_disk_is_nearly_full),
        TEST (test_commit_is_taken_back_whole_when_the_disk_fills_under_it),
        TEST (test_commit_answers_64_concurrent_callers_in_groups),
        TEST (test_fault_in_a_transaction_takes_it_back_and_restarts_the_actor),
        TEST (test_fault_is_its_own_when_a_foreign_key_is_left_dangling),
        TEST (test_store_finishes_what_waits_when_it_stops),
        TEST (test_store_keeps_its_name_and_no_other_has_it),
        TEST (test_store_checkpoints_while_it_runs),
        TEST (test_store_works_on_virtual_time),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
