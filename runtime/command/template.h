//  template.h - the files of a new actor; template.c is made of the folder template/ when the program is built
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *file;               //  "README.md"
    bool named;                     //  The actor's name stands before it: ".c", "_test.c"
    const unsigned char *text;
    size_t size;
} template_t;

extern const template_t templates [];
extern const size_t template_count;

#endif
