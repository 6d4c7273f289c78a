#include <zooid/node.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <zooid/log.h>

//  ---- an actor: a counter that is kept in the store, or in memory when there is none

typedef struct {
    zooid_presence_t presence;
    int64_t by;
} add_t;

static const zooid_field_t add_fields [] = {
    ZOOID_INTEGER (add_t, by, .integers = { true, 1, 100 }, .doc = "How many"),
};
static const zooid_record_t add_record = ZOOID_RECORD ("add", add_t, add_fields, .presence = ZOOID_PRESENCE (add_t), .doc = "Add");

typedef struct {
    int64_t count;
} count_t;

static const zooid_field_t count_fields [] = { ZOOID_INTEGER (count_t, count, .doc = "So far") };
static const zooid_record_t count_record = ZOOID_RECORD ("count", count_t, count_fields, .doc = "The count");

typedef struct {
    zooid_presence_t presence;
    int64_t start;
    const char *word;
    bool broken;
} settings_t;

static const zooid_field_t settings_fields [] = {
    ZOOID_INTEGER (settings_t, start, .initial = "5", .integers = { true, 0, 1000 }, .doc = "Where it begins"),
    ZOOID_STRING (settings_t, word, .optional = true, .secret = true, .doc = "A secret"),
    ZOOID_BOOLEAN (settings_t, broken, .optional = true, .doc = "Does not start"),
};
static const zooid_record_t settings_record = ZOOID_RECORD ("counter_settings", settings_t, settings_fields, .presence = ZOOID_PRESENCE (settings_t));

typedef struct {
    int64_t count;
    zooid_request_t *held;
} counter_t;

static int
s_start (zooid_context_t *self, const void *settings_)
{
    const settings_t *settings = settings_;
    ((counter_t *) zooid_state (self))->count = settings->start;
    return settings->broken ? zooid_fault (-EIO) : 0;
}

static void
s_stop (zooid_context_t *self)
{
    zooid_request_destroy (&((counter_t *) zooid_state (self))->held);
}

static int
s_on_add (zooid_context_t *self, const void *arguments)
{
    counter_t *counter = zooid_state (self);
    counter->count += ((const add_t *) arguments)->by;
    if (counter->count > 1000)
        return zooid_fail (self, "too_many", "the count would be %lld", (long long) counter->count);
    return zooid_reply (self, &count_record, &(count_t) { counter->count });
}

static int
s_on_hold (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    counter_t *counter = zooid_state (self);
    zooid_request_destroy (&counter->held);
    counter->held = zooid_request_take (self);
    return 0;
}

static int
s_keep (zooid_transaction_t *self, void *state)
{
    (void) state;
    zooid_sql_t *sql = zooid_sql (self, "UPDATE counter_kept SET count = count + 1");
    int rc = zooid_sql_step (sql);
    if (rc)
        return rc;
    sql = zooid_sql (self, "SELECT count FROM counter_kept");
    rc = zooid_sql_step (sql);
    if (rc != ZOOID_ROW)
        return rc;
    return zooid_transaction_reply (self, &count_record, &(count_t) { zooid_sql_integer (sql, 0) });
}

static int
s_on_keep (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    zooid_commit_t commit = { .transaction = s_keep, .request = zooid_request_take (self) };
    return zooid_commit (self, &commit);
}

static int
s_on_lose (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    zooid_dead_letter (self, "bad_name", "a/\xff\xc3\xa9", (zooid_bytes_t) { (const uint8_t *) "x", 1 }, "%s",
                       "no \xe2\x82 text");
    return 0;
}

static const zooid_failure_t add_fails [] = { { "too_many", ZOOID_FAILURE_CONFLICT, "The count is at its end" } };

