//  Topics and patterns against a second, plain matcher. The input is two texts with a line end between them.
#include "fuzz.h"

#include <zooid/contract.h>

#include <string.h>

//  Recursion over the texts, one character class at a time: slow, and nothing like the walk over segments.
static bool
s_matches (const char *pattern, const char *topic)
{
    size_t pattern_size = strcspn (pattern, "."), topic_size = strcspn (topic, ".");
    if (!topic_size)
        return false;
    if (strcmp (pattern, ">") == 0 || strncmp (pattern, ">.", 2) == 0)
        return true;
    bool one = (pattern_size == 1 && *pattern == '*')
        || (pattern_size > 2 && *pattern == '{' && pattern [pattern_size - 1] == '}');
    if (!one && (pattern_size != topic_size || strncmp (pattern, topic, topic_size) != 0))
        return false;
    if (!pattern [pattern_size] || !topic [topic_size])
        return !pattern [pattern_size] && !topic [topic_size];
    return s_matches (pattern + pattern_size + 1, topic + topic_size + 1);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    if (size > 1024)
        return 0;
    char text [1025];
    if (size)
        memcpy (text, data, size);
    text [size] = 0;
    char *line_end = strchr (text, '\n');
    const char *pattern = text, *topic = line_end ? line_end + 1 : "";
    if (line_end)
        *line_end = 0;

    bool matches = zooid_topic_matches (pattern, topic);
    FUZZ_MUST (matches == s_matches (pattern, topic));
    FUZZ_MUST (zooid_topic_overlaps (pattern, topic) == zooid_topic_overlaps (topic, pattern));
    bool name = zooid_topic_is_name (topic), sound = zooid_topic_is_pattern (pattern);
    if (name) {
        FUZZ_MUST (zooid_topic_is_pattern (topic) && strlen (topic) <= 255 && strlen (topic) > 0);
        FUZZ_MUST (zooid_topic_matches (topic, topic));
        FUZZ_MUST (!strpbrk (topic, "*>{} /\t\x7f"));
    }
    if (name && sound)
        FUZZ_MUST (zooid_topic_overlaps (pattern, topic) == matches);
    return 0;
}
