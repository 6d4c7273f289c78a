//  gateway/viewer.c - one WebSocket: who watches, what waits for them, and what is written
//
//  A queue that is full sheds its oldest frame, and before the next that is written the viewer is told how many are
//  missing. What a viewer sends is counted to the limit of a message; of a text no more is kept than a token needs.
#include "viewer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WRITES_PER_TURN = 32 };

//  ---- frames

frame_t *
frame_new (const void *text, size_t size)
{
    frame_t *self = malloc (sizeof *self + LWS_PRE + size);
    if (!self)
        return NULL;
    self->keepers = 1;
    self->size = size;
    memcpy (self->bytes + LWS_PRE, text, size);
    return self;
}

void
frame_release (frame_t *self)
{
    if (--self->keepers == 0)
        free (self);
}

//  ---- the queue

static frame_t *
s_pop (viewer_t *self)
{
    frame_t *frame = self->queue [self->first];
    self->first = (self->first + 1) % EVENTS_QUEUE_MAX;
    self->count--;
    self->bytes -= frame->size;
    return frame;
}

static void
s_shed (viewer_t *self, const char *reason)
{
    frame_release (s_pop (self));
    zooid_ledger_dead (self->ledger, reason);
}

void
viewer_push (viewer_t *self, frame_t *frame)
{
    zooid_ledger_in (self->ledger);
    while (self->count && (self->count == EVENTS_QUEUE_MAX || self->bytes + frame->size > EVENTS_QUEUE_BYTES)) {
        s_shed (self, "dropped");
        self->gap++;
    }
    self->queue [(self->first + self->count++) % EVENTS_QUEUE_MAX] = frame;
    self->bytes += frame->size;
    frame->keepers++;
    if (self->wsi)
        lws_callback_on_writable (self->wsi);
}

void
viewer_say (viewer_t *self, const char *text)
{
    frame_t *frame = frame_new (text, strlen (text));
    if (!frame)
        return;
    viewer_push (self, frame);
    frame_release (frame);
}

//  ---- its life

void
viewer_new (viewer_t **self_p, viewer_t **list, zooid_ledger_t *ledger)
{
    viewer_t *self = zooid_allocate (sizeof *self);
    self->ledger = ledger;
    self->link = list;
    self->next = *list;
    if (self->next)
        self->next->link = &self->next;
    *list = self;
    *self_p = self;
}

void
viewer_destroy (viewer_t **self_p)
{
    viewer_t *self = *self_p;
    if (!self)
        return;
    while (self->count)
        s_shed (self, "closed");
    *self->link = self->next;
    if (self->next)
        self->next->link = self->link;
    zooid_principal_destroy (&self->principal);
    free (self->text);
    free (self);
    *self_p = NULL;
}

void
viewer_close (viewer_t *self, int code, const char *reason)
{
    self->close_code = code;
    self->close_reason = reason;
    if (self->wsi)
        lws_callback_on_writable (self->wsi);
}

void
viewer_set_life (viewer_t *self, int64_t lives_ms)
{
    self->lives_ms = lives_ms;
    if (self->wsi)
        lws_set_timer_usecs (self->wsi, lives_ms ? lives_ms * LWS_USEC_PER_SEC / 1000 : LWS_SET_TIMER_USEC_CANCEL);
}

//  ---- out

static int
s_say_goodbye (viewer_t *self)
{
    self->said_goodbye = true;
    lws_close_reason (self->wsi, (enum lws_close_status) self->close_code, (unsigned char *) self->close_reason,
                      strlen (self->close_reason));
    return -1;
}

static int
s_write_gap (viewer_t *self)
{
    unsigned char bytes [LWS_PRE + 64];
    int size = snprintf ((char *) bytes + LWS_PRE, 64, "{\"gap\":%" PRIu64 "}", self->gap);
    self->gap = 0;
    return lws_write (self->wsi, bytes + LWS_PRE, (size_t) size, LWS_WRITE_TEXT) < size ? -1 : 0;
}

int
viewer_write (viewer_t *self)
{
    if (self->said_goodbye)
        return 0;
    if (self->close_code)
        return s_say_goodbye (self);
    for (unsigned writes = 0; self->count && writes < WRITES_PER_TURN && !lws_send_pipe_choked (self->wsi); writes++) {
        if (self->gap && s_write_gap (self))
            return -1;
        frame_t *frame = s_pop (self);
        int sent = lws_write (self->wsi, frame->bytes + LWS_PRE, frame->size, LWS_WRITE_TEXT);
        bool failed = sent < (int) frame->size;
        frame_release (frame);
        if (failed) {
            zooid_ledger_dead (self->ledger, "closed");
            return -1;
        }
        zooid_ledger_handled (self->ledger);
    }
    if (self->count)
        lws_callback_on_writable (self->wsi);
    return 0;
}

//  ---- in

void
viewer_forget_text (viewer_t *self)
{
    free (self->text);
    self->text = NULL;
}

static void
s_keep (viewer_t *self, const void *data, size_t size)
{
    if (self->incoming + size > VIEWER_TEXT_MAX || self->renewing) {
        self->is_text = false;      //  Counted on, and of no use
        return;
    }
    if (!self->text)
        self->text = malloc (VIEWER_TEXT_MAX + 1);
    if (!self->text)
        return;
    memcpy (self->text + self->incoming, data, size);
    self->text [self->incoming + size] = 0;
}

int
viewer_receive (viewer_t *self, const void *data, size_t size, bool *ret_text)
{
    *ret_text = false;
    if (self->said_goodbye)
        return 0;
    if (self->incoming == 0)
        self->is_text = !lws_frame_is_binary (self->wsi);
    if (self->is_text)
        s_keep (self, data, size);
    self->incoming += size;
    if (self->incoming > EVENTS_MESSAGE_MAX) {
        self->close_code = LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE;
        self->close_reason = "A message has at most 65536 bytes.";
        return s_say_goodbye (self);
    }
    if (!lws_is_final_fragment (self->wsi) || lws_remaining_packet_payload (self->wsi))
        return 0;
    *ret_text = self->is_text && self->text && !self->renewing;
    self->incoming = 0;
    if (!*ret_text && !self->renewing)
        viewer_forget_text (self);
    return 0;
}
