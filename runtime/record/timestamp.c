//  Days and civil dates by the arithmetic of Howard Hinnant ("chrono-compatible low-level date algorithms"): years
//  begin in March, so that the leap day is the last one. No time zone data, no locale, no lock, unlike gmtime and
//  strptime.
#include "rules.h"

#include <string.h>

enum { DAY_MS = 86400000, HOUR_MS = 3600000, MINUTE_MS = 60000, SECOND_MS = 1000 };

static int64_t
s_days (int64_t year, int64_t month, int64_t day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void
s_write_digits (char *text, size_t count, int64_t value)
{
    while (count--) {
        text [count] = (char) ('0' + value % 10);
        value /= 10;
    }
}

//  What lies outside of years 0000 to 9999 has no text: the nearest one is written.
void
zooid_timestamp_write (int64_t at_ms, char ret_text [ZOOID_TIMESTAMP_SIZE])
{
    if (at_ms < RULES_TIMESTAMP_MIN)
        at_ms = RULES_TIMESTAMP_MIN;
    if (at_ms > RULES_TIMESTAMP_MAX)
        at_ms = RULES_TIMESTAMP_MAX;
    int64_t day = at_ms / DAY_MS;
    int64_t in_day = at_ms % DAY_MS;
    if (in_day < 0) {
        in_day += DAY_MS;
        day--;
    }
    int64_t z = day + 719468;       //  From 0000-03-01, and never below: the least year is 0000
    z += 146097;                    //  0000-01-01 lies in the March year before
    int64_t era = z / 146097;
    int64_t day_of_era = z % 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    int64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    int64_t year = year_of_era + (era - 1) * 400 + (month <= 2 ? 1 : 0);

    memcpy (ret_text, "0000-00-00T00:00:00.000Z", ZOOID_TIMESTAMP_SIZE);
    s_write_digits (ret_text, 4, year);
    s_write_digits (ret_text + 5, 2, month);
    s_write_digits (ret_text + 8, 2, day_of_year - (153 * march_month + 2) / 5 + 1);
    s_write_digits (ret_text + 11, 2, in_day / HOUR_MS);
    s_write_digits (ret_text + 14, 2, in_day / MINUTE_MS % 60);
    s_write_digits (ret_text + 17, 2, in_day / SECOND_MS % 60);
    s_write_digits (ret_text + 20, 3, in_day % SECOND_MS);
}

//  Exactly `count` digits; -1: they are not.
static int64_t
s_read_digits (const char **text, size_t count)
{
    int64_t value = 0;
    for (; count; count--, ++*text) {
        if (**text < '0' || **text > '9')
            return -1;
        value = value * 10 + (**text - '0');
    }
    return value;
}

static bool
s_expect (const char **text, const char *any_of)
{
    if (!**text || !strchr (any_of, **text))
        return false;
    ++*text;
    return true;
}

static bool
s_read_date (const char **text, int64_t *ret_days)
{
    static const int64_t lengths [] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    int64_t year = s_read_digits (text, 4);
    if (year < 0 || !s_expect (text, "-"))
        return false;
    int64_t month = s_read_digits (text, 2);
    if (month < 1 || month > 12 || !s_expect (text, "-"))
        return false;
    int64_t day = s_read_digits (text, 2);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day < 1 || day > lengths [month - 1] + (leap && month == 2 ? 1 : 0))
        return false;
    *ret_days = s_days (year, month, day);
    return true;
}

//  A leap second is told by *ret_leap: it reads as the first moment of the next minute, as POSIX counts.
static bool
s_read_time (const char **text, int64_t *ret_ms, bool *ret_leap)
{
    int64_t hour = s_read_digits (text, 2);
    if (hour < 0 || hour > 23 || !s_expect (text, ":"))
        return false;
    int64_t minute = s_read_digits (text, 2);
    if (minute < 0 || minute > 59 || !s_expect (text, ":"))
        return false;
    int64_t second = s_read_digits (text, 2);
    if (second < 0 || second > 60)
        return false;
    int64_t ms = 0;
    if (**text == '.') {
        ++*text;
        int64_t weight = 100;
        if (**text < '0' || **text > '9')
            return false;
        for (; **text >= '0' && **text <= '9'; ++*text, weight /= 10)
            ms += weight * (**text - '0');
    }
    *ret_leap = second == 60;
    *ret_ms = hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + (second == 60 ? 0 : ms);
    return true;
}

static bool
s_read_zone (const char **text, int64_t *ret_ms)
{
    *ret_ms = 0;
    if (s_expect (text, "Zz"))
        return true;
    bool negative = **text == '-';
    if (!s_expect (text, "+-"))
        return false;
    int64_t hours = s_read_digits (text, 2);
    if (hours < 0 || hours > 23 || !s_expect (text, ":"))
        return false;
    int64_t minutes = s_read_digits (text, 2);
    if (minutes < 0 || minutes > 59)
        return false;
    int64_t ms = hours * HOUR_MS + minutes * MINUTE_MS;
    *ret_ms = negative ? -ms : ms;
    return true;
}

int
zooid_timestamp_read (const char *text, int64_t *ret_ms)
{
    int64_t days, in_day, zone;
    bool leap;
    if (!s_read_date (&text, &days) || !s_expect (&text, "Tt ") || !s_read_time (&text, &in_day, &leap)
        || !s_read_zone (&text, &zone) || *text)
        return ZOOID_INVALID;
    int64_t at_ms = days * DAY_MS + in_day - zone;
    //  A leap second is the last one of a day in UTC
    if (leap && at_ms % DAY_MS != 0)
        return ZOOID_INVALID;
    if (at_ms < RULES_TIMESTAMP_MIN || at_ms > RULES_TIMESTAMP_MAX)
        return ZOOID_INVALID;
    *ret_ms = at_ms;
    return 0;
}
