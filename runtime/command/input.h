//  input.h - JSON that a command is given: an argument, or standard input
#ifndef INPUT_H
#define INPUT_H

#include "command.h"

#include <zooid/bytes.h>

//  The argument at `index`, standard input when it is `-`, {} when there is none: secrets do not belong on a command line.
//  Written on one line, whatever line breaks there were. `what` is for complaints: "arguments are". False: it was said on
//  standard error what is wrong.
bool
    input_json (const invocation_t *invocation, size_t index, const char *what, zooid_buffer_t *out);

#endif
