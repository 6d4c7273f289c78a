//  Ledgers and gauges belong to their actor, or to all of a type that have no name. A scrape is a job that every dispatcher does between two of its turns; the
//  last one that answers, or the deadline, brings the sheet to whoever asked.
#include "dispatcher.h"
#include "watchdog.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LEDGERS_MAX = 64, FIGURES_MAX = 64 };

//  Most actors of a large system have none, so it is made when first wanted.
struct figures {
    zooid_ledger_t *ledgers [LEDGERS_MAX];
    size_t ledger_count;
    struct zooid_figure numbers [FIGURES_MAX];
    size_t number_count;
};

static figures_t *
s_figures (zooid_context_t *self)
{
    actor_type_t *type = self->type;
    if (!type->figures)
        type->figures = zooid_allocate (sizeof *type->figures);
    return type->figures;
}

zooid_ledger_t *
zooid_ledger (zooid_context_t *self, const char *name)
{
    figures_t *figures = s_figures (self);
    for (size_t i = 0; i < figures->ledger_count; i++)
        if (strcmp (figures->ledgers [i]->reading.name, name) == 0)
            return figures->ledgers [i];
    if (figures->ledger_count == LEDGERS_MAX)
        return figures->ledgers [LEDGERS_MAX - 1];
    zooid_ledger_t *ledger = zooid_allocate (sizeof *ledger);
    ledger_init (ledger, zooid_duplicate (name));
    figures->ledgers [figures->ledger_count++] = ledger;
    return ledger;
}

static struct zooid_figure *
s_figure (zooid_context_t *self, const char *name, const char *doc)
{
    figures_t *figures = s_figures (self);
    for (size_t i = 0; i < figures->number_count; i++)
        if (strcmp (figures->numbers [i].name, name) == 0)
            return &figures->numbers [i];
    if (figures->number_count == FIGURES_MAX)
        return NULL;
    struct zooid_figure *figure = &figures->numbers [figures->number_count++];
    *figure = (struct zooid_figure) { zooid_duplicate (name), zooid_duplicate (doc), false, 0 };
    return figure;
}

void
zooid_gauge (zooid_context_t *self, const char *name, const char *doc, double value)
{
    struct zooid_figure *figure = s_figure (self, name, doc);
    if (figure)
        figure->value = value;
}

void
zooid_count (zooid_context_t *self, const char *name, const char *doc, uint64_t more)
{
    struct zooid_figure *figure = s_figure (self, name, doc);
    if (!figure)
        return;
    figure->counts = true;
    figure->value += (double) more;
}

void
figures_destroy (figures_t **self_p)
{
    figures_t *figures = *self_p;
    *self_p = NULL;
    for (size_t i = 0; figures && i < figures->ledger_count; i++) {
        free ((char *) figures->ledgers [i]->reading.name);
        free (figures->ledgers [i]);
    }
    for (size_t i = 0; figures && i < figures->number_count; i++) {
        free ((char *) figures->numbers [i].name);
        free ((char *) figures->numbers [i].doc);
    }
    free (figures);
}

//  ---- the scrape

typedef struct {
    atomic_uint references;             //  Whoever asked, and each dispatcher that has not answered
    timers_t *timers;                   //  Of whoever asked
    uint64_t deadline;
    pthread_mutex_t lock;               //  Of all that follows
    zooid_system_t *system;
    zooid_completion_t completion;
    bool done;
    size_t missing;
    zooid_arena_t *arena;
    zooid_actor_figures_t *actors;
    size_t count, capacity;
    zooid_dispatcher_figures_t *dispatchers;    //  By index. NULL: actors are asked for
    size_t dispatcher_count;
    zooid_figures_fn *then;
    zooid_dispatchers_fn *then_dispatchers;
    void *state;
    zooid_destroy_fn *destroy;
} sheet_t;

static void
s_let_go (void *state)
{
    sheet_t *self = state;
    if (atomic_fetch_sub (&self->references, 1) != 1)
        return;
    zooid_arena_destroy (&self->arena);
    pthread_mutex_destroy (&self->lock);
    free (self->actors);
    free (self->dispatchers);
    free (self);
}

//  The lock is held.
static void
s_finish (sheet_t *self)
{
    if (self->done)
        return;
    self->done = true;
    zooid_completion_done (self->system, self->completion);
}

static const char *
s_text (sheet_t *self, const char *text)
{
    const char *copy = text ? zooid_arena_copy (self->arena, text, strlen (text)) : NULL;
    return copy ? copy : "";
}

static zooid_ledger_reading_t
s_reading (sheet_t *self, const zooid_ledger_t *ledger)
{
    zooid_ledger_reading_t reading = ledger->reading;
    reading.name = s_text (self, reading.name);
    return reading;
}