static const zooid_operation_t operations [] = {
    { .name = "counter.add", .kind = ZOOID_COMMAND, .takes = &add_record, .gives = &count_record, .scope = "counter:write",
      ZOOID_FAILS (add_fails), .handler = s_on_add, .doc = "Add." },
    { .name = "counter.hold", .kind = ZOOID_COMMAND, .scope = "counter:write", .handler = s_on_hold, .doc = "Never answer." },
    { .name = "counter.lose", .kind = ZOOID_COMMAND, .scope = "counter:write", .handler = s_on_lose, .doc = "Write a dead letter." },
    { .name = "counter.keep", .kind = ZOOID_COMMAND, .gives = &count_record, .scope = "counter:write", .handler = s_on_keep, .doc = "Count in the store." },
};
static const zooid_contract_t contract = { .name = "counter", ZOOID_OPERATIONS (operations), .doc = "Counts." };

static const zooid_migration_t migrations [] = {
    { .sql = "CREATE TABLE counter_kept (count INTEGER NOT NULL); INSERT INTO counter_kept VALUES (0)", .doc = "The count" },
    { .sql = "CREATE TABLE counter_more (value INTEGER)", .doc = "A later version" },
};

#define COUNTER(migration_count_)                                                                                     \
    { ZOOID_MODULE_HEADER, .name = "counter", .version = "1.0.0", .doc = "Counts.", .contract = &contract,            \
      .settings = &settings_record, .state_size = sizeof (counter_t), .start = s_start, .stop = s_stop,               \
      .migrations = migrations, .migration_count = (migration_count_) }
static const zooid_module_t counter = COUNTER (1), later_counter = COUNTER (2), brief_counter = COUNTER (0);   //  In memory

//  ---- a node in a folder of its own

typedef struct {
    char folder [32];
    char data [48];
    zooid_node_t *node;
} fixture_t;

static void
s_ignore (void *state, const char *line, size_t size)
{
    (void) state, (void) line, (void) size;
}

static int
s_set_up (void **state)
{
    fixture_t *self = zooid_allocate (sizeof *self);
    snprintf (self->folder, sizeof self->folder, "/tmp/zooid-node-XXXXXX");
    if (!mkdtemp (self->folder))
        return -1;
    snprintf (self->data, sizeof self->data, "%s/var", self->folder);
    zooid_log_sink (s_ignore, NULL);
    *state = self;
    return 0;
}

static int
s_remove (const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void) status, (void) type, (void) where;
    return remove (path);
}

static int
s_tear_down (void **state)
{
    fixture_t *self = *state;
    zooid_node_destroy (&self->node);
    int rc = nftw (self->folder, s_remove, 16, FTW_DEPTH | FTW_PHYS);
    free (self);
    return rc;
}

static const char topology [] = "zooid: 1\nnodes: { local: { actors: [counter] } }\n";

static int
s_new (const char *text, const char *data, const zooid_module_t *module, zooid_node_t **ret_node)
{
    return zooid_node_new (ret_node, &(zooid_node_options_t) {
        .topology = text, .data = data, .modules = (const zooid_module_t *const []) { module }, .module_count = 1,
    });
}

static void
s_run (fixture_t *self, const char *text, const char *data)
{
    assert_int_equal (s_new (text, data, *data ? &counter : &brief_counter, &self->node), 0);
    int rc = zooid_node_start (self->node);
    assert_string_equal (zooid_node_errors (self->node), "");
    assert_int_equal (rc, 0);
}

static void
s_assert_answer (zooid_node_t *node, const char *operation, const char *json, int rc, const char *expected)
{
    ZOOID_CLEANUP (zooid_release) char *answer = NULL;
    int got = zooid_node_ask (node, operation, json, 2000, &answer);
    assert_non_null (answer);
    assert_string_equal (answer, expected);
    assert_int_equal (got, rc);
}

//  ---- asks

