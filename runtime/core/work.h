//  work.h - the pool's part of the system
#ifndef WORK_H
#define WORK_H

#include <zooid/system.h>

//  What a thread of the pool does with jobs of zooid_work.
void
    work_batch (void *state, zooid_job_t *first, size_t count);

#endif
