//  Modules that module_test.c looks for, one source built four times: sound, of another ABI, silent, misnamed.
#include <zooid/module.h>

#if !defined PROBE_OLD && !defined PROBE_SILENT
static const zooid_contract_t contract = { .name = "probe", .doc = "Nothing." };
#endif

#ifdef PROBE_OLD
ZOOID_EXPORT const zooid_module_t zooid_module_probe_old = {
    .header = { ZOOID_ABI + 1, sizeof (zooid_module_t), sizeof (zooid_operation_t), sizeof (zooid_event_t),
                sizeof (zooid_subscription_t), sizeof (zooid_field_t), sizeof (zooid_record_t),
                sizeof (zooid_migration_t), sizeof (zooid_subcommand_t) },
    .name = "probe-old",
};
#elif defined PROBE_MISNAMED
ZOOID_EXPORT const zooid_module_t zooid_module_probe_misnamed = {
    ZOOID_MODULE_HEADER, .name = "another", .version = "1.0.0", .doc = "Misnamed.", .contract = &contract,
};
#elif defined PROBE_SILENT
ZOOID_EXPORT int zooid_module_of_nobody;
#else
static int
s_greet (int argc, char **argv)
{
    (void) argv;
    return argc == 2 ? 0 : 2;
}

static const zooid_subcommand_t subcommands [] = {
    { .name = "probe-greet", .doc = "Greet.\nusage: zooid probe-greet NAME", .run = s_greet }
};

ZOOID_EXPORT const zooid_module_t zooid_module_probe = {
    ZOOID_MODULE_HEADER, .name = "probe", .version = "1.2.3", .doc = "Sound.", .contract = &contract, ZOOID_SUBCOMMANDS (subcommands),
};
#endif