static void
test_node_answers_an_ask_from_outside (void **state)
{
    fixture_t *self = *state;
    s_run (self, topology, "");
    s_assert_answer (self->node, "counter.add", "{\"by\": 3}", 0, "{\"count\":8}");
    s_assert_answer (self->node, "counter.add", "{\"by\": 3}", 0, "{\"count\":11}");
    assert_int_equal (zooid_node_stop (self->node, 5000), 0);
    s_assert_answer (self->node, "counter.add", "{\"by\": 3}", ZOOID_REFUSED,
                     "{\"name\":\"unavailable\",\"detail\":\"the node is stopped\",\"errors\":[]}");
}

static void
test_node_refuses_an_ask_that_breaks_its_record (void **state)
{
    fixture_t *self = *state;
    s_run (self, topology, "");
    ZOOID_CLEANUP (zooid_release) char *answer = NULL;
    assert_int_equal (zooid_node_ask (self->node, "counter.add", "{\"by\": 101, \"bye\": 1}", 2000, &answer),
                      ZOOID_REFUSED);
    assert_non_null (strstr (answer, "{\"name\":\"invalid\""));
    assert_non_null (strstr (answer, "\"pointer\":\"/by\""));
    assert_non_null (strstr (answer, "\"pointer\":\"/bye\""));
    free (answer);
    assert_int_equal (zooid_node_ask (self->node, "counter.add", "{\"by\"", 2000, &answer), ZOOID_REFUSED);
    assert_non_null (strstr (answer, "{\"name\":\"malformed\""));
}

static void
test_node_passes_on_a_named_failure (void **state)
{
    fixture_t *self = *state;
    s_run (self, "zooid: 1\nnodes: { local: { actors: [counter] } }\nactors: { counter: { start: 999 } }\n", "");
    s_assert_answer (self->node, "counter.add", "{\"by\": 3}", ZOOID_REFUSED,
                     "{\"name\":\"too_many\",\"detail\":\"the count would be 1002\",\"errors\":[]}");
}

static void
test_node_suggests_an_operation_when_the_name_is_wrong (void **state)
{
    fixture_t *self = *state;
    s_run (self, topology, "");
    s_assert_answer (self->node, "counter.ad", "{}", ZOOID_REFUSED,
                     "{\"name\":\"unknown_operation\",\"detail\":\"there is no operation `counter.ad`; did you mean `counter.add`?\",\"errors\":[]}");
}

static void
test_node_ends_an_ask_at_its_deadline (void **state)
{
    fixture_t *self = *state;
    s_run (self, topology, "");
    ZOOID_CLEANUP (zooid_release) char *answer = NULL;
    assert_int_equal (zooid_node_ask (self->node, "counter.hold", NULL, 50, &answer), ZOOID_REFUSED);
    assert_non_null (strstr (answer, "{\"name\":\"deadline\""));
}

static void
test_node_can_not_be_asked_before_it_is_started (void **state)
{
    fixture_t *self = *state;
    assert_int_equal (s_new (topology, "", &counter, &self->node), 0);
    assert_int_equal (zooid_node_descriptor (self->node), -1);
    s_assert_answer (self->node, "counter.add", "{}", ZOOID_REFUSED,
                     "{\"name\":\"unavailable\",\"detail\":\"the node is not started\",\"errors\":[]}");
}

//  ---- configuration

static void
test_node_says_all_errors_with_their_place (void **state)
{
    fixture_t *self = *state;
    static const char text [] =
        "zooid: 1\n"
        "nodes: { local: { actors: [counter, conter, other] } }\n"
        "actors:\n"
        "  counter: { start: -1, wrod: x }\n"
        "  other: { module: ./x/libzooid_other.so }\n";
    assert_int_equal (s_new (text, "", &counter, &self->node), ZOOID_INVALID);
    const char *errors = zooid_node_errors (self->node);
    assert_non_null (strstr (errors, "topology:2:37: there is no module `conter`; did you mean `counter`?\n"));
    assert_non_null (strstr (errors, "topology:4:21: `start` "));
    assert_non_null (strstr (errors, "topology:4:25: `wrod` is no setting of actor counter; did you mean `word`?\n"));
    assert_non_null (strstr (
        errors, "topology:5:20: `./x/libzooid_other.so` is relative to no file; give the whole path of the library\n"));
}

