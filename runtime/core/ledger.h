//  ledger.h - what came in, and what became of it
#ifndef LEDGER_H
#define LEDGER_H

#include <zooid/actor.h>

struct zooid_ledger {
    zooid_ledger_reading_t reading;
};

void
    ledger_init (zooid_ledger_t *self, const char *name);
void
    ledger_dead_many (zooid_ledger_t *self, const char *reason, uint64_t count);

#endif
