//  sync_gate.h - an sqlite3_vfs for tests, whose fsync can be counted, held and made to fail, and whose disk can be
//  full
#ifndef SYNC_GATE_H
#define SYNC_GATE_H

#include <stdbool.h>
#include <stddef.h>

//  Register it, under this name. Twice is no mistake.
#define SYNC_GATE_VFS "zooid-sync-gate"
void
    sync_gate_register (void);

//  Shut: an fsync begins and does not end until the gate is open.
void
    sync_gate_shut (void);
void
    sync_gate_open (void);
//  Wait until an fsync is held at the shut gate. false: none came in 10 s.
bool
    sync_gate_wait_held (void);
//  From the n-th fsync after this on, fail them all; 0: none.
void
    sync_gate_fail_from (size_t nth);
size_t
    sync_gate_count (void);
//  Bytes written so far.
size_t
    sync_gate_written (void);
//  Every write meets a full disk.
void
    sync_gate_fill (bool full);

#endif