static void
s_check (const void *settings, zooid_arena_t *arena, zooid_violations_t *violations)
{
    if (((const settings_t *) settings)->start == 13)
        zooid_violations_add (violations, arena, "/start", "luck", "brings no luck; begin with 12");
}

static void
test_node_says_what_the_module_finds_in_its_settings (void **state)
{
    fixture_t *self = *state;
    zooid_module_t careful = counter;
    careful.check = s_check;
    static const char text [] = "zooid: 1\nnodes: { local: { actors: [counter] } }\nactors:\n  counter: { start: 13 }\n";
    assert_int_equal (s_new (text, "", &careful, &self->node), ZOOID_INVALID);
    assert_string_equal (zooid_node_errors (self->node), "topology:4:21: `start` brings no luck; begin with 12\n");
}

static void
test_node_takes_sets_and_reads_secrets (void **state)
{
    fixture_t *self = *state;
    assert_int_equal (setenv ("ZOOID_TEST_WORD", "swordfish", 1), 0);
    static const char *const sets [] = { "actors.counter.start=7",
                                         "actors.counter.word={ variable: ZOOID_TEST_WORD }" };
    assert_int_equal (zooid_node_new (&self->node, &(zooid_node_options_t) {
        .topology = topology, .data = "", .modules = (const zooid_module_t *const []) { &brief_counter }, .module_count = 1, .sets = sets, .set_count = 2,
    }), 0);
    assert_int_equal (zooid_node_start (self->node), 0);
    s_assert_answer (self->node, "counter.add", "{\"by\": 1}", 0, "{\"count\":8}");
}

static void
test_node_leaves_secrets_of_other_nodes_alone (void **state)
{
    fixture_t *self = *state;
    assert_int_equal (unsetenv ("ZOOID_TEST_NONE"), 0);
    static const char text [] =
        "zooid: 1\n"
        "nodes: { a: { actors: [counter] }, b: { actors: [other] } }\n"
        "actors: { other: { module: counter, word: { variable: ZOOID_TEST_NONE } } }\n";
    zooid_node_options_t how = {
        .topology = text, .node = "a", .data = "", .modules = (const zooid_module_t *const []) { &counter }, .module_count = 1,
    };
    assert_int_equal (zooid_node_new (&self->node, &how), 0);
    zooid_node_destroy (&self->node);
    how.node = "b";
    assert_int_equal (zooid_node_new (&self->node, &how), ZOOID_INVALID);
    assert_string_equal (zooid_node_errors (self->node),
                         "topology:3:55: `word`: the variable ZOOID_TEST_NONE is not set; set it, or give { file: PATH }\n");
}

//  ---- data

static mode_t
s_mode (fixture_t *self, const char *below)
{
    char path [160];
    struct stat status;
    snprintf (path, sizeof path, "%s/%s", self->data, below);
    return stat (path, &status) ? 0 : status.st_mode & 0777;
}

static void
test_node_keeps_its_data_in_one_private_folder (void **state)
{
    fixture_t *self = *state;
    s_run (self, topology, self->data);
    assert_int_equal (s_mode (self, "local"), 0700);
    assert_int_equal (s_mode (self, "local/counter"), 0700);
    assert_int_equal (s_mode (self, "local/control.sock"), 0600);
    assert_true (s_mode (self, "local/store.sqlite") != 0);
    zooid_node_destroy (&self->node);
    assert_int_equal (s_mode (self, "local/control.sock"), 0);
}

static void
test_node_finds_its_data_at_the_second_start (void **state)
{
    fixture_t *self = *state;
    for (int i = 1; i <= 3; i++) {
        char expected [32];
        snprintf (expected, sizeof expected, "{\"count\":%d}", i);
        s_run (self, topology, self->data);
        s_assert_answer (self->node, "counter.keep", NULL, 0, expected);
        assert_int_equal (zooid_node_stop (self->node, 5000), 0);
        zooid_node_destroy (&self->node);
    }
}

