//  The wire form of messages: whatever is taken is written again, and the second writing is the first one's.
#include "fuzz.h"

#include "message.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    zooid_message_t *message = NULL, *again = NULL;
    if (message_decode ((zooid_bytes_t) { data, size }, 1000, &message))
        return 0;
    zooid_buffer_t first = { 0 }, second = { 0 };
    message_encode (message, 1000, &first);
    FUZZ_MUST (!first.failed);
    FUZZ_MUST (message_decode ((zooid_bytes_t) { first.data, first.size }, 1000, &again) == 0);
    message_encode (again, 1000, &second);
    FUZZ_MUST (first.size == second.size && memcmp (first.data, second.data, first.size) == 0);
    FUZZ_MUST (message->body.size <= size);
    zooid_buffer_fini (&first);
    zooid_buffer_fini (&second);
    zooid_message_destroy (&message);
    zooid_message_destroy (&again);
    return 0;
}
