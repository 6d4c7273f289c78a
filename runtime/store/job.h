//  job.h - one commit or snapshot on its way: from the actor's turn to the store's thread and back into a turn
#ifndef JOB_H
#define JOB_H

#include "transaction.h"

#include <stdatomic.h>
#include <zooid/system.h>

typedef struct job job_t;
struct job {
    zooid_job_t queued;             //  First: it is what waits in a queue
    _Atomic int references;         //  The completion's, and that of whoever does the job
    zooid_completion_t completion;
    zooid_commit_t told;
    const zooid_module_t *module;
    char actor [64];
    //  What came of it: written by whoever does the job, read in the completion's turn.
    int rc;                         //  Of the transaction function
    const char *prevented;          //  Why nothing was kept although it was not the function's doing: "no_space"
    said_t said;
};

//  It is over: `said`, `rc` and `prevented` are final. The doer's reference is given back with it.
void
    job_done (job_t **self_p, zooid_system_t *system);

#endif
