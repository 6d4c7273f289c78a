//  A measured value mostly has few decimals. When m / 10^k is x, and m is an integer below 2^53, then division being
//  correctly rounded, the text of m with k decimals reads back as x; the least such k gives the shortest text. That
//  costs a few multiplications; all other reals take the slow way over printf.
#include "number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DECIMALS_MAX = 6 };

size_t
number_write_integer (int64_t value, char ret_text [NUMBER_SIZE])
{
    char digits [NUMBER_SIZE];
    size_t first = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t) value : (uint64_t) value;
    do {
        digits [--first] = (char) ('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        digits [--first] = '-';
    size_t size = sizeof digits - first;
    memcpy (ret_text, digits + first, size);
    return size;
}

//  value = scaled / 10^decimals, decimals at least 1
static size_t
s_write_decimals (int64_t scaled, size_t decimals, bool negative, char ret_text [NUMBER_SIZE])
{
    char digits [NUMBER_SIZE];
    size_t count = number_write_integer (scaled, digits);
    size_t size = 0;
    if (negative)
        ret_text [size++] = '-';
    size_t whole = count > decimals ? count - decimals : 0;
    if (whole)
        memcpy (ret_text + size, digits, whole);
    else
        ret_text [size] = '0';
    size += whole ? whole : 1;
    ret_text [size++] = '.';
    for (size_t i = count; i < decimals; i++)
        ret_text [size++] = '0';
    memcpy (ret_text + size, digits + whole, count - whole);
    return size + count - whole;
}

//  printf writes the locale's decimal point, which may be several bytes.
static size_t
s_with_point (const char *text, char ret_text [NUMBER_SIZE])
{
    size_t size = 0;
    bool real = false;
    while (*text) {
        if (strchr ("0123456789+-e", *text)) {
            real |= *text == 'e';
            ret_text [size++] = *text++;
        }
        else {
            real = true;
            ret_text [size++] = '.';
            while (*text && !strchr ("0123456789", *text))
                text++;
        }
    }
    if (!real) {
        ret_text [size++] = '.';
        ret_text [size++] = '0';
    }
    return size;
}

size_t
number_write_real (double value, char ret_text [NUMBER_SIZE])
{
    static const double powers [DECIMALS_MAX + 1] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6 };

    double size = fabs (value);
    for (size_t decimals = 1; decimals <= DECIMALS_MAX && size < 1e9; decimals++) {
        double scaled = nearbyint (size * powers [decimals]);
        if (scaled / powers [decimals] == size)
            return s_write_decimals ((int64_t) scaled, decimals, signbit (value), ret_text);
    }

    char text [2 * NUMBER_SIZE];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf (text, sizeof text, "%.*g", digits, value);
        if (strtod (text, NULL) == value)
            break;
    }
    return s_with_point (text, ret_text);
}

static size_t
s_digits (const char *text, size_t size)
{
    size_t count = 0;
    while (count < size && text [count] >= '0' && text [count] <= '9')
        count++;
    return count;
}

int
number_read_integer (const char *text, size_t size, int64_t *ret_value)
{
    bool negative = size && *text == '-';
    size_t sign = negative ? 1 : 0;
    size_t count = s_digits (text + sign, size - sign);
    if (!count || sign + count != size || (text [sign] == '0' && count > 1))
        return ZOOID_INVALID;
    int64_t value = 0;
    for (size_t i = sign; i < size; i++) {
        int64_t digit = text [i] - '0';
        if (__builtin_mul_overflow (value, 10, &value)
            || __builtin_sub_overflow (value, digit, &value))
            return ZOOID_FULL;
    }
    if (!negative && value == INT64_MIN)
        return ZOOID_FULL;
    *ret_value = negative ? value : -value;
    return 0;
}

//  number = [ "-" ] int [ frac ] [ exp ], RFC 8259 section 6
static bool
s_is_number (const char *text, size_t size)
{
    const char *end = text + size;
    if (text < end && *text == '-')
        text++;
    size_t whole = s_digits (text, (size_t) (end - text));
    if (!whole || (*text == '0' && whole > 1))
        return false;
    text += whole;
    if (text < end && *text == '.') {
        text++;
        size_t decimals = s_digits (text, (size_t) (end - text));
        if (!decimals)
            return false;
        text += decimals;
    }
    if (text < end && (*text == 'e' || *text == 'E')) {
        text++;
        if (text < end && (*text == '+' || *text == '-'))
            text++;
        size_t exponent = s_digits (text, (size_t) (end - text));
        if (!exponent)
            return false;
        text += exponent;
    }
    return text == end;
}

int
number_read_real (const char *text, size_t size, double *ret_value)
{
    enum { TEXT_MAX = 512 };    //  More digits than a double can tell apart are nobody's measurement
    char copy [TEXT_MAX];
    if (size >= sizeof copy || !s_is_number (text, size))
        return ZOOID_INVALID;
    memcpy (copy, text, size);
    copy [size] = 0;

    char *end;
    double value = strtod (copy, &end);
    if (*end == '.') {
        //  The locale has another decimal point: give it its own
        char point [NUMBER_SIZE];
        snprintf (point, sizeof point, "%.1f", 0.5);
        size_t before = (size_t) (end - copy);
        char local [TEXT_MAX + NUMBER_SIZE];
        snprintf (local, sizeof local, "%.*s%.*s%s", (int) before, copy, (int) (strlen (point) - 2), point + 1,
                  end + 1);
        value = strtod (local, NULL);
    }
    if (!isfinite (value))
        return ZOOID_FULL;
    *ret_value = value;
    return 0;
}
