//  The whole: a writer, readers, and the attachments by which an actor's calls find them. Readers open after the
//  writer, which makes the file, and close before it, so that the last one to close it is the one that may checkpoint.
#include "store.h"

#include "reader.h"
#include "store_inner.h"
#include "writer.h"

#include <stdlib.h>
#include <string.h>

typedef struct attached attached_t;
struct attached {
    store_attachment_t attachment;  //  First: what is lent out
    attached_t *next;
};

struct store {
    writer_t *writer;
    readers_t *readers;
    attached_t *attached;
};

static store_options_t
s_filled_in (const store_options_t *options)
{
    store_options_t filled = *options;
    filled.queue_limit = filled.queue_limit ? filled.queue_limit : STORE_QUEUE_LIMIT;
    filled.readers = filled.readers ? filled.readers : STORE_READERS;
    filled.retention_ms = filled.retention_ms ? filled.retention_ms : STORE_RETENTION_MS;
    filled.identity_limit = filled.identity_limit ? filled.identity_limit : STORE_IDENTITY_LIMIT;
    filled.free_floor_percent = filled.free_floor_percent ? filled.free_floor_percent : STORE_FREE_FLOOR_PERCENT;
    filled.group_limit = filled.group_limit ? filled.group_limit : STORE_GROUP_LIMIT;
    filled.group_wait_us = filled.group_wait_us ? filled.group_wait_us : STORE_GROUP_WAIT_US;
    //  On virtual time nobody can come while one waits.
    if (filled.environment == ZOOID_VIRTUAL || filled.group_limit == 1 || filled.group_wait_us < 0)
        filled.group_wait_us = 0;
    return filled;
}

int
store_new (store_t **self_p, const store_options_t *options, zooid_arena_t *arena, const char **ret_why)
{
    store_options_t filled = s_filled_in (options);
    ZOOID_CLEANUP (store_destroy) store_t *self = zooid_allocate (sizeof *self);
    int rc = writer_new (&self->writer, &filled, arena, ret_why);
    if (rc == 0)
        rc = readers_new (&self->readers, &filled, arena, ret_why);
    if (rc)
        return rc < 0 ? zooid_fault (rc) : rc;
    *self_p = self;
    self = NULL;
    return 0;
}

int
store_migrate (store_t *self, const zooid_module_t *module, zooid_arena_t *arena, const char **ret_why)
{
    return writer_migrate (self->writer, module->name, module->migrations, module->migration_count, arena, ret_why);
}

store_attachment_t *
store_attach (store_t *self, const zooid_module_t *module)
{
    attached_t *attached = zooid_allocate (sizeof *attached);
    *attached = (attached_t) { .attachment = { .store = self, .module = module }, .next = self->attached };
    self->attached = attached;
    return &attached->attachment;
}

void
store_stop (store_t *self)
{
    if (self->readers)
        readers_stop (self->readers);
    if (self->writer)
        writer_stop (self->writer);
}

void
store_destroy (store_t **self_p)
{
    store_t *self = *self_p;
    if (!self)
        return;
    store_stop (self);
    readers_destroy (&self->readers);
    writer_destroy (&self->writer);
    while (self->attached) {
        attached_t *attached = self->attached;
        self->attached = attached->next;
        free (attached);
    }
    free (self);
    *self_p = NULL;
}

int
store_give (store_t *self, job_t *job, bool writes)
{
    return writes ? writer_give (self->writer, job) : readers_give (self->readers, job);
}

int
store_load (store_t *self, job_t *job)
{
    return writer_load (self->writer, job);
}

void
store_id (const store_t *self, uint8_t ret_id [STORE_ID_SIZE])
{
    memcpy (ret_id, writer_id (self->writer), STORE_ID_SIZE);
}

void
store_figures (const store_t *self, store_figures_t *ret_figures)
{
    writer_figures (self->writer, ret_figures);
    ret_figures->snapshots = readers_done (self->readers);
}
