#include "input.h"

#include <stdio.h>
#include <string.h>
#include <zooid/record.h>

//  What fits into a line of the control socket, with the rest of the request.
enum { INPUT_MAX = 1024 * 1024 - 1024 };

static bool
s_read (const invocation_t *invocation, size_t index, const char *what, zooid_buffer_t *out)
{
    const char *text = invocation->argument_count > index ? invocation->arguments [index] : "{}";
    if (strcmp (text, "-") != 0)
        zooid_buffer_text (out, text);
    else {
        char part [16384];
        size_t size;
        while ((size = fread (part, 1, sizeof part, stdin)) > 0 && out->size <= INPUT_MAX)
            zooid_buffer_append (out, part, size);
    }
    if (out->size <= INPUT_MAX)
        return true;
    fprintf (stderr, "zooid %s: the %s too long; at most %d bytes\n", invocation->command->name, what, INPUT_MAX);
    return false;
}

bool
input_json (const invocation_t *invocation, size_t index, const char *what, zooid_buffer_t *out)
{
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t text = { 0 }, msgpack = { 0 };
    const char *why = "";
    zooid_arena_new (&arena, 0);
    if (!s_read (invocation, index, what, &text))
        return false;
    if (zooid_json_parse (zooid_buffer_string (&text), text.size, arena, &msgpack, &why)) {
        fprintf (stderr, "zooid %s: the %s not JSON: %s\n", invocation->command->name, what, why);
        return false;
    }
    return zooid_json_write (NULL, (zooid_bytes_t) { msgpack.data, msgpack.size }, out) == 0;
}