static void
s_copy_figures (sheet_t *self, const figures_t *own, zooid_actor_figures_t *line)
{
    zooid_ledger_reading_t *ledgers = zooid_arena_take (self->arena, own->ledger_count * sizeof *ledgers);
    struct zooid_figure *figures = zooid_arena_take (self->arena, own->number_count * sizeof *figures);
    if (!ledgers || !figures)
        return;
    for (size_t i = 0; i < own->ledger_count; i++)
        ledgers [i] = s_reading (self, own->ledgers [i]);
    for (size_t i = 0; i < own->number_count; i++) {
        const struct zooid_figure *figure = &own->numbers [i];
        figures [i] = (struct zooid_figure) { s_text (self, figure->name), s_text (self, figure->doc), figure->counts, figure->value };
    }
    line->ledgers = ledgers;
    line->ledger_count = own->ledger_count;
    line->figures = figures;
    line->figure_count = own->number_count;
}

//  What is told of an actor that has a name.
static void
s_describe (sheet_t *self, const zooid_context_t *actor, zooid_actor_figures_t *line)
{
    line->started = actor->phase == PHASE_RUNNING || actor->phase == PHASE_STOPPING;
    line->refused = atomic_load (&actor->slot->refused);
    line->dropped = atomic_load (&actor->slot->dropped);
    line->mailbox_messages = slot_messages (actor->slot);
    line->mailbox_bytes = slot_bytes (actor->slot);
    line->asks_open = actor->asks_open;
    if (actor->extra) {
        line->health = actor->extra->health;
        line->why = s_text (self, actor->extra->why);
        line->restarts = actor->extra->restarts;
    }
    int64_t overran_ms = watchdog_overran_ms (actor);
    if (overran_ms && line->health == ZOOID_HEALTHY) {
        line->health = ZOOID_DEGRADED;
        line->why = zooid_arena_format (self->arena, "a handler took %lld ms or more", (long long) overran_ms);
    }
}

static void
s_write_down (sheet_t *self, const dispatcher_t *dispatcher, const actor_type_t *type)
{
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? 2 * self->capacity : 16;
        self->actors = realloc (self->actors, self->capacity * sizeof *self->actors);
        if (!self->actors)
            abort ();
    }
    zooid_actor_figures_t *line = &self->actors [self->count++];
    *line = (zooid_actor_figures_t) {
        .actor = s_text (self, type->name), .node = s_text (self, type->node), .module = type->module->name,
        .dispatcher = dispatcher->name, .actors = type->actor_count, .why = "", .started = true,
        .mailbox = s_reading (self, &type->mailbox),
    };
    if (type->actor)
        s_describe (self, type->actor, line);
    if (type->figures)
        s_copy_figures (self, type->figures, line);
}