static void
test_nodes_of_one_process_have_a_folder_each (void **state)
{
    fixture_t *self = *state;
    s_run (self,
           "zooid: 1\nnodes:\n  a: { actors: [counter] }\n  b: { actors: [other] }\nactors: { other: { module: counter "
           "} }\n",
           self->data);
    s_assert_answer (self->node, "counter.keep", NULL, 0, "{\"count\":1}");
    s_assert_answer (self->node, "counter.keep", NULL, 0, "{\"count\":2}");
    s_assert_answer (self->node, "other.keep", NULL, 0, "{\"count\":1}");
    assert_int_equal (s_mode (self, "a/control.sock"), 0600);
    assert_int_equal (s_mode (self, "b/control.sock"), 0600);
}

static void
test_node_refuses_a_folder_that_this_process_holds (void **state)
{
    fixture_t *self = *state;
    s_run (self, topology, self->data);
    zooid_node_t *second = NULL;
    assert_int_equal (s_new (topology, self->data, &counter, &second), 0);
    int rc = zooid_node_start (second);
    char expected [256];
    snprintf (expected, sizeof expected, "%s/local is in use by process %ld; stop it first, or choose another --data\n",
              self->data, (long) getpid ());
    assert_string_equal (zooid_node_errors (second), expected);
    assert_int_equal (rc, ZOOID_INVALID);
    zooid_node_destroy (&second);
    s_assert_answer (self->node, "counter.keep", NULL, 0, "{\"count\":1}");
}

static void
test_node_refuses_a_folder_that_another_process_holds (void **state)
{
    fixture_t *self = *state;
    s_run (self, topology, self->data);
    zooid_node_destroy (&self->node);
    char path [160];
    snprintf (path, sizeof path, "%s/local/lock", self->data);
    int ready [2];
    assert_int_equal (pipe2 (ready, O_CLOEXEC), 0);
    pid_t child = fork ();
    if (child == 0) {
        int lock = open (path, O_RDWR | O_CLOEXEC);
        ssize_t size = flock (lock, LOCK_EX | LOCK_NB) == 0 ? write (ready [1], "x", 1) : 0;
        while (size == 1)
            pause ();
        _exit (1);
    }
    assert_true (child > 0);
    assert_int_equal (close (ready [1]), 0);
    char byte;
    assert_int_equal (read (ready [0], &byte, 1), 1);
    assert_int_equal (s_new (topology, self->data, &counter, &self->node), 0);
    int rc = zooid_node_start (self->node);
    assert_int_equal (kill (child, SIGKILL), 0);
    assert_int_equal (waitpid (child, NULL, 0), child);
    assert_int_equal (rc, ZOOID_INVALID);
    assert_non_null (strstr (zooid_node_errors (self->node), "/local is in use by process "));
    close (ready [0]);
}

static void
test_node_refuses_a_schema_that_is_newer (void **state)
{
    fixture_t *self = *state;
    assert_int_equal (s_new (topology, self->data, &later_counter, &self->node), 0);
    int rc = zooid_node_start (self->node);
    assert_string_equal (zooid_node_errors (self->node), "");
    assert_int_equal (rc, 0);
    zooid_node_destroy (&self->node);
    assert_int_equal (s_new (topology, self->data, &counter, &self->node), 0);
    assert_int_equal (zooid_node_start (self->node), ZOOID_INVALID);
    assert_non_null (strstr (zooid_node_errors (self->node), "topology:2:28: "));
    assert_non_null (strstr (zooid_node_errors (self->node), "newer"));
}

static void
test_node_refuses_data_that_is_no_folder (void **state)
{
    fixture_t *self = *state;
    assert_int_equal (s_new (topology, "/dev/null", &counter, &self->node), 0);
    assert_int_equal (zooid_node_start (self->node), ZOOID_INVALID);
    assert_string_equal (zooid_node_errors (self->node),
                         "/dev/null/local: Not a directory; make it writable, or choose another --data\n");
}

