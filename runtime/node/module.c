//  Folders are absolute, all of them: a relative entry of ZOOID_MODULE_PATH would be looked up in the working folder, and
//  whoever can write there could run code here. The install folders are computed from where the program and this library
//  are, so that an installation can be moved as a whole.
#include "module.h"
#include "nearest.h"

#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef ZOOID_LIBDIR
#   define ZOOID_LIBDIR "lib"
#endif
#ifndef ZOOID_ARCHITECTURE
#   define ZOOID_ARCHITECTURE "."
#endif

enum { FOLDERS_MAX = 32, MODULE_NAME_SIZE = 64 };

typedef struct {
    char *file;                     //  Path of the library; NULL: given
    const zooid_module_t *module;
} known_t;

struct modules {
    const char *folder;
    char *folders [FOLDERS_MAX];
    size_t folder_count;
    known_t *known;
    size_t known_count;
    const zooid_module_t **all;
    zooid_arena_t *arena;
    zooid_buffer_t why;
};

static void
s_add_folder (modules_t *self, const char *path)
{
    char real [PATH_MAX];
    if (self->folder_count == FOLDERS_MAX || *path != '/' || !realpath (path, real))
        return;
    for (size_t i = 0; i < self->folder_count; i++)
        if (strcmp (self->folders [i], real) == 0)
            return;
    self->folders [self->folder_count++] = zooid_duplicate (real);
}

static void
s_add_folders_of_path (modules_t *self)
{
    const char *path = secure_getenv ("ZOOID_MODULE_PATH");
    while (path && *path) {
        size_t size = strcspn (path, ":");
        ZOOID_CLEANUP (zooid_release) char *folder = strndup (path, size);
        if (folder)
            s_add_folder (self, folder);
        path += size + (path [size] == ':');
    }
}

//  The folder of `file`, and `below` in it.
static void
s_add_folder_beside (modules_t *self, const char *file, const char *below)
{
    char path [PATH_MAX];
    const char *slash = strrchr (file, '/');
    int size = slash ? snprintf (path, sizeof path, "%.*s/%s", (int) (slash - file), file, below) : 0;
    if (size > 0 && (size_t) size < sizeof path)
        s_add_folder (self, path);
}

static void
s_add_install_folders (modules_t *self)
{
    char program [PATH_MAX];
    ssize_t size = readlink ("/proc/self/exe", program, sizeof program - 1);
    if (size > 0) {
        program [size] = 0;
        s_add_folder_beside (self, program, "../lib/zooid");
        s_add_folder_beside (self, program, "../" ZOOID_LIBDIR "/zooid");
        s_add_folder_beside (self, program, "../lib/" ZOOID_ARCHITECTURE "/zooid");
    }
    Dl_info library = { 0 };
    char real [PATH_MAX];
    if (dladdr ((void *) (uintptr_t) modules_new, &library) && library.dli_fname && realpath (library.dli_fname, real))
        s_add_folder_beside (self, real, "zooid");
}

static void
s_know (modules_t *self, const char *file, const zooid_module_t *module)
{
    known_t *known = realloc (self->known, (self->known_count + 1) * sizeof *known);
    if (!known)
        abort ();
    self->known = known;
    self->known [self->known_count++] = (known_t) { file ? zooid_duplicate (file) : NULL, module };
}

void
modules_new (modules_t **self_p, const zooid_module_t *const *given, size_t given_count, const char *folder)
{
    modules_t *self = zooid_allocate (sizeof *self);
    self->folder = folder ? zooid_duplicate (folder) : NULL;
    zooid_arena_new (&self->arena, 0);
    for (size_t i = 0; i < given_count; i++)
        s_know (self, NULL, given [i]);
    s_add_folders_of_path (self);
    s_add_install_folders (self);
    *self_p = self;
}

void
modules_destroy (modules_t **self_p)
{
    modules_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->folder_count; i++)
        free (self->folders [i]);
    for (size_t i = 0; i < self->known_count; i++)
        free (self->known [i].file);
    free (self->known);
    free (self->all);
    free ((char *) self->folder);
    zooid_arena_destroy (&self->arena);
    zooid_buffer_fini (&self->why);
    free (self);
    *self_p = NULL;
}

