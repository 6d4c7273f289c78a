//  pattern.c - patterns are matched as they are written: both texts are walked once, side by side. Compiling them was
//  not worth it: a bridge has a handful of routes and most topics are decided within the first segment.
#include "route/pattern.h"

#include <string.h>

const pattern_dialect_t pattern_mqtt = { .separator = '/', .one = '+', .rest = '#', .rest_may_be_none = true };
const pattern_dialect_t pattern_dotted = { .separator = '.', .one = '*', .rest = '>' };

//  The segment that begins at `text`, and where the next one begins (NULL: it was the last).
static zooid_bytes_t
s_segment (const char *text, size_t size, char separator, const char **ret_next)
{
    const char *end = memchr (text, separator, size);
    *ret_next = end ? end + 1 : NULL;
    return (zooid_bytes_t) { (const uint8_t *) text, end ? (size_t) (end - text) : size };
}

static bool
s_is_wildcard (zooid_bytes_t segment, char wildcard)
{
    return segment.size == 1 && segment.data [0] == (uint8_t) wildcard;
}

int
pattern_check (const pattern_dialect_t *dialect, const char *pattern, pattern_shape_t *ret_shape, const char **ret_why)
{
    pattern_shape_t shape = { 0 };
    const char *why = NULL;
    if (*pattern == 0)
        why = "is empty; write the topics that it takes";
    else if (strlen (pattern) > PATTERN_TEXT_MAX)
        why = "is longer than 1024 bytes; shorten it";
    for (const char *text = pattern, *next = NULL; text && !why; text = next) {
        zooid_bytes_t segment = s_segment (text, strlen (text), dialect->separator, &next);
        if (s_is_wildcard (segment, dialect->one))
            why = ++shape.one_count > PATTERN_CAPTURES_MAX ? "has more than 9 wildcards; {9} is the last place that can be named" : NULL;
        else if (s_is_wildcard (segment, dialect->rest)) {
            shape.has_rest = true;
            why = next ? "has the wildcard for the rest before its end; let it be the last segment" : NULL;
        }
        else if (memchr (segment.data, dialect->one, segment.size)
                 || memchr (segment.data, dialect->rest, segment.size))
            why = "has a wildcard that is not a whole segment; let it stand alone between two separators";
        else if (segment.size == 0 && dialect->separator == '.')
            why = "has an empty segment; write one dot between two names";
    }
    if (why) {
        *ret_why = why;
        return ZOOID_INVALID;
    }
    *ret_shape = shape;
    return 0;
}

bool
pattern_matches (const pattern_dialect_t *dialect, const char *pattern, zooid_bytes_t topic,
                 pattern_captures_t *ret_captures)
{
    size_t one = 0;
    const char *wanted = pattern;
    const char *given = (const char *) topic.data;
    const char *end = given + topic.size;
    ret_captures->topic = topic;
    ret_captures->rest = (zooid_bytes_t) { 0 };
    while (wanted) {
        const char *wanted_next = NULL, *given_next = NULL;
        zooid_bytes_t want = s_segment (wanted, strlen (wanted), dialect->separator, &wanted_next);
        if (s_is_wildcard (want, dialect->rest)) {
            if (given)
                ret_captures->rest = (zooid_bytes_t) { (const uint8_t *) given, (size_t) (end - given) };
            return given || dialect->rest_may_be_none;
        }
        if (!given)
            return false;
        zooid_bytes_t have = s_segment (given, (size_t) (end - given), dialect->separator, &given_next);
        if (s_is_wildcard (want, dialect->one))
            ret_captures->one [one++] = have;
        else if (want.size != have.size || memcmp (want.data, have.data, want.size) != 0)
            return false;
        wanted = wanted_next;
        given = given_next;
    }
    return given == NULL;
}
