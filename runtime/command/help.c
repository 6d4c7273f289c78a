//  Everything here comes from the tables: the commands', and those of the modules that are found.
#include "command.h"
#include "../node/module.h"
#include "../node/nearest.h"

#include <stdio.h>
#include <string.h>

static int
s_first_line (const char *text)
{
    return (int) strcspn (text, "\n");
}

static void
s_show_all (const zooid_module_t *const *modules, size_t count)
{
    puts ("usage: zooid COMMAND ...\n");
    for (size_t i = 0; i < command_count; i++)
        printf ("  %-12s %.*s\n", commands [i]->name, s_first_line (commands [i]->doc), commands [i]->doc);
    printf ("  %-12s %s\n", "--version", "Say which version this is");
    bool any = false;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < modules [i]->subcommand_count; k++) {
            const zooid_subcommand_t *subcommand = &modules [i]->subcommands [k];
            if (!any)
                puts ("\nbrought by modules:");
            any = true;
            printf ("  %-12s %.*s (%s)\n", subcommand->name, s_first_line (subcommand->doc), subcommand->doc,
                    modules [i]->name);
        }
    puts ("\n`zooid help COMMAND` says more. Exit codes: 0 done, 1 failed, 2 bad usage or configuration.");
}

static void
s_show (const command_t *command)
{
    printf ("usage: zooid %s %s\n\n%s\n", command->name, command->arguments, command->doc);
    if (command->option_count)
        puts ("");
    for (size_t i = 0; i < command->option_count; i++) {
        char left [48];
        const option_t *option = &command->options [i];
        snprintf (left, sizeof left, "%s%s%s", option->name, option->value ? " " : "",
                  option->value ? option->value : "");
        printf ("  %-24s %s\n", left, option->doc);
    }
}

static int
s_help (const invocation_t *self)
{
    const command_t *command = self->argument_count ? command_find (self->arguments [0]) : NULL;
    if (command) {
        s_show (command);
        return EXIT_DONE;
    }
    ZOOID_CLEANUP (modules_destroy) modules_t *modules = NULL;
    modules_new (&modules, NULL, 0, NULL);
    const zooid_module_t *const *all = NULL;
    size_t count = modules_all (modules, &all);
    if (!self->argument_count) {
        s_show_all (all, count);
        return EXIT_DONE;
    }
    nearest_t nearest;
    nearest_init (&nearest, self->arguments [0]);
    for (size_t i = 0; i < command_count; i++)
        nearest_offer (&nearest, commands [i]->name);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < all [i]->subcommand_count; k++) {
            const zooid_subcommand_t *subcommand = &all [i]->subcommands [k];
            nearest_offer (&nearest, subcommand->name);
            if (strcmp (subcommand->name, self->arguments [0]) == 0) {
                printf ("%s\n", subcommand->doc);
                return EXIT_DONE;
            }
        }
    const char *best = nearest_name (&nearest);
    fprintf (stderr,
             best ? "zooid help: there is no command `%s`; did you mean `%s`?\n"
                  : "zooid help: there is no command `%s`\n",
             self->arguments [0], best);
    return EXIT_USAGE;
}

const command_t command_help = {
    .name = "help", .arguments = "[COMMAND]", .maximum = 1, .run = s_help,
    .doc = "Say what there is, and how it is used",
};
