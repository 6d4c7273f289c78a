//  command.h - a subcommand of `zooid`: its table row, and what it is called with
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

typedef struct {
    const char *name;           //  "--node"
    const char *value;          //  What follows, for the help: "NAME". NULL: nothing
    const char *doc;
} option_t;

typedef struct invocation invocation_t;

typedef struct {
    const char *name;
    const char *arguments;      //  For the help: "FILE"
    size_t minimum, maximum;    //  Arguments beside options
    const option_t *options;
    size_t option_count;
    int (*run) (const invocation_t *self);      //  An exit code
    const char *doc;            //  First line: what it does. The rest: more
} command_t;

//  Every command, and its rows in their files.
extern const command_t *const commands [];
extern const size_t command_count;
extern const command_t command_run, command_check, command_ask, command_publish, command_actors, command_top, command_dead, command_new,
    command_help;

//  NULL: there is none such.
const command_t *
    command_find (const char *name);

enum { INVOCATION_MAX = 256 };

struct invocation {
    const command_t *command;
    const char *arguments [INVOCATION_MAX];
    size_t argument_count;
    struct { const option_t *option; const char *value; } given [INVOCATION_MAX];
    size_t given_count;
};

//  argv [0] is the command's name. False: it was said on standard error what is wrong.
bool
    invocation_read (invocation_t *self, const command_t *command, int argc, char **argv);
//  The last value of an option. NULL: not given.
const char *
    invocation_value (const invocation_t *self, const char *option);
bool
    invocation_has (const invocation_t *self, const char *option);
//  The option as a number. False: it is none from `minimum` to `maximum`, which was said on standard error.
bool
    invocation_number (const invocation_t *self, const char *option, int64_t minimum, int64_t maximum, int64_t initial,
                       int64_t *ret_number);
//  All values of an option that may be repeated. Returns how many.
size_t
    invocation_values (const invocation_t *self, const char *option, const char *ret_values [INVOCATION_MAX]);

#endif
