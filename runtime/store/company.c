//  While one group is synced the next one gathers, so under load groups form by themselves. What is left to gain:
//  callers who each wait for their answer before they ask again come back in two halves, one of which is always a sync
//  behind the other. Waiting a moment for the half that has just been answered makes one group of the two.
//
//  So a group waits for as many as are known to exist: the last group and those that were behind it. A lone caller is
//  one, and never waits. A wait is never longer than a sync, since no more than a sync can be saved; and where callers
//  do not come back (jobs that come at their own pace), a wait that ended without them is paid for by groups that do
//  not wait, twice as many each time.
#include "company.h"

enum { PENANCE_MAX = 64, AVERAGE_OVER = 8 };

int64_t
company_wait_us (company_t *self, size_t size, int64_t limit_us)
{
    if (size == 0 || size >= self->expected)
        return 0;
    if (self->skips) {
        self->skips--;
        return 0;
    }
    return self->sync_us < limit_us ? self->sync_us : limit_us;
}

void
company_waited (company_t *self, size_t size)
{
    if (size >= self->expected)
        self->penance = 0;
    else {
        self->penance = self->penance == 0 ? 1 : self->penance * 2;
        if (self->penance > PENANCE_MAX)
            self->penance = PENANCE_MAX;
        self->skips = self->penance;
    }
}

void
company_committed (company_t *self, size_t group, size_t behind, size_t limit, int64_t sync_us)
{
    self->expected = group + behind < limit ? group + behind : limit;
    if (sync_us > 0)
        self->sync_us = self->sync_us ? self->sync_us + (sync_us - self->sync_us) / AVERAGE_OVER : sync_us;
}
