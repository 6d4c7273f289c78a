//  All signals are blocked before any thread exists, so that none of ours ever handles one; this thread reads the three
//  that end a node from a descriptor. After the first of them their default comes back: the second ends the process at
//  once, whatever it waits for. Should a stop outlast its time, an alarm ends it.
#include "command.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include <zooid/log.h>
#include <zooid/node.h>

//  Of the 10 s that a stop has, the last is for the stores.
enum { STOP_S = 10, DRAIN_MS = 9000, ASK_TIMEOUT_MS = 3000 };

static const option_t options [] = {
    { "--node", "NAME", "Run this node of the topology alone; without it all of them, in this process" },
    { "--set", "PATH=VALUE", "Put a value over the topology's, as in actors.iot.history.raw=1d; again and again" },
    { "--data", "FOLDER", "Where the nodes keep their data; var" },
    { "--log", "text|json", "Form of the log, on standard error" },
    { "--log-level", "LEVEL", "debug, info, warn or error: what is less is not written; info" },
};

static const int ending [] = { SIGTERM, SIGINT, SIGHUP };
//  Defects: blocking them would only hide where they happened.
static const int left_alone [] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGQUIT, SIGALRM };

static int64_t
s_now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

//  -1: no such choice; it was said.
static int
s_choice (const invocation_t *self, const char *option, const char *const *names, size_t count, int initial)
{
    const char *value = invocation_value (self, option);
    if (!value)
        return initial;
    for (size_t i = 0; i < count; i++)
        if (strcmp (names [i], value) == 0)
            return (int) i;
    fprintf (stderr, "zooid run: %s %s is not known; one of", option, value);
    for (size_t i = 0; i < count; i++)
        fprintf (stderr, " %s", names [i]);
    fputs ("\n", stderr);
    return -1;
}

static bool
s_set_log (const invocation_t *self)
{
    static const char *const forms [] = { "text", "json" }, *const levels [] = { "debug", "info", "warn", "error" };
    int form = s_choice (self, "--log", forms, 2, ZOOID_LOG_TEXT);
    int level = s_choice (self, "--log-level", levels, 4, ZOOID_INFO);
    if (form < 0 || level < 0)
        return false;
    zooid_log_set ((zooid_level_t) level, (zooid_log_form_t) form);
    return true;
}

//  ---- signals

static int
s_take_signals (void)
{
    sigset_t all, read;
    sigfillset (&all);
    for (size_t i = 0; i < ZOOID_COUNT (left_alone); i++)
        sigdelset (&all, left_alone [i]);
    sigemptyset (&read);
    for (size_t i = 0; i < ZOOID_COUNT (ending); i++)
        sigaddset (&read, ending [i]);
    signal (SIGPIPE, SIG_IGN);
    if (sigprocmask (SIG_SETMASK, &all, NULL))
        return -1;
    return signalfd (-1, &read, SFD_CLOEXEC);
}

static void
s_give_up (int signal_number)
{
    (void) signal_number;
    static const char text [] = "zooid: the stop took too long\n";
    (void) !write (STDERR_FILENO, text, sizeof text - 1);
    _exit (EXIT_FAILED);
}

static void
s_let_signals_end_us (void)
{
    sigset_t set;
    sigemptyset (&set);
    for (size_t i = 0; i < ZOOID_COUNT (ending); i++) {
        signal (ending [i], SIG_DFL);
        sigaddset (&set, ending [i]);
    }
    sigprocmask (SIG_UNBLOCK, &set, NULL);
    signal (SIGALRM, s_give_up);
    alarm (STOP_S);
}

//  ---- what is listened on

typedef struct {
    const char *name, *node;
    bool started;
} actor_t;

static const zooid_field_t actor_fields [] = {
    ZOOID_STRING (actor_t, name, .doc = "Name"),
    ZOOID_STRING (actor_t, node, .doc = "Node"),
    ZOOID_BOOLEAN (actor_t, started, .doc = "False: its start failed"),
};
static const zooid_record_t actor_record = ZOOID_RECORD ("actor", actor_t, actor_fields);

typedef struct {
    zooid_presence_t presence;
    zooid_list_t items;
    const char *next;
} page_t;

static const zooid_field_t page_fields [] = {
    ZOOID_LIST (page_t, items, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, actor_t, .record = &actor_record), .doc = "Actors"),
    ZOOID_STRING (page_t, next, .nullable = true, .doc = "Cursor"),
};
static const zooid_record_t page_record = ZOOID_RECORD ("page", page_t, page_fields, .presence = ZOOID_PRESENCE (page_t));

//  An actor that listens writes where into the file `listen` of its folder, an address a line.
static void
s_say_addresses (const char *data, const actor_t *actor)
{
    char path [4096], line [1024];
    int size = snprintf (path, sizeof path, "%s/%s/%s/listen", data, actor->node, actor->name);
    FILE *file = size > 0 && (size_t) size < sizeof path ? fopen (path, "re") : NULL;
    while (file && fgets (line, sizeof line, file))
        printf ("%s listens on %.*s\n", actor->name, (int) strcspn (line, "\n"), line);
    if (file)
        fclose (file);
}