//  Files and sockets. The events of libzmq's mailboxes are not among them: it closes those when it comes to it.
static size_t
s_count_descriptors (void)
{
    size_t count = 0;
    DIR *folder = opendir ("/proc/self/fd");
    const struct dirent *entry;
    assert_non_null (folder);
    while ((entry = readdir (folder))) {
        char target [64];
        ssize_t size = readlinkat (dirfd (folder), entry->d_name, target, sizeof target);
        count += size > 0 && (size < 11 || memcmp (target, "anon_inode:", 11) != 0);
    }
    assert_int_equal (closedir (folder), 0);
    return count;
}

static void
test_node_leaves_no_descriptor_behind (void **state)
{
    fixture_t *self = *state;
    size_t before = 0;
    //  The first run makes what the process keeps for ever.
    for (int i = 0; i < 4; i++) {
        s_run (self, topology, self->data);
        s_assert_answer (self->node, "counter.add", "{\"by\": 1}", 0, "{\"count\":6}");
        zooid_node_destroy (&self->node);
        if (i == 0)
            before = s_count_descriptors ();
        else
            assert_int_equal (s_count_descriptors (), before);
    }
}

//  ---- asks of many threads, while the node stops

enum { ASKERS = 8 };

typedef struct {
    zooid_node_t *node;
    atomic_uint *answered;
    size_t replies, failures;
} asker_t;

static void *
s_ask_until_refused (void *state)
{
    asker_t *self = state;
    for (int rc = 0; rc == 0;) {
        ZOOID_CLEANUP (zooid_release) char *answer = NULL;
        rc = zooid_node_ask (self->node, "counter.add", "{\"by\": 1}", 5000, &answer);
        self->replies += rc == 0;
        self->failures += rc == ZOOID_REFUSED && answer;
        atomic_fetch_add (self->answered, 1);
    }
    return NULL;
}

static void
test_node_answers_every_ask_when_it_stops_meanwhile (void **state)
{
    fixture_t *self = *state;
    s_run (self, topology, "");
    atomic_uint answered = 0;
    asker_t askers [ASKERS] = { { .node = NULL } };
    pthread_t threads [ASKERS];
    for (size_t i = 0; i < ASKERS; i++) {
        askers [i] = (asker_t) { .node = self->node, .answered = &answered };
        assert_int_equal (pthread_create (&threads [i], NULL, s_ask_until_refused, &askers [i]), 0);
    }
    //  The counter refuses past 1000, so each thread ends by the failure or by the stop, whatever comes first.
    while (atomic_load (&answered) < 100)
        sched_yield ();
    zooid_node_stop (self->node, 5000);
    for (size_t i = 0; i < ASKERS; i++) {
        assert_int_equal (pthread_join (threads [i], NULL), 0);
        assert_int_equal (askers [i].failures, 1);
    }
}

//  ---- faults

static void
test_node_descriptor_is_readable_when_an_actor_used_up_its_restarts (void **state)
{
    fixture_t *self = *state;
    assert_int_equal (s_new ("zooid: 1\nnodes: { local: { actors: [counter] } }\n"
                                   "actors: { counter: { broken: true, restart: { backoff_ms: 1, backoff_max_ms: 1, restarts: 2 } } }\n",
                             "", &brief_counter, &self->node), 0);
    assert_int_equal (zooid_node_start (self->node), 0);
    struct pollfd wait = { .fd = zooid_node_descriptor (self->node), .events = POLLIN };
    assert_int_equal (poll (&wait, 1, 10000), 1);
}

//  ---- the actor `system`

