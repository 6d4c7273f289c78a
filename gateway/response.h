//  gateway/response.h - an answer, and how it is written: head and body in one piece
#ifndef GATEWAY_RESPONSE_H
#define GATEWAY_RESPONSE_H

#include <zooid/bytes.h>
#include "http_head.h"

//  Which Content-Security-Policy an answer gets.
typedef enum { RESPONSE_DATA = 0, RESPONSE_PAGE } response_policy_t;

typedef struct {
    int status;
    const char *type;               //  Content-Type; NULL: without a body
    zooid_bytes_t body;
    response_policy_t policy;
    const char *headers;            //  More of them, each with its CR LF; NULL: none
    bool omit_body;                 //  To a HEAD: its length is told, it is not sent
    bool close;                     //  The connection ends with it
} response_t;

//  date: an HTTP date. Appended to `out`.
void
    response_write (const response_t *self, const char *date, zooid_buffer_t *out);

//  RFC 9110 section 5.6.7: "Sun, 22 Nov 2026 15:03:56 GMT".
enum { RESPONSE_DATE_SIZE = 30 };
void
    response_date (int64_t at_ms, char ret_text [RESPONSE_DATE_SIZE]);

#endif
