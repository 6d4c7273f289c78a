//  An actor of one's own is a folder that builds against the installed package. Its files are templates of this folder,
//  taken into the program when it is built, in which @name@ stands for the actor's name.
#include "command.h"
#include "template.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_SIZE_MAX = 32 };

static bool
s_check_name (const char *name)
{
    static const char allowed [] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    size_t size = strlen (name);
    if (strcmp (name, "control") == 0 || strcmp (name, "system") == 0 || strcmp (name, "zooid") == 0) {
        fprintf (stderr, "zooid new: `%s` is a name of the runtime's own; choose another\n", name);
        return false;
    }
    if (size && size <= NAME_SIZE_MAX && name [0] >= 'a' && name [0] <= 'z' && strspn (name, allowed) == size)
        return true;
    fprintf (stderr,
             "zooid new: `%s` is no name of an actor; lower-case letters, digits and _, a letter first, at most %d\n",
             name, NAME_SIZE_MAX);
    return false;
}

//  Text with @name@ filled in. False: it could not be written.
static bool
s_fill (FILE *file, const char *text, size_t size, const char *name)
{
    static const char mark [] = "@name@";
    const char *end = text + size;
    while (text < end) {
        const char *next = memmem (text, (size_t) (end - text), mark, sizeof mark - 1);
        const char *stop = next ? next : end;
        if (fwrite (text, 1, (size_t) (stop - text), file) != (size_t) (stop - text)
            || (next && fputs (name, file) < 0))
            return false;
        text = next ? next + sizeof mark - 1 : end;
    }
    return true;
}

static bool
s_write (const template_t *template, const char *name)
{
    char path [PATH_MAX];
    int size = snprintf (path, sizeof path, template->named ? "%s/%s%s" : "%s/%.0s%s", name, name, template->file);
    FILE *file = size > 0 && (size_t) size < sizeof path ? fopen (path, "wxe") : NULL;
    bool done = file && s_fill (file, (const char *) template->text, template->size, name);
    done = file && fclose (file) == 0 && done;
    if (!done)
        fprintf (stderr, "zooid new: %s: %s\n", path, strerror (errno));
    return done;
}

static int
s_new (const invocation_t *self)
{
    const char *name = self->arguments [1];
    if (strcmp (self->arguments [0], "actor") != 0) {
        fprintf (stderr, "zooid new: `%s` can not be made; write `zooid new actor NAME`\n", self->arguments [0]);
        return EXIT_USAGE;
    }
    if (!s_check_name (name))
        return EXIT_USAGE;
    if (mkdir (name, 0777)) {
        fprintf (stderr,
                 errno == EEXIST ? "zooid new: %s is there already; choose another name, or another folder\n"
                                 : "zooid new: %s: %s\n",
                 name, strerror (errno));
        return EXIT_FAILED;
    }
    for (size_t i = 0; i < template_count; i++)
        if (!s_write (&templates [i], name))
            return EXIT_FAILED;
    printf ("%s/ is made. Build it, test it and run it:\n\n"
            "    cd %s\n"
            "    cmake -B build && cmake --build build && ctest --test-dir build\n"
            "    zooid run topology.yaml\n\n"
            "and, beside it, curl 'http://127.0.0.1:8000/api/%s/hello?name=you'\n", name, name, name);
    return EXIT_DONE;
}

const command_t command_new = {
    .name = "new", .arguments = "actor NAME", .minimum = 2, .maximum = 2, .run = s_new,
    .doc = "Begin an actor of your own\n"
           "The folder NAME is made, with the actor, its test, a build that finds the installed package, and a topology.",
};
