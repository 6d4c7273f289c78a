//  history.c - readings are kept for a time and up to a number, and forgotten in small steps
//
//  The number is held at every insert, so that it is exact. Age is swept: now and then a chain of transactions goes
//  through the devices by name, each forgetting at most STEP_ROWS readings, and commits of others go between two of
//  them. Where a sweep is lies in memory only; one that a restart or a full store ended is begun anew the next time.
#include "iot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zooid/log.h>

enum {
    STEP_ROWS = 512,
    STEP_DEVICES = 64,
    TRIM_ROWS = 64,         //  At one insert, should the bound have become smaller
};

typedef struct {
    int64_t cutoff;
    char position [READING_NAME_MAX + 1];
    int64_t forgotten;
    bool is_over;
} sweep_t;

int
history_append (zooid_transaction_t *transaction, const char *device, int64_t sequence, int64_t received_at,
                const reading_t *reading)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t packed = { 0 };
    reading_pack (reading, &packed);
    if (packed.failed)
        return zooid_fault (-ENOMEM);
    zooid_sql_t *insert = zooid_sql (transaction,
        "INSERT INTO iot_reading (device, measured_at, sequence, received_at, id, metrics)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    zooid_sql_bind_text (insert, 1, device);
    zooid_sql_bind_integer (insert, 2, reading->measured_at);
    zooid_sql_bind_integer (insert, 3, sequence);
    zooid_sql_bind_integer (insert, 4, received_at);
    zooid_sql_bind_text (insert, 5, reading->id);
    zooid_sql_bind_bytes (insert, 6, (zooid_bytes_t) { packed.data, packed.size });
    return zooid_fault (zooid_sql_step (insert));
}

//  Forget the oldest of a device that were measured before `cutoff`, at most `limit`.
static int
s_forget (zooid_transaction_t *transaction, const char *device, int64_t cutoff, int64_t limit, int64_t *ret_count)
{
    zooid_sql_t *remove = zooid_sql (transaction,
        "DELETE FROM iot_reading WHERE device = ?1 AND (measured_at, sequence) IN"
        " (SELECT measured_at, sequence FROM iot_reading"
        " WHERE device = ?1 AND measured_at < ?2 ORDER BY measured_at, sequence LIMIT ?3)");
    zooid_sql_bind_text (remove, 1, device);
    zooid_sql_bind_integer (remove, 2, cutoff);
    zooid_sql_bind_integer (remove, 3, limit);
    int rc = zooid_sql_step (remove);
    if (rc)
        return zooid_fault (rc);
    *ret_count = zooid_sql_changes (remove);
    if (*ret_count == 0)
        return 0;
    zooid_sql_t *update = zooid_sql (transaction, "UPDATE iot_device SET held = held - ?2 WHERE device = ?1");
    zooid_sql_bind_text (update, 1, device);
    zooid_sql_bind_integer (update, 2, *ret_count);
    return zooid_fault (zooid_sql_step (update));
}

int
history_trim (zooid_transaction_t *transaction, const char *device, int64_t held, int64_t rows)
{
    if (held <= rows)
        return 0;
    int64_t count;
    return s_forget (transaction, device, INT64_MAX, held - rows < TRIM_ROWS ? held - rows : TRIM_ROWS, &count);
}

//  ---- the sweep

//  The next devices by name, in the arena.
static int
s_next_devices (zooid_transaction_t *transaction, const char *position, const char *ret_devices [STEP_DEVICES],
                size_t *ret_count)
{
    zooid_sql_t *select = zooid_sql (transaction,
                                     "SELECT device FROM iot_device WHERE device > ?1 ORDER BY device LIMIT ?2");
    zooid_sql_bind_text (select, 1, position);
    zooid_sql_bind_integer (select, 2, STEP_DEVICES);
    size_t count = 0;
    int rc;
    while ((rc = zooid_sql_step (select)) == ZOOID_ROW && count < STEP_DEVICES) {
        const char *device = zooid_sql_text (select, 0);
        ret_devices [count] = zooid_arena_copy (zooid_transaction_arena (transaction), device, strlen (device));
        if (!ret_devices [count++])
            return zooid_fault (-ENOMEM);
    }
    *ret_count = count;
    return zooid_fault (rc);
}

static int
s_sweep_step (zooid_transaction_t *transaction, void *state)
{
    sweep_t *sweep = state;
    const char *devices [STEP_DEVICES];
    size_t count;
    int rc = s_next_devices (transaction, sweep->position, devices, &count);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        int64_t budget = STEP_ROWS - sweep->forgotten, forgotten;
        rc = s_forget (transaction, devices [i], sweep->cutoff, budget, &forgotten);
        if (rc)
            break;
        sweep->forgotten += forgotten;
        if (forgotten == budget)
            return 0;                   //  There may be more of this device
        strcpy (sweep->position, devices [i]);
    }
    sweep->is_over = count < STEP_DEVICES;
    return zooid_fault (rc);
}

static int
s_sweep_on (zooid_context_t *self);

static int
s_swept (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    iot_t *iot = zooid_state (self);
    const sweep_t *sweep = state;
    iot->sweeping = false;
    if (outcome->failure) {
        zooid_log (self, ZOOID_WARN, "sweep_failed", ZOOID_TEXT ("failure", outcome->failure),
                   ZOOID_TEXT ("detail", outcome->detail));
        return 0;
    }
    zooid_count (self, "iot_forgotten_total", "Readings that became too old for the history",
                 (uint64_t) sweep->forgotten);
    if (sweep->is_over)
        return 0;
    strcpy (iot->position, sweep->position);
    return s_sweep_on (self);
}

static int
s_sweep_on (zooid_context_t *self)
{
    iot_t *iot = zooid_state (self);
    sweep_t *sweep = zooid_allocate (sizeof *sweep);
    *sweep = (sweep_t) { .cutoff = zooid_wall_ms (self) - iot->settings->history.raw };
    strcpy (sweep->position, iot->position);
    int rc = zooid_commit (self, &(zooid_commit_t) { .transaction = s_sweep_step, .then = s_swept, .state = sweep,
                                                     .destroy = free });
    if (rc == 0) {
        iot->sweeping = true;
        return 0;
    }
    free (sweep);
    return rc == ZOOID_FULL ? 0 : zooid_fault (rc);
}

static int
s_sweep (zooid_context_t *self, void *state)
{
    (void) state;
    iot_t *iot = zooid_state (self);
    if (iot->sweeping)
        return 0;
    iot->position [0] = 0;
    return s_sweep_on (self);
}

void
history_start (zooid_context_t *self)
{
    const iot_t *iot = zooid_state (self);
    int64_t period_ms = iot->settings->history.sweep;
    zooid_timer_start (self, period_ms, period_ms, s_sweep, NULL, NULL, NULL);
}
