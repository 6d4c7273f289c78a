//  intensity.h - how often something was restarted lately, and how long the next pause is
#ifndef INTENSITY_H
#define INTENSITY_H

#include "environment.h"

typedef struct intensity intensity_t;
void
    intensity_new (intensity_t **self_p, const zooid_supervision_t *supervision);
void
    intensity_destroy (intensity_t **self_p);
//  One more restart. true: it is one too many.
bool
    intensity_is_exceeded (intensity_t *self, int64_t now_ms);
//  The pause before it, with jitter.
int64_t
    intensity_next_delay_ms (intensity_t *self, environment_t *environment);

#endif
