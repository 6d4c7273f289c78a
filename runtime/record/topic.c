//  Topics and patterns, segment by segment; no segment is looked at twice, so no pattern costs more than its length.
#include <zooid/contract.h>

#include <string.h>

enum { TOPIC_MAX = 255 };

typedef enum { SEGMENT_NAME, SEGMENT_ONE, SEGMENT_REST } segment_kind_t;

static size_t
s_length (const char *segment)
{
    return strcspn (segment, ".");
}

//  The segment behind this one; NULL: it was the last.
static const char *
s_after (const char *segment)
{
    const char *end = segment + s_length (segment);
    return *end ? end + 1 : NULL;
}

static segment_kind_t
s_kind (const char *segment)
{
    size_t length = s_length (segment);
    if (length == 1 && *segment == '*')
        return SEGMENT_ONE;
    if (length == 1 && *segment == '>')
        return SEGMENT_REST;
    return length > 2 && *segment == '{' && segment [length - 1] == '}' ? SEGMENT_ONE : SEGMENT_NAME;
}

static bool
s_same (const char *segment, const char *other)
{
    size_t length = s_length (segment);
    return length == s_length (other) && memcmp (segment, other, length) == 0;
}

bool
zooid_topic_matches (const char *pattern, const char *topic)
{
    while (pattern && topic && s_length (topic)) {
        segment_kind_t kind = s_kind (pattern);
        if (kind == SEGMENT_REST)
            return true;
        if (kind == SEGMENT_NAME && !s_same (pattern, topic))
            return false;
        pattern = s_after (pattern);
        topic = s_after (topic);
    }
    return !pattern && !topic;
}

bool
zooid_topic_overlaps (const char *pattern, const char *other)
{
    while (pattern && other) {
        segment_kind_t kind = s_kind (pattern), other_kind = s_kind (other);
        if (kind == SEGMENT_REST || other_kind == SEGMENT_REST)
            return true;
        if (kind == SEGMENT_NAME && other_kind == SEGMENT_NAME && !s_same (pattern, other))
            return false;
        pattern = s_after (pattern);
        other = s_after (other);
    }
    return !pattern && !other;
}

static bool
s_is_word (const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char byte = text [i];
        bool allowed = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9')
            || byte == '_' || byte == '-';
        if (!allowed)
            return false;
    }
    return length > 0;
}

static bool
s_is_sound (const char *topic, bool pattern)
{
    if (!topic || strnlen (topic, TOPIC_MAX + 1) > TOPIC_MAX)
        return false;
    for (const char *segment = topic; segment; segment = s_after (segment)) {
        size_t length = s_length (segment);
        switch (pattern ? s_kind (segment) : SEGMENT_NAME) {
        case SEGMENT_NAME:
            if (!s_is_word (segment, length))
                return false;
            break;
        case SEGMENT_ONE:
            if (*segment == '{' && !s_is_word (segment + 1, length - 2))
                return false;
            break;
        case SEGMENT_REST:
            if (s_after (segment))
                return false;
            break;
        }
    }
    return true;
}

bool
zooid_topic_is_name (const char *topic)
{
    return s_is_sound (topic, false);
}

bool
zooid_topic_is_pattern (const char *topic)
{
    return s_is_sound (topic, true);
}
