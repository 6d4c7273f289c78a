//  behavior.h - which handler a message gets, and when it is not its turn yet
#ifndef BEHAVIOR_H
#define BEHAVIOR_H

#include "dispatcher.h"

//  Of an actor that became something else. NULL: none; `others` says what then.
zooid_handler_fn *
    behavior_handler (const zooid_context_t *self, const zooid_operation_t *operation, zooid_others_t *ret_others);
//  The message was put aside in its turn: takes it.
void
    behavior_keep (zooid_context_t *self, mail_t mail);

//  ---- exclusive operations

//  Something was opened in a turn of one; and has come back. Returns the era to give back; 0 in any other turn.
uint32_t
    behavior_open (zooid_context_t *self);
void
    behavior_close (zooid_context_t *self, uint32_t era);
//  Is it to wait, because an exclusive operation is under way? Takes it then.
bool
    behavior_holds (zooid_context_t *self, mail_t mail);

//  The state has ended: what was put aside or held waits in the mailbox again.
void
    behavior_end (zooid_context_t *self);

#endif