static void
test_node_shows_its_actors (void **state)
{
    fixture_t *self = *state;
    s_run (self, topology, "");
    s_assert_answer (self->node, "counter.add", "{\"by\": 3}", 0, "{\"count\":8}");
    ZOOID_CLEANUP (zooid_release) char *answer = NULL;
    assert_int_equal (zooid_node_ask (self->node, "system.actors", "{\"limit\": 2}", 5000, &answer), 0);
    assert_non_null (strstr (
        answer, "{\"items\":[{\"name\":\"control\",\"node\":\"local\",\"module\":\"control\",\"health\":\"healthy\""));
    assert_non_null (strstr (answer, "{\"name\":\"counter\",\"node\":\"local\",\"module\":\"counter\",\"health\":"
                                     "\"healthy\",\"why\":\"\",\"started\":true"));
    assert_non_null (strstr (answer, "\"next\":\"counter\"}"));
    free (answer);
    answer = NULL;
    assert_int_equal (zooid_node_ask (self->node, "system.actors", "{\"cursor\": \"counter\"}", 5000, &answer), 0);
    assert_null (strstr (answer, "\"name\":\"counter\""));
    assert_non_null (strstr (answer, "{\"items\":[{\"name\":\"system\""));
    assert_non_null (strstr (answer, "\"next\":null}"));
}

static void
test_node_shows_dead_letters_whatever_is_in_them (void **state)
{
    fixture_t *self = *state;
    s_run (self, topology, "");
    s_assert_answer (self->node, "counter.lose", NULL, 0, "null");
    ZOOID_CLEANUP (zooid_release) char *answer = NULL;
    int rc = zooid_node_ask (self->node, "system.dead", NULL, 5000, &answer);
    assert_non_null (strstr (answer, "\"actor\":\"counter\",\"reason\":\"bad_name\",\"topic\":\"a/"
                                     "?\xc3\xa9\",\"detail\":\"no ?? text\",\"payload\":\"eA==\"}"));
    assert_int_equal (rc, 0);
}

//  ---- the control socket

