//  backlog.c - events wait as the messages they are, counted, not copied; their JSON is made on the pool when they go.
#include "backlog.h"

#include <stdlib.h>
#include <string.h>

publication_t *
publication_new (route_t *route, const zooid_event_t *event, const zooid_message_t *message, zooid_bytes_t subject,
                 int64_t at_ms)
{
    publication_t *self = zooid_allocate (sizeof *self + subject.size + 1);
    *self = (publication_t) {
        .route = route, .event = event, .message = zooid_message_keep (message),
        .bytes = zooid_message_payload (message).size, .at_ms = at_ms,
    };
    memcpy (self->subject, subject.data, subject.size);
    self->subject [subject.size] = 0;
    return self;
}

void
publication_destroy (publication_t **self_p)
{
    publication_t *self = *self_p;
    if (!self)
        return;
    zooid_message_destroy (&self->message);
    free (self);
    *self_p = NULL;
}

void
backlog_init (backlog_t *self, size_t limit)
{
    *self = (backlog_t) { .limit = limit };
    self->tail = &self->first;
}

void
backlog_fini (backlog_t *self)
{
    while (self->first) {
        publication_t *publication = self->first;
        self->first = publication->next;
        publication_destroy (&publication);
    }
    *self = (backlog_t) { 0 };
}

publication_t *
backlog_take (backlog_t *self, size_t limit)
{
    publication_t *first = self->first, **end = &self->first;
    for (; limit && *end; limit--) {
        self->count--;
        self->bytes -= (*end)->bytes;
        end = &(*end)->next;
    }
    if (end == &self->first)
        return NULL;
    publication_t *rest = *end;
    *end = NULL;
    self->first = rest;
    if (!rest)
        self->tail = &self->first;
    return first;
}

publication_t *
backlog_push (backlog_t *self, publication_t **publication_p)
{
    publication_t *publication = *publication_p;
    *publication_p = NULL;
    publication->next = NULL;
    *self->tail = publication;
    self->tail = &publication->next;
    self->count++;
    self->bytes += publication->bytes;
    size_t excess = 0, bytes = self->bytes;
    for (const publication_t *each = self->first; self->count - excess > self->limit || bytes > BACKLOG_BYTES_MAX;
         each = each->next) {
        bytes -= each->bytes;
        excess++;
    }
    return excess ? backlog_take (self, excess) : NULL;
}

void
backlog_give_back (backlog_t *self, publication_t **first_p)
{
    publication_t **end = first_p;
    for (; *end; end = &(*end)->next) {
        self->count++;
        self->bytes += (*end)->bytes;
    }
    if (end == first_p)
        return;
    *end = self->first;
    if (!self->first)
        self->tail = end == first_p ? &self->first : end;
    self->first = *first_p;
    *first_p = NULL;
}
