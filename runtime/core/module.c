//  Tables cross a library boundary: their rows must have the size that this runtime was built with.
#include <zooid/module.h>

int
zooid_module_check (const zooid_module_t *module, const char **ret_why)
{
    static const zooid_module_t ours = { ZOOID_MODULE_HEADER };
    const zooid_module_header_t *mine = &ours.header, *its = &module->header;
    const char *why = NULL;
    if (its->abi != mine->abi)
        why = "it was built for another ABI version of the runtime; build it against this one";
    else if (its->module_size != mine->module_size || its->operation_size != mine->operation_size
             || its->event_size != mine->event_size || its->subscription_size != mine->subscription_size
             || its->field_size != mine->field_size || its->record_size != mine->record_size
             || its->migration_size != mine->migration_size || its->subcommand_size != mine->subcommand_size)
        why = "its tables have rows of another size; build it against this runtime's headers";
    else if (!module->name || !module->version || !module->doc)
        why = "its descriptor lacks a name, a version or a doc";
    else if (!module->contract)
        why = "its descriptor has no contract";
    if (!why)
        return 0;
    *ret_why = why;
    return ZOOID_INVALID;
}