static int
s_connect (fixture_t *self)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf (address.sun_path, sizeof address.sun_path, "%s/local/control.sock", self->data);
    int client = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true (client >= 0);
    assert_int_equal (connect (client, (const struct sockaddr *) &address, sizeof address), 0);
    struct timeval limit = { .tv_sec = 10 };
    assert_int_equal (setsockopt (client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    return client;
}

//  All that comes until the other side closes.
static void
s_assert_receives (int client, const char *expected)
{
    char text [4096];
    size_t size = 0;
    ssize_t part;
    while (size < sizeof text - 1 && (part = read (client, text + size, sizeof text - 1 - size)) > 0)
        size += (size_t) part;
    text [size] = 0;
    assert_string_equal (text, expected);
    close (client);
}

static void
s_send (int client, const char *text)
{
    assert_int_equal (write (client, text, strlen (text)), strlen (text));
}

static void
test_control_answers_line_by_line_in_order (void **state)
{
    fixture_t *self = *state;
    s_run (self, topology, self->data);
    int client = s_connect (self);
    s_send (client,
            "{\"ask\": \"counter.add\", \"arguments\": {\"by\": 1}}\n{\"ask\": \"counter.hold\", \"deadline_ms\": 20}\n"
            "{\"ask\": \"counter.ad");
    s_send (client, "d\", \"arguments\": {\"by\": 2}}\n{\"ask\": \"counter.add\", \"arg\": 1}\nnot json\n");
    assert_int_equal (shutdown (client, SHUT_WR), 0);
    char text [4096];
    size_t size = 0;
    ssize_t part;
    while ((part = read (client, text + size, sizeof text - 1 - size)) > 0)
        size += (size_t) part;
    text [size] = 0;
    close (client);
    const char *lines [6] = { NULL };
    size_t count = 0;
    for (char *line = strtok (text, "\n"); line && count < ZOOID_COUNT (lines); line = strtok (NULL, "\n"))
        lines [count++] = line;
    assert_int_equal (count, 5);
    assert_string_equal (lines [0], "{\"reply\":{\"count\":6}}");
    assert_non_null (strstr (lines [1], "{\"failure\":\"deadline\""));
    assert_string_equal (lines [2], "{\"reply\":{\"count\":8}}");
    assert_non_null (strstr (lines [3], "{\"failure\":\"malformed\",\"detail\":\"/arg: "));
    assert_non_null (strstr (lines [4], "{\"failure\":\"malformed\""));
}

static void
test_control_closes_after_a_line_that_is_too_long (void **state)
{
    fixture_t *self = *state;
    s_run (self, topology, self->data);
    int client = s_connect (self);
    ZOOID_CLEANUP (zooid_release) char *line = zooid_allocate (1100000);
    memset (line, ' ', 1100000);
    size_t sent = 0;
    ssize_t part;
    while (sent < 1100000 && (part = send (client, line + sent, 1100000 - sent, MSG_NOSIGNAL)) > 0)
        sent += (size_t) part;
    char text [256] = "";
    assert_true (read (client, text, sizeof text - 1) > 0);
    assert_string_equal (text, "{\"failure\":\"too_large\",\"detail\":\"a line of more than 1 MiB\",\"errors\":[]}\n");
    close (client);
    client = s_connect (self);
    s_send (client, "{\"ask\": \"counter.add\", \"arguments\": {\"by\": 1}}\n");
    assert_int_equal (shutdown (client, SHUT_WR), 0);
    s_assert_receives (client, "{\"reply\":{\"count\":6}}\n");
}

static void
test_control_survives_a_client_that_is_gone (void **state)
{
    fixture_t *self = *state;
    s_run (self, topology, self->data);
    for (int i = 0; i < 100; i++) {
        int client = s_connect (self);
        if (i % 2)
            s_send (client, "{\"ask\": \"counter.hold\", \"deadline_ms\": 1}\n{\"ask\":");
        close (client);
    }
    int client = s_connect (self);
    s_send (client, "{\"ask\": \"counter.add\", \"arguments\": {\"by\": 1}}\n");
    assert_int_equal (shutdown (client, SHUT_WR), 0);
    s_assert_receives (client, "{\"reply\":{\"count\":6}}\n");
}

#define test(name) cmocka_unit_test_setup_teardown (name, s_set_up, s_tear_down)

int
main (void)
{
    const struct CMUnitTest tests [] = {
        test (test_node_answers_an_ask_from_outside),
        test (test_node_refuses_an_ask_that_breaks_its_record),
        test (test_node_passes_on_a_named_failure),
        test (test_node_suggests_an_operation_when_the_name_is_wrong),
        test (test_node_ends_an_ask_at_its_deadline),
        test (test_node_can_not_be_asked_before_it_is_started),
        test (test_node_says_all_errors_with_their_place),
        test (test_node_says_what_the_module_finds_in_its_settings),
        test (test_node_takes_sets_and_reads_secrets),
        test (test_node_leaves_secrets_of_other_nodes_alone),
        test (test_node_keeps_its_data_in_one_private_folder),
        test (test_node_finds_its_data_at_the_second_start),
        test (test_nodes_of_one_process_have_a_folder_each),
        test (test_node_refuses_a_folder_that_this_process_holds),
        test (test_node_refuses_a_folder_that_another_process_holds),
        test (test_node_refuses_a_schema_that_is_newer),
        test (test_node_refuses_data_that_is_no_folder),
        test (test_node_leaves_no_descriptor_behind),
        test (test_node_answers_every_ask_when_it_stops_meanwhile),
        test (test_node_descriptor_is_readable_when_an_actor_used_up_its_restarts),
        test (test_node_shows_its_actors),
        test (test_node_shows_dead_letters_whatever_is_in_them),
        test (test_control_answers_line_by_line_in_order),
        test (test_control_closes_after_a_line_that_is_too_long),
        test (test_control_survives_a_client_that_is_gone),
    };
    return cmocka_run_group_tests_name ("node.node", tests, NULL, NULL);
}
