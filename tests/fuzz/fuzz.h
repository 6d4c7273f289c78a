//  fuzz.h - what every target has, and how it says that an oracle was broken
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

//  libFuzzer's entry; replay.c calls it with each seed.
int
    LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

//  Not assert: it holds in every build.
#define FUZZ_MUST(condition)                                                                            \
    ((condition) ? (void) 0 : (fprintf (stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition), abort ()))

#endif