//  One page of actors, from behind the name in `cursor`, which becomes the last one shown; empty: it was the last page.
//  Those that did not start are added to `failed`.
static bool
s_say_page (zooid_node_t *node, const char *data, zooid_buffer_t *cursor, zooid_buffer_t *failed)
{
    ZOOID_CLEANUP (zooid_release) char *json = NULL;
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t msgpack = { 0 };
    zooid_arena_new (&arena, 0);
    page_t page = { .items = { NULL, 0 } };
    const char *which = cursor->size ? zooid_arena_format (arena, "{\"limit\": 200, \"cursor\": \"%s\"}",
                                                           zooid_buffer_string (cursor))
                                     : "{\"limit\": 200}";
    if (zooid_node_ask (node, "system.actors", which, ASK_TIMEOUT_MS, &json)
        || zooid_json_read (&page_record, json, strlen (json), ZOOID_UNKNOWN_SKIPPED, arena, &msgpack, NULL)
        || zooid_record_decode (&page_record, (zooid_bytes_t) { msgpack.data, msgpack.size }, arena, &page, NULL))
        return false;
    for (size_t i = 0; i < page.items.count; i++) {
        const actor_t *actor = (const actor_t *) page.items.items + i;
        s_say_addresses (data, actor);
        if (!actor->started)
            zooid_buffer_format (failed, "%s%s", failed->size ? ", " : "", actor->name);
    }
    zooid_buffer_clear (cursor);
    if (page.next)
        zooid_buffer_text (cursor, page.next);
    return page.next;
}

static void
s_say_ready (zooid_node_t *node, const char *data, int64_t began)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t failed = { 0 };
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t cursor = { 0 };
    while (s_say_page (node, data, &cursor, &failed))
        ;
    printf ("ready in %lld ms", (long long) (s_now_ms () - began));
    if (failed.size)
        printf (", but these did not start and are tried again: %s (see the log)", zooid_buffer_string (&failed));
    printf ("\n");
    fflush (stdout);
}

//  ----

static int
s_stop (zooid_node_t **node_p, const char *why)
{
    zooid_log (NULL, ZOOID_INFO, "stopping", ZOOID_TEXT ("why", why), ZOOID_NUMBER ("at_most_ms", 1000 * STOP_S));
    s_let_signals_end_us ();
    int64_t began = s_now_ms ();
    int rc = zooid_node_stop (*node_p, DRAIN_MS);
    zooid_log (NULL, rc ? ZOOID_WARN : ZOOID_INFO, "stopped", ZOOID_TEXT ("all_handled", rc ? "no" : "yes"),
               ZOOID_NUMBER ("took_ms", s_now_ms () - began));
    zooid_node_destroy (node_p);
    return rc ? EXIT_FAILED : EXIT_DONE;
}

static int
s_wait (zooid_node_t **node_p, int signals)
{
    struct pollfd watched [] = { { .fd = signals, .events = POLLIN },
                                 { .fd = zooid_node_descriptor (*node_p), .events = POLLIN } };
    int rc;
    do
        rc = poll (watched, 2, -1);
    while (rc < 0 && errno == EINTR);
    if (watched [0].revents) {
        struct signalfd_siginfo signal_info;
        bool known = read (signals, &signal_info, sizeof signal_info) == sizeof signal_info;
        return s_stop (node_p, known ? sigabbrev_np ((int) signal_info.ssi_signo) : "signal");
    }
    s_stop (node_p, "an actor used up its restarts");
    return EXIT_FAILED;
}

static int
s_run (const invocation_t *self)
{
    int64_t began = s_now_ms ();
    if (!s_set_log (self))
        return EXIT_USAGE;
    int signals = s_take_signals ();
    if (signals < 0) {
        perror ("zooid run: signals");
        return EXIT_FAILED;
    }
    const char *sets [INVOCATION_MAX];
    const char *data = invocation_value (self, "--data");
    data = data && *data ? data : "var";
    const zooid_node_options_t how = {
        .file = self->arguments [0], .node = invocation_value (self, "--node"), .data = data, .sets = sets,
        .set_count = invocation_values (self, "--set", sets),
    };
    ZOOID_CLEANUP (zooid_node_destroy) zooid_node_t *node = NULL;
    int rc = zooid_node_new (&node, &how);
    bool configured = rc == 0;
    if (configured)
        rc = zooid_node_start (node);
    if (rc < 0)
        fprintf (stderr, "zooid run: %s\n", zooid_fault_trace ());
    else if (rc)
        fputs (zooid_node_errors (node), stderr);
    if (rc)
        return rc > 0 && !configured ? EXIT_USAGE : EXIT_FAILED;
    s_say_ready (node, data, began);
    return s_wait (&node, signals);
}

const command_t command_run = {
    .name = "run", .arguments = "FILE [options]", .minimum = 1, .maximum = 1, .options = options, .option_count = ZOOID_COUNT (options),
    .run = s_run,
    .doc = "Run the nodes of a topology file\n"
           "It prints what it listens on, then `ready in N ms`, with the actors that did not start, if any: they are tried\n"
           "again. SIGTERM or SIGINT stops it: what waits is handled, within 10 s; a second one ends it at once.",
};