static int64_t
s_cpu_ms (void)
{
    struct timespec used;
    return clock_gettime (CLOCK_THREAD_CPUTIME_ID, &used) ? 0 : (int64_t) used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

//  On its own thread, whose number and time are therefore at hand.
static void
s_write_dispatcher_down (sheet_t *self, const dispatcher_t *dispatcher)
{
    bool has_thread = !environment_is_virtual (dispatcher->environment);
    zooid_dispatcher_figures_t *figures = &self->dispatchers [dispatcher->index];
    *figures = (zooid_dispatcher_figures_t) {
        .name = dispatcher->name, .answered = true, .thread = has_thread ? gettid () : 0,
        .cpu_ms = has_thread ? s_cpu_ms () : 0, .turns = dispatcher->turns, .handled = dispatcher->handled,
    };
    for (const zooid_context_t *actor = dispatcher->first_ready; actor; actor = actor->next_ready)
        figures->ready++;
    for (const actor_type_t *type = dispatcher->types; type; type = type->next) {
        figures->actors += type->actor_count;
        figures->waiting += type->mailbox.reading.in_flight;
    }
}

static void
s_scrape (dispatcher_t *dispatcher, void *state)
{
    sheet_t *sheet = state;
    pthread_mutex_lock (&sheet->lock);
    if (!sheet->done && sheet->dispatchers)
        s_write_dispatcher_down (sheet, dispatcher);
    for (const actor_type_t *type = dispatcher->types; !sheet->done && !sheet->dispatchers && type; type = type->next)
        s_write_down (sheet, dispatcher, type);
    if (--sheet->missing == 0)
        s_finish (sheet);
    pthread_mutex_unlock (&sheet->lock);
}

static int
s_by_name (const void *a, const void *b)
{
    return strcmp (((const zooid_actor_figures_t *) a)->actor, ((const zooid_actor_figures_t *) b)->actor);
}

static int
s_then (zooid_context_t *self, void *state)
{
    sheet_t *sheet = state;
    pthread_mutex_lock (&sheet->lock);
    size_t count = sheet->count;
    if (count)
        qsort (sheet->actors, count, sizeof *sheet->actors, s_by_name);
    pthread_mutex_unlock (&sheet->lock);
    if (sheet->dispatchers)
        return sheet->then_dispatchers (self, sheet->state, sheet->dispatchers, sheet->dispatcher_count);
    return sheet->then (self, sheet->state, sheet->actors, count);
}

static void
s_destroy (void *state)
{
    sheet_t *sheet = state;
    timers_stop (sheet->timers, sheet->deadline);
    if (sheet->destroy)
        sheet->destroy (sheet->state);
    s_let_go (sheet);
}

static void
s_fire_deadline (void *owner, void *state)
{
    (void) owner;
    sheet_t *sheet = state;
    pthread_mutex_lock (&sheet->lock);
    s_finish (sheet);
    pthread_mutex_unlock (&sheet->lock);
}

//  Those that do not answer are shown by their name.
static void
s_prepare_dispatchers (sheet_t *self, size_t count)
{
    self->dispatcher_count = count;
    self->dispatchers = zooid_allocate (count * sizeof *self->dispatchers);
    for (size_t i = 0; i < count; i++)
        self->dispatchers [i].name = atomic_load (&self->system->dispatchers [i])->name;
}

static int
s_ask (zooid_context_t *self, int64_t deadline_ms, zooid_figures_fn *then, zooid_dispatchers_fn *then_dispatchers, void *state,
       zooid_destroy_fn *destroy)
{
    zooid_system_t *system = self->dispatcher->system;
    sheet_t *sheet = zooid_allocate (sizeof *sheet);
    int rc = zooid_completion_new (self, s_then, sheet, s_destroy, &sheet->completion);
    if (rc) {
        free (sheet);
        return rc;
    }
    size_t dispatchers = atomic_load (&system->dispatcher_count);
    //  One reference for the asker, whose end stops the deadline, and one for each dispatcher.
    atomic_init (&sheet->references, (unsigned) dispatchers + 1);
    pthread_mutex_init (&sheet->lock, NULL);
    zooid_arena_new (&sheet->arena, 0);
    sheet->system = system;
    sheet->missing = dispatchers;
    sheet->then = then;
    sheet->then_dispatchers = then_dispatchers;
    sheet->state = state;
    sheet->destroy = destroy;
    if (then_dispatchers)
        s_prepare_dispatchers (sheet, dispatchers);
    sheet->timers = self->dispatcher->timers;
    sheet->deadline = timers_start (sheet->timers, dispatcher_now_ms (self->dispatcher) + deadline_ms, s_fire_deadline, NULL, sheet);
    for (uint32_t i = 0; i < dispatchers; i++)
        dispatcher_give (system, i, s_scrape, sheet, s_let_go);
    dispatcher_settle (self->dispatcher);
    return 0;
}

int
zooid_figures (zooid_context_t *self, int64_t deadline_ms, zooid_figures_fn *then, void *state, zooid_destroy_fn *destroy)
{
    return s_ask (self, deadline_ms, then, NULL, state, destroy);
}

int
zooid_dispatchers (zooid_context_t *self, int64_t deadline_ms, zooid_dispatchers_fn *then, void *state, zooid_destroy_fn *destroy)
{
    return s_ask (self, deadline_ms, NULL, then, state, destroy);
}

int
zooid_mailbox_read (zooid_context_t *self, zooid_ref_t ref, zooid_mailbox_reading_t *ret_reading)
{
    slot_t *slot = slots_find (self->dispatcher->system->slots, ref);
    if (!slot || !slot_is (slot, ref))
        return ZOOID_GONE;
    const dispatcher_t *dispatcher = atomic_load (&self->dispatcher->system->dispatchers [atomic_load (&slot->dispatcher)]);
    *ret_reading = (zooid_mailbox_reading_t) {
        .dispatcher = dispatcher->name, .refused = atomic_load (&slot->refused), .dropped = atomic_load (&slot->dropped),
        .mailbox_messages = slot_messages (slot), .mailbox_bytes = slot_bytes (slot),
    };
    return 0;
}

//  ---- directory, asked by actors

size_t
zooid_directory (zooid_context_t *self, const zooid_offer_t **ret_offers)
{
    return registry_list (self->dispatcher->system->registry, self->dispatcher->arena, ret_offers);
}

uint64_t
zooid_directory_version (zooid_context_t *self)
{
    return registry_version (self->dispatcher->system->registry);
}

int
zooid_directory_operation (zooid_context_t *self, const char *name, zooid_ref_t *ret_ref, const zooid_operation_t **ret_operation)
{
    return registry_operation (self->dispatcher->system->registry, name, ret_ref, ret_operation);
}

int
zooid_directory_role (zooid_context_t *self, const char *role, const char **ret_operation)
{
    return registry_role (self->dispatcher->system->registry, role, self->dispatcher->arena, ret_operation);
}

int
zooid_directory_event (zooid_context_t *self, const char *topic, const zooid_event_t **ret_event)
{
    return registry_event (self->dispatcher->system->registry, topic, ret_event);
}

size_t
zooid_subscriptions (zooid_context_t *self, const zooid_subscription_figures_t **ret_subscriptions)
{
    return registry_subscriptions (self->dispatcher->system->registry, self->dispatcher->arena, ret_subscriptions);
}

size_t
zooid_dead_letters (zooid_context_t *self, size_t limit, const zooid_dead_letter_t **ret_letters)
{
    return dead_list (self->dispatcher->system->dead, limit, self->dispatcher->arena, ret_letters);
}
