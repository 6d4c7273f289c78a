//  gateway/response.c - an answer, and how it is written
//
//  Every answer carries the same protections. What an operation answers is data that no page may be made of, so its
//  policy allows nothing; a static file may run the scripts and styles of its own origin, and speak to it.
#include "response.h"
#include "problem.h"

#include <stdio.h>
#include <time.h>

#define PROTECTIONS                                                                                                   \
    "X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\nReferrer-Policy: no-referrer\r\n"                    \
    "Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\n"

static const char *const policies [] = {
    [RESPONSE_DATA] = PROTECTIONS
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'\r\n",
    [RESPONSE_PAGE] = PROTECTIONS
        "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'\r\n",
};

void
response_date (int64_t at_ms, char ret_text [RESPONSE_DATE_SIZE])
{
    static const char *const days [] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char *const months [] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    time_t seconds = (time_t) (at_ms / 1000);
    struct tm parts;
    gmtime_r (&seconds, &parts);
    snprintf (ret_text, RESPONSE_DATE_SIZE, "%s, %02u %s %04u %02u:%02u:%02u GMT", days [parts.tm_wday % 7],
              (unsigned) parts.tm_mday % 100, months [parts.tm_mon % 12], (unsigned) (parts.tm_year + 1900) % 10000,
              (unsigned) parts.tm_hour % 100, (unsigned) parts.tm_min % 100, (unsigned) parts.tm_sec % 100);
}

void
response_write (const response_t *self, const char *date, zooid_buffer_t *out)
{
    zooid_buffer_format (out, "HTTP/1.1 %d %s\r\nDate: %s\r\n", self->status, problem_title (self->status), date);
    if (self->type)
        zooid_buffer_format (out, "Content-Type: %s\r\n", self->type);
    if (self->status != 204 && self->status != 304)
        zooid_buffer_format (out, "Content-Length: %zu\r\n", self->body.size);
    if (self->close)
        zooid_buffer_text (out, "Connection: close\r\n");
    if (self->policy == RESPONSE_DATA)
        zooid_buffer_text (out, "Cache-Control: no-store\r\n");
    zooid_buffer_text (out, policies [self->policy]);
    if (self->headers)
        zooid_buffer_text (out, self->headers);
    zooid_buffer_text (out, "\r\n");
    if (!self->omit_body && self->body.size)
        zooid_buffer_append (out, self->body.data, self->body.size);
}
