//  A module for command_test.py: an operation whose handler waits, which no handler may; and a start that can fail.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <zooid/module.h>

typedef struct {
    const char *path;
} wait_t;

static const zooid_field_t wait_fields [] = { ZOOID_STRING (wait_t, path, .doc = "A fifo; to its end") };
static const zooid_record_t wait_record = ZOOID_RECORD ("block_wait", wait_t, wait_fields, .doc = "What to wait for");

static int
on_wait (zooid_context_t *self, const void *arguments)
{
    (void) self;
    int descriptor = open (((const wait_t *) arguments)->path, O_RDONLY | O_CLOEXEC);
    char byte;
    while (descriptor != -1 && read (descriptor, &byte, 1) > 0)
        ;
    return descriptor == -1 ? 0 : close (descriptor);
}

typedef struct {
    zooid_presence_t presence;
    bool broken;
} settings_t;

static const zooid_field_t settings_fields [] = {
    ZOOID_BOOLEAN (settings_t, broken, .initial = "false", .doc = "It never starts"),
};
static const zooid_record_t settings_record = ZOOID_RECORD ("block_settings", settings_t, settings_fields,
    .presence = ZOOID_PRESENCE (settings_t));

static int
start (zooid_context_t *self, const void *settings)
{
    (void) self;
    return ((const settings_t *) settings)->broken ? -EIO : 0;
}

static const zooid_operation_t operations [] = {
    { .name = "block.wait", .kind = ZOOID_COMMAND, .takes = &wait_record, .scope = "block:wait", .handler = on_wait, .doc = "Block the thread." },
};
static const zooid_contract_t contract = { .name = "block", ZOOID_OPERATIONS (operations), .doc = "Blocks." };

ZOOID_EXPORT const zooid_module_t zooid_module_block = {
    ZOOID_MODULE_HEADER, .name = "block", .version = "1.0.0", .doc = "Blocks.", .contract = &contract,
    .settings = &settings_record, .state_size = 1, .start = start,
};
