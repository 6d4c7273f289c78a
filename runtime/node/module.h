//  module.h - finding a module by its name and making sure that it fits
#ifndef MODULE_H
#define MODULE_H

#include <zooid/module.h>

typedef struct modules modules_t;

//  `given` come first. folder: what a relative path is relative to; NULL: such a path is refused.
void
    modules_new (modules_t **self_p, const zooid_module_t *const *given, size_t given_count, const char *folder);
//  Libraries stay open.
void
    modules_destroy (modules_t **self_p);

//  By name: libzooid_NAME.so in the folders of ZOOID_MODULE_PATH, then where zooid is installed; by path when there is a
//  slash. Never in the working folder. ZOOID_UNKNOWN: there is none such. ZOOID_INVALID: there is, and it does not fit.
//  *ret_why, until the next call: what is wrong; what would be right.
int
    modules_find (modules_t *self, const char *name, const zooid_module_t **ret_module, const char **ret_why);

//  Every module that the folders hold and the given ones, sorted by name; those that do not fit are left out. Borrowed
//  until modules_destroy.
size_t
    modules_all (modules_t *self, const zooid_module_t *const **ret_modules);

#endif
