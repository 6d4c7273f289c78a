//  Owned by one thread, which also answers the scrape: plain numbers are enough. In flight is kept as a number of its own,
//  so that `in = handled + dead + in flight` can be checked and not only be true by construction.
#include "ledger.h"

#include <assert.h>
#include <string.h>

enum { REASONS = 8 };

void
ledger_init (zooid_ledger_t *self, const char *name)
{
    *self = (zooid_ledger_t) { .reading = { .name = name } };
}

void
zooid_ledger_in (zooid_ledger_t *self)
{
    self->reading.in++;
    self->reading.in_flight++;
}

void
zooid_ledger_handled (zooid_ledger_t *self)
{
    assert (self->reading.in_flight > 0);
    self->reading.handled++;
    self->reading.in_flight--;
}

void
ledger_dead_many (zooid_ledger_t *self, const char *reason, uint64_t count)
{
    zooid_ledger_reading_t *reading = &self->reading;
    assert (reading->in_flight >= count);
    reading->in_flight -= count;
    size_t i = 0;
    while (i < reading->reason_count && strcmp (reading->dead [i].reason, reason) != 0)
        i++;
    if (i == reading->reason_count) {
        if (i >= REASONS) {
            i = REASONS;
            reason = "other";
        }
        reading->reason_count = i + 1;
        reading->dead [i].reason = reason;
    }
    reading->dead [i].count += count;
}

void
zooid_ledger_dead (zooid_ledger_t *self, const char *reason)
{
    ledger_dead_many (self, reason, 1);
}

void
zooid_ledger_read (const zooid_ledger_t *self, zooid_ledger_reading_t *ret_reading)
{
    *ret_reading = self->reading;
}
