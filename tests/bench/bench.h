//  bench.h - what the parts of runtime_bench share: a figure, its peer, and a way to wait for an actor to be done
#ifndef BENCH_H
#define BENCH_H

#include <semaphore.h>
#include <zooid/system.h>

//  Things done a second. `count` of them are done.
typedef double (bench_fn) (size_t count);

bench_fn bench_tell_one, bench_tell_two, bench_ask_one, bench_ask_two, bench_durable;
bench_fn peer_queue, peer_ping, peer_rows;

//  Monotonic seconds.
double
    bench_now (void);
//  Something that cannot go wrong did: say what, and end.
void
    bench_check (int rc, const char *what);

#endif
