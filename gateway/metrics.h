//  gateway/metrics.h - figures as Prometheus text (exposition format 0.0.4)
#ifndef GATEWAY_METRICS_H
#define GATEWAY_METRICS_H

#include <zooid/directory.h>

void
    metrics_write (const zooid_actor_figures_t *actors, size_t count, zooid_buffer_t *out);

#endif