static bool
s_is_name (const char *name, size_t size)
{
    static const char allowed [] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    if (size == 0 || size >= MODULE_NAME_SIZE || name [0] < 'a' || name [0] > 'z')
        return false;
    for (size_t i = 0; i < size; i++)
        if (!strchr (allowed, name [i]) || !name [i])
            return false;
    return true;
}

//  "libzooid_NAME.so" is NAME.
static bool
s_file_module (const char *file, char ret_name [MODULE_NAME_SIZE])
{
    static const char before [] = "libzooid_", after [] = ".so";
    size_t size = strlen (file);
    if (size <= strlen (before) + strlen (after) || strncmp (file, before, strlen (before)) != 0
        || strcmp (file + size - strlen (after), after) != 0)
        return false;
    size -= strlen (before) + strlen (after);
    if (!s_is_name (file + strlen (before), size))
        return false;
    memcpy (ret_name, file + strlen (before), size);
    ret_name [size] = 0;
    return true;
}

//  Does it fit? The settings share a map in the topology with what the runtime reads there itself; that no name is used
//  twice is checked by whoever reads them.
static int
s_check (modules_t *self, const char *name, const zooid_module_t *module)
{
    const char *why = "";
    if (zooid_module_check (module, &why)) {
        zooid_buffer_format (&self->why, "module `%s` does not fit this runtime: %s; build it again", name, why);
        return ZOOID_INVALID;
    }
    if (!module->name || strcmp (module->name, name) != 0) {
        zooid_buffer_format (&self->why,
                             "the library of module `%s` says that it is `%s`; name the file after the module", name,
                             module->name ? module->name : "");
        return ZOOID_INVALID;
    }
    if ((module->contract && zooid_contract_check (module->contract, self->arena, &why))
        || (module->settings && zooid_record_check (module->settings, self->arena, &why))) {
        zooid_buffer_format (&self->why, "module `%s` is not sound: %s; mend its tables", name, why);
        return ZOOID_INVALID;
    }
    return 0;
}

static int
s_open (modules_t *self, const char *file, const char *name, const zooid_module_t **ret_module)
{
    for (size_t i = 0; i < self->known_count; i++)
        if (self->known [i].file && strcmp (self->known [i].file, file) == 0) {
            *ret_module = self->known [i].module;
            return 0;
        }
    void *library = dlopen (file, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        zooid_buffer_format (&self->why, "module `%s` can not be loaded: %s; build or install it again", name,
                             dlerror ());
        return ZOOID_INVALID;
    }
    char symbol [MODULE_NAME_SIZE + 16];
    snprintf (symbol, sizeof symbol, "zooid_module_%s", name);
    for (char *next = symbol; *next; next++)
        if (*next == '-')
            *next = '_';
    const zooid_module_t *module = dlsym (library, symbol);
    if (!module) {
        zooid_buffer_format (&self->why, "%s exports no `%s`; its descriptor has that name and is ZOOID_EXPORT", file,
                             symbol);
        return ZOOID_INVALID;
    }
    int rc = s_check (self, name, module);
    if (rc)
        return rc;
    s_know (self, file, module);
    *ret_module = module;
    return 0;
}

static int
s_find_path (modules_t *self, const char *name, const zooid_module_t **ret_module)
{
    char path [PATH_MAX], real [PATH_MAX], module [MODULE_NAME_SIZE];
    if (*name != '/' && !self->folder) {
        zooid_buffer_format (&self->why, "`%s` is relative to no file; give the whole path of the library", name);
        return ZOOID_INVALID;
    }
    if (*name == '/')
        snprintf (path, sizeof path, "%s", name);
    else
        snprintf (path, sizeof path, "%s/%s", self->folder, name);
    if (!s_file_module (strrchr (name, '/') + 1, module)) {
        zooid_buffer_format (&self->why, "`%s` is no library of a module; it is named libzooid_NAME.so", name);
        return ZOOID_INVALID;
    }
    if (!realpath (path, real)) {
        zooid_buffer_format (&self->why, "there is no %s; build it, or name another", path);
        return ZOOID_UNKNOWN;
    }
    return s_open (self, real, module, ret_module);
}

