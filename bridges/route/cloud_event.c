//  cloud_event.c - a traceparent is `00-` trace `-` span `-` flags, all lower-case hex. A version above 00 is read as
//  00 when it begins like one, as the specification asks.
#include "route/cloud_event.h"

#include <string.h>

static int
s_hex_digit (char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

//  Exactly 2 * size digits. Returns whether they all were, and any was not zero.
static bool
s_read_hex (const char *text, uint8_t *ret_data, size_t size, bool *ret_zero)
{
    *ret_zero = true;
    for (size_t n = 0; n < size; n++) {
        int high = s_hex_digit (text [2 * n]);
        int low = high < 0 ? -1 : s_hex_digit (text [2 * n + 1]);
        if (low < 0)
            return false;
        ret_data [n] = (uint8_t) (high << 4 | low);
        *ret_zero = *ret_zero && ret_data [n] == 0;
    }
    return true;
}

int
traceparent_read (const char *text, zooid_trace_t *ret_trace)
{
    size_t size = strlen (text);
    zooid_trace_t trace = { 0 };
    uint8_t version = 0;
    bool zero = false, no_trace = false, no_span = false;
    if (size < TRACEPARENT_SIZE - 1 || text [2] != '-' || text [35] != '-' || text [52] != '-')
        return ZOOID_INVALID;
    if (!s_read_hex (text, &version, 1, &zero) || version == 0xff)
        return ZOOID_INVALID;
    if (version == 0 ? size != TRACEPARENT_SIZE - 1 : (text [55] != 0 && text [55] != '-'))
        return ZOOID_INVALID;
    if (!s_read_hex (text + 3, trace.trace, sizeof trace.trace, &no_trace) || no_trace)
        return ZOOID_INVALID;
    if (!s_read_hex (text + 36, trace.span, sizeof trace.span, &no_span) || no_span)
        return ZOOID_INVALID;
    if (!s_read_hex (text + 53, &trace.flags, 1, &zero))
        return ZOOID_INVALID;
    *ret_trace = trace;
    return 0;
}

static char *
s_write_hex (const uint8_t *data, size_t size, char *out)
{
    static const char digits [] = "0123456789abcdef";
    for (size_t n = 0; n < size; n++) {
        *out++ = digits [data [n] >> 4];
        *out++ = digits [data [n] & 15];
    }
    return out;
}

bool
traceparent_write (const zooid_trace_t *trace, char ret_text [TRACEPARENT_SIZE])
{
    static const zooid_trace_t none;
    if (!trace || memcmp (trace->trace, none.trace, sizeof none.trace) == 0)
        return false;
    char *out = ret_text;
    memcpy (out, "00-", 3);
    out = s_write_hex (trace->trace, sizeof trace->trace, out + 3);
    *out++ = '-';
    out = s_write_hex (trace->span, sizeof trace->span, out);
    *out++ = '-';
    out = s_write_hex (&trace->flags, 1, out);
    *out = 0;
    return true;
}

void
cloud_event_type (const char *declared_topic, char *ret_type, size_t size)
{
    size_t used = 0;
    for (const char *text = declared_topic; *text;) {
        size_t length = strcspn (text, ".");
        if (text [0] != '{' && used + length + 2 <= size) {
            if (used)
                ret_type [used++] = '.';
            memcpy (ret_type + used, text, length);
            used += length;
        }
        text += length + (text [length] == '.');
    }
    ret_type [used] = 0;
}
