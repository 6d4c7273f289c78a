//  gateway/viewer.h - one WebSocket: who watches, what waits for them, and what is written
#ifndef GATEWAY_VIEWER_H
#define GATEWAY_VIEWER_H

#include <libwebsockets.h>
#include <zooid/actor.h>
#include "events.h"

typedef struct feed feed_t;

//  The text of an event, shared by the queues of all that it goes to.
typedef struct {
    unsigned keepers;
    size_t size;
    uint8_t bytes [];               //  LWS_PRE of them for the frame's head, then the text
} frame_t;

//  NULL: memory ended.
frame_t *
    frame_new (const void *text, size_t size);
void
    frame_release (frame_t *self);

enum { VIEWER_CLOSE_EXPIRED = 4401, VIEWER_TEXT_MAX = 8192 };

typedef struct viewer viewer_t;
struct viewer {
    viewer_t *next, **link;         //  In the list of all
    uint64_t number;
    zooid_ledger_t *ledger;
    struct lws *wsi;                //  NULL: not established yet
    zooid_principal_t *principal;   //  NULL: nobody
    size_t feed_count;
    feed_t *feeds [EVENTS_PATTERNS_MAX];
    int64_t lives_ms;               //  From its establishment until its token ends; 0: for ever

    frame_t *queue [EVENTS_QUEUE_MAX];
    size_t first, count, bytes;
    uint64_t gap;                   //  Frames shed before the first in the queue

    size_t incoming;                //  Bytes of the message that is being received
    char *text;                     //  Those of them that are kept; NULL: none yet
    bool is_text;
    bool renewing;                  //  A message of its is being looked at

    int close_code;                 //  0: it stays
    const char *close_reason;
    bool said_goodbye;
};

void
    viewer_new (viewer_t **self_p, viewer_t **list, zooid_ledger_t *ledger);
void
    viewer_destroy (viewer_t **self_p);
//  Queue a frame; the oldest give way when there is no room.
void
    viewer_push (viewer_t *self, frame_t *frame);
//  Write `text` as a frame of its own.
void
    viewer_say (viewer_t *self, const char *text);
//  End it, with a code and a reason (static).
void
    viewer_close (viewer_t *self, int code, const char *reason);
//  Its token ends in so many ms; 0: never.
void
    viewer_set_life (viewer_t *self, int64_t lives_ms);

//  ---- what libwebsockets calls for; -1 ends the connection

int
    viewer_write (viewer_t *self);
//  *ret_text: a text message is whole, in self->text; to be given back with viewer_forget_text.
int
    viewer_receive (viewer_t *self, const void *data, size_t size, bool *ret_text);
void
    viewer_forget_text (viewer_t *self);

#endif
