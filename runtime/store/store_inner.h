//  store_inner.h - what the parts of the store ask of the whole
#ifndef STORE_INNER_H
#define STORE_INNER_H

#include "job.h"
#include "store.h"

//  ZOOID_FULL. ZOOID_GONE: it was stopped. The job is still the caller's. [any]
ZOOID_MUST_USE int
    store_give (store_t *self, job_t *job, bool writes);
//  Do the job on this thread. Its result, which may be an outcome; -ENODEV: the store was stopped. [any]
ZOOID_MUST_USE int
    store_load (store_t *self, job_t *job);

#endif
