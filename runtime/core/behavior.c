//  Three ways in which a message is not simply handled by the contract's handler when it comes: its actor has become
//  something else, has put it aside, or is in the middle of an exclusive operation. What waits for that is in a queue
//  beside the mailbox, keeps its room, and comes back in front of it.
#include "behavior.h"

#include <errno.h>
#include <string.h>

zooid_handler_fn *
behavior_handler (const zooid_context_t *self, const zooid_operation_t *operation, zooid_others_t *ret_others)
{
    const zooid_behavior_t *behavior = self->extra ? self->extra->behavior : NULL;
    *ret_others = behavior ? behavior->others : ZOOID_OTHERS_AS_EVER;
    for (size_t i = 0; behavior && i < behavior->case_count; i++)
        if (strcmp (behavior->cases [i].operation, operation->name) == 0)
            return behavior->cases [i].handler;
    return *ret_others == ZOOID_OTHERS_AS_EVER ? operation->handler : NULL;
}

void
zooid_become (zooid_context_t *self, const zooid_behavior_t *behavior)
{
    if (behavior || self->extra)
        context_extra (self)->behavior = behavior;
}

//  ---- put aside

int
zooid_stash (zooid_context_t *self)
{
    turn_t *turn = &self->dispatcher->turn;
    const zooid_message_t *message = dispatcher_message (self);
    bool may_be = message && (message->kind == ZOOID_KIND_TELL || message->kind == ZOOID_KIND_EVENT
                              || (message->kind == ZOOID_KIND_ASK && !turn->answered));
    if (!may_be || turn->is_stashed)
        return zooid_fault (-EALREADY);
    turn->answered = true;
    turn->is_stashed = true;
    return 0;
}

void
behavior_keep (zooid_context_t *self, mail_t mail)
{
    //  It will be taken from the mailbox once more.
    if (mail.subscription)
        atomic_fetch_add (&mail.subscription->waiting, 1);
    queue_push (&context_extra (self)->stash, &self->dispatcher->spare, mail);
}

static void
s_put_back (zooid_context_t *self, queue_t *queue)
{
    if (queue_is_empty (queue))
        return;
    queue_prepend (&self->data, &self->dispatcher->spare, queue);
    if (context_has_work (self))
        dispatcher_ready (self->dispatcher, self);
    dispatcher_settle (self->dispatcher);
}

void
zooid_unstash (zooid_context_t *self)
{
    if (self->extra)
        s_put_back (self, &self->extra->stash);
}

//  ---- exclusive

uint32_t
behavior_open (zooid_context_t *self)
{
    if (self->dispatcher->turn.actor == self && self->dispatcher->turn.is_exclusive) {
        extra_t *extra = context_extra (self);
        extra->exclusive_open++;
        return extra->exclusive_era + 1;
    }
    return 0;
}

void
behavior_close (zooid_context_t *self, uint32_t era)
{
    if (era && era == self->extra->exclusive_era + 1 && --self->extra->exclusive_open == 0)
        s_put_back (self, &self->extra->held);
}

bool
behavior_holds (zooid_context_t *self, mail_t mail)
{
    extra_t *extra = self->extra;
    if (!extra || extra->exclusive_open == 0)
        return false;
    const zooid_message_t *message = mail.message;
    bool is_answer = message->kind == ZOOID_KIND_REPLY || message->kind == ZOOID_KIND_FAILURE
                     || (message->kind == ZOOID_KIND_POST && !message->turn);
    if (!is_answer)
        queue_push (&extra->held, &self->dispatcher->spare, mail);
    return !is_answer;
}

void
behavior_end (zooid_context_t *self)
{
    extra_t *extra = self->extra;
    extra->behavior = NULL;
    extra->exclusive_open = 0;
    extra->exclusive_era++;
    s_put_back (self, &extra->held);
    s_put_back (self, &extra->stash);
}
