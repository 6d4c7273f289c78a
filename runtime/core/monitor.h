//  monitor.h - who is told of an actor's end
//
//  A monitor is an entry of the watcher's dispatcher, named by its id in the orders and the notice. Orders and notice
//  travel with the data: a notice comes behind every message that the actor sent to the watcher.
#ifndef MONITOR_H
#define MONITOR_H

#include "dispatcher.h"

//  SYSTEM_MONITOR, _LINK, _UNMONITOR: to the watched. SYSTEM_NOTICE: to the watcher. Of an actor that is being buried too.
void
    monitor_obey (zooid_context_t *self, const zooid_message_t *order);
//  Nobody is there for the order: tell the watcher that.
void
    monitor_return (dispatcher_t *dispatcher, const zooid_message_t *order);
//  The watched has ended.
void
    monitor_tell (zooid_context_t *self);
//  The watcher's state has ended, and with it what it watches.
void
    monitor_end_all (zooid_context_t *self);
void
    monitor_fini (zooid_context_t *self);

#endif
