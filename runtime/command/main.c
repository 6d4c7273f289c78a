//  The command is the first user of the public API: what it does, another program can do too. Subcommands are a table;
//  what is not in it may be one that a module brings.
#include "command.h"
#include "../node/module.h"
#include "../node/nearest.h"

#include <stdio.h>
#include <string.h>

static bool
s_is_help (const char *text)
{
    return strcmp (text, "--help") == 0 || strcmp (text, "-h") == 0;
}

//  NULL: no module brings it.
static const zooid_subcommand_t *
s_find_subcommand (const zooid_module_t *const *modules, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < modules [i]->subcommand_count; k++)
            if (strcmp (modules [i]->subcommands [k].name, name) == 0)
                return &modules [i]->subcommands [k];
    return NULL;
}

static int
s_run_subcommand (int argc, char **argv)
{
    ZOOID_CLEANUP (modules_destroy) modules_t *modules = NULL;
    modules_new (&modules, NULL, 0, NULL);
    const zooid_module_t *const *all = NULL;
    size_t count = modules_all (modules, &all);
    const zooid_subcommand_t *subcommand = s_find_subcommand (all, count, argv [0]);
    if (subcommand && argc == 2 && s_is_help (argv [1])) {
        printf ("%s\n", subcommand->doc);
        return EXIT_DONE;
    }
    if (subcommand)
        return subcommand->run (argc, argv);
    nearest_t nearest;
    nearest_init (&nearest, argv [0]);
    for (size_t i = 0; i < command_count; i++)
        nearest_offer (&nearest, commands [i]->name);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < all [i]->subcommand_count; k++)
            nearest_offer (&nearest, all [i]->subcommands [k].name);
    if (nearest_name (&nearest))
        fprintf (stderr, "zooid: there is no command `%s`; did you mean `%s`?\n", argv [0], nearest_name (&nearest));
    else
        fprintf (stderr, "zooid: there is no command `%s`; see `zooid help`\n", argv [0]);
    return EXIT_USAGE;
}

//  Run the help of `topic`; NULL: of all.
static int
s_show_help (char *topic)
{
    invocation_t invocation;
    char *argv [] = { "help", topic, NULL };
    if (!invocation_read (&invocation, &command_help, topic ? 2 : 1, argv))
        return EXIT_USAGE;
    return command_help.run (&invocation);
}

int
main (int argc, char **argv)
{
    if (argc < 2) {
        s_show_help (NULL);
        return EXIT_USAGE;
    }
    argc--;
    argv++;
    if (s_is_help (argv [0]))
        return s_show_help (NULL);
    if (strcmp (argv [0], "--version") == 0) {
        puts ("zooid " ZOOID_VERSION);
        return EXIT_DONE;
    }
    const command_t *command = command_find (argv [0]);
    if (!command)
        return s_run_subcommand (argc, argv);
    if (argc == 2 && s_is_help (argv [1]))
        return s_show_help (argv [0]);
    invocation_t invocation;
    if (!invocation_read (&invocation, command, argc, argv))
        return EXIT_USAGE;
    return command->run (&invocation);
}
