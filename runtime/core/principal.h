//  principal.h - the count of a principal, held by a thread for many messages at once
//
//  Every message holds its principal, and messages of one principal are made on one thread and freed on another: their
//  count would be the one cache line that all of them fight for. A thread that has opened an account takes references in
//  bulk, and keeps those that are let go of on it for the next message.
#ifndef PRINCIPAL_H
#define PRINCIPAL_H

#include <zooid/message.h>

//  The calling thread's. Closing gives everything back.
void
    principal_account_open (void);
void
    principal_account_close (void);
//  Give everything back: before the thread waits.
void
    principal_account_settle (void);

#endif