//  Call `visit` for every file of the folders that is named as a module is.
static void
s_each_file (modules_t *self, void (*visit) (modules_t *self, const char *file, const char *name, void *state),
             void *state)
{
    for (size_t i = 0; i < self->folder_count; i++) {
        DIR *folder = opendir (self->folders [i]);
        const struct dirent *entry;
        while (folder && (entry = readdir (folder))) {
            char name [MODULE_NAME_SIZE], path [PATH_MAX];
            int size = snprintf (path, sizeof path, "%s/%s", self->folders [i], entry->d_name);
            if (s_file_module (entry->d_name, name) && size > 0 && (size_t) size < sizeof path)
                visit (self, path, name, state);
        }
        if (folder)
            closedir (folder);
    }
}

typedef struct {
    nearest_t nearest;
    char best [MODULE_NAME_SIZE];
} guess_t;

static void
s_guess (modules_t *self, const char *file, const char *name, void *state)
{
    (void) self, (void) file;
    guess_t *guess = state;
    if (nearest_offer (&guess->nearest, name)) {
        snprintf (guess->best, sizeof guess->best, "%s", name);
        guess->nearest.best = guess->best;
    }
}

static void
s_say_unknown (modules_t *self, const char *name)
{
    guess_t guess;
    nearest_init (&guess.nearest, name);
    for (size_t i = 0; i < self->known_count; i++)
        s_guess (self, NULL, self->known [i].module->name, &guess);
    s_each_file (self, s_guess, &guess);
    zooid_buffer_format (&self->why, "there is no module `%s`; ", name);
    if (nearest_name (&guess.nearest)) {
        zooid_buffer_format (&self->why, "did you mean `%s`?", nearest_name (&guess.nearest));
        return;
    }
    zooid_buffer_format (&self->why,
                         "put the folder of libzooid_%s.so in ZOOID_MODULE_PATH, or give its path (looked in", name);
    for (size_t i = 0; i < self->folder_count; i++)
        zooid_buffer_format (&self->why, "%s %s", i ? "," : "", self->folders [i]);
    zooid_buffer_text (&self->why, self->folder_count ? ")" : " no folder)");
}

static int
s_find_name (modules_t *self, const char *name, const zooid_module_t **ret_module)
{
    for (size_t i = 0; i < self->known_count; i++)
        if (!self->known [i].file && strcmp (self->known [i].module->name, name) == 0) {
            int rc = s_check (self, name, self->known [i].module);
            if (rc == 0)
                *ret_module = self->known [i].module;
            return rc;
        }
    for (size_t i = 0; s_is_name (name, strlen (name)) && i < self->folder_count; i++) {
        char path [PATH_MAX];
        int size = snprintf (path, sizeof path, "%s/libzooid_%s.so", self->folders [i], name);
        if (size > 0 && (size_t) size < sizeof path && access (path, F_OK) == 0)
            return s_open (self, path, name, ret_module);
    }
    s_say_unknown (self, name);
    return ZOOID_UNKNOWN;
}

int
modules_find (modules_t *self, const char *name, const zooid_module_t **ret_module, const char **ret_why)
{
    zooid_buffer_clear (&self->why);
    int rc = strchr (name, '/') ? s_find_path (self, name, ret_module) : s_find_name (self, name, ret_module);
    *ret_why = zooid_buffer_string (&self->why);
    return rc;
}

static void
s_open_found (modules_t *self, const char *file, const char *name, void *state)
{
    (void) state;
    const zooid_module_t *module = NULL;
    for (size_t i = 0; i < self->known_count; i++)
        if (strcmp (self->known [i].module->name, name) == 0)
            return;         //  An earlier folder has it
    zooid_buffer_clear (&self->why);
    s_open (self, file, name, &module);
}

static int
s_compare (const void *a, const void *b)
{
    const zooid_module_t *const *left = a, *const *right = b;
    return strcmp ((*left)->name, (*right)->name);
}

size_t
modules_all (modules_t *self, const zooid_module_t *const **ret_modules)
{
    s_each_file (self, s_open_found, NULL);
    free (self->all);
    self->all = zooid_allocate ((self->known_count + 1) * sizeof self->all [0]);
    for (size_t i = 0; i < self->known_count; i++)
        self->all [i] = self->known [i].module;
    qsort (self->all, self->known_count, sizeof self->all [0], s_compare);
    *ret_modules = self->all;
    return self->known_count;
}
