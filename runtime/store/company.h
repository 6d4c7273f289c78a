//  company.h - how long a commit waits for others to share its fsync
#ifndef COMPANY_H
#define COMPANY_H

#include <stddef.h>
#include <stdint.h>

//  { 0 }: nothing is known yet, nobody waits.
typedef struct {
    size_t expected;        //  Jobs that are likely to come: those of the last group, and those that waited behind it
    int64_t sync_us;        //  What a commit of the file takes, averaged
    unsigned skips;         //  Groups that do not wait, after a wait that did not pay
    unsigned penance;       //  How many the next failure costs
} company_t;

//  How long to wait, at most, for `expected` jobs, when `size` of them are there. 0: not at all.
int64_t
    company_wait_us (company_t *self, size_t size, int64_t limit_us);
//  What came of such a wait.
void
    company_waited (company_t *self, size_t size);
//  A group was committed in so long, and left `behind` jobs waiting. sync_us 0: it wrote nothing.
void
    company_committed (company_t *self, size_t group, size_t behind, size_t limit, int64_t sync_us);

#endif
