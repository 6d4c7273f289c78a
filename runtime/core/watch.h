//  watch.h - watched descriptors
#ifndef WATCH_H
#define WATCH_H

#include "dispatcher.h"

//  epoll says that a watch is ready.
void
    watch_fire (dispatcher_t *dispatcher, watch_t *watch, uint32_t events);
//  Watches that ended while a batch of events was handled may be named in it: they are freed behind it.
void
    watch_free_ended (dispatcher_t *dispatcher);

#endif
