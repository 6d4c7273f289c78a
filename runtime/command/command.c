//  Options are read by the command's table: `--name value` or `--name=value`, anywhere; after `--` all is an argument.
#include "command.h"
#include "../node/nearest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const command_t *const commands [] = { &command_run, &command_check, &command_ask, &command_publish, &command_actors, &command_top,
                                       &command_dead, &command_new, &command_help };
const size_t command_count = sizeof commands / sizeof commands [0];

const command_t *
command_find (const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp (commands [i]->name, name) == 0)
            return commands [i];
    return NULL;
}

static const option_t *
s_find_option (const command_t *command, const char *text, size_t size)
{
    for (size_t i = 0; i < command->option_count; i++)
        if (strlen (command->options [i].name) == size && memcmp (command->options [i].name, text, size) == 0)
            return &command->options [i];
    return NULL;
}

static bool
s_refuse_option (const command_t *command, const char *text, size_t size)
{
    char name [64];
    snprintf (name, sizeof name, "%.*s", (int) size, text);
    nearest_t nearest;
    nearest_init (&nearest, name);
    for (size_t i = 0; i < command->option_count; i++)
        nearest_offer (&nearest, command->options [i].name);
    if (nearest_name (&nearest))
        fprintf (stderr, "zooid %s: there is no option %s; did you mean %s?\n", command->name, name,
                 nearest_name (&nearest));
    else
        fprintf (stderr, "zooid %s: there is no option %s; see `zooid help %s`\n", command->name, name, command->name);
    return false;
}

//  *index_p is the argument that is looked at; moved when the value is the next one.
static bool
s_read_option (invocation_t *self, int argc, char **argv, int *index_p)
{
    const char *text = argv [*index_p];
    size_t size = strcspn (text, "=");
    const option_t *option = s_find_option (self->command, text, size);
    if (!option)
        return s_refuse_option (self->command, text, size);
    const char *value = text [size] == '=' ? text + size + 1 : NULL;
    if (value && !option->value) {
        fprintf (stderr, "zooid %s: %s takes no value; leave it out\n", self->command->name, option->name);
        return false;
    }
    if (!value && option->value) {
        if (*index_p + 1 >= argc) {
            fprintf (stderr, "zooid %s: %s needs a value; write %s %s\n", self->command->name, option->name,
                     option->name, option->value);
            return false;
        }
        value = argv [++*index_p];
    }
    self->given [self->given_count].option = option;
    self->given [self->given_count++].value = value;
    return true;
}

bool
invocation_read (invocation_t *self, const command_t *command, int argc, char **argv)
{
    *self = (invocation_t) { .command = command };
    if (argc > INVOCATION_MAX) {
        fprintf (stderr, "zooid %s: more than %d arguments; give fewer\n", command->name, INVOCATION_MAX);
        return false;
    }
    bool only_arguments = false;
    for (int i = 1; i < argc; i++) {
        if (!only_arguments && strcmp (argv [i], "--") == 0)
            only_arguments = true;
        else if (only_arguments || argv [i] [0] != '-' || argv [i] [1] == 0)
            self->arguments [self->argument_count++] = argv [i];
        else if (!s_read_option (self, argc, argv, &i))
            return false;
    }
    if (self->argument_count >= command->minimum && self->argument_count <= command->maximum)
        return true;
    fprintf (stderr, "zooid %s: %s; usage: zooid %s %s\n", command->name,
             self->argument_count < command->minimum ? "something is missing" : "too many arguments", command->name,
             command->arguments);
    return false;
}

const char *
invocation_value (const invocation_t *self, const char *option)
{
    const char *value = NULL;
    for (size_t i = 0; i < self->given_count; i++)
        if (strcmp (self->given [i].option->name, option) == 0)
            value = self->given [i].value;
    return value;
}

bool
invocation_has (const invocation_t *self, const char *option)
{
    for (size_t i = 0; i < self->given_count; i++)
        if (strcmp (self->given [i].option->name, option) == 0)
            return true;
    return false;
}

bool
invocation_number (const invocation_t *self, const char *option, int64_t minimum, int64_t maximum, int64_t initial,
                   int64_t *ret_number)
{
    const char *value = invocation_value (self, option);
    char *end = NULL;
    errno = 0;
    *ret_number = value ? strtoll (value, &end, 10) : initial;
    if (!value || (!errno && end != value && !*end && *ret_number >= minimum && *ret_number <= maximum))
        return true;
    fprintf (stderr, "zooid %s: %s %s; a number from %lld to %lld\n", self->command->name, option, value, (long long) minimum,
             (long long) maximum);
    return false;
}

size_t
invocation_values (const invocation_t *self, const char *option, const char *ret_values [INVOCATION_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < self->given_count; i++)
        if (strcmp (self->given [i].option->name, option) == 0)
            ret_values [count++] = self->given [i].value;
    return count;
}
