//  gateway/http_head.h - the head of an HTTP/1.1 request, read strictly (RFC 9110, RFC 9112)
//
//  Pure: bytes in, spans of those bytes out. Whatever two readers could understand in two ways is refused.
#ifndef GATEWAY_HTTP_HEAD_H
#define GATEWAY_HTTP_HEAD_H

#include <stdbool.h>
#include <stdint.h>
#include <zooid/result.h>

enum {
    HTTP_HEAD_MAX = 8192,           //  Bytes of a request line with its headers
    HTTP_HEADERS_MAX = 64,
    HTTP_BODY_MAX = 1048576,
};

//  Bits, so that a set of them says what a path allows.
typedef enum {
    HTTP_GET = 1, HTTP_HEAD = 2, HTTP_POST = 4, HTTP_PUT = 8, HTTP_PATCH = 16, HTTP_DELETE = 32, HTTP_OPTIONS = 64,
} http_method_t;

//  Borrowed text, without a NUL behind it. data NULL: there is none.
typedef struct {
    const char *data;
    size_t size;
} http_text_t;

typedef struct {
    http_text_t name, value;
} http_header_t;

typedef struct {
    http_method_t method;
    http_text_t path;               //  As sent: still percent-encoded, begins with '/' (or is "*" with OPTIONS)
    http_text_t query;              //  What follows '?'; data NULL: no '?'
    size_t size;                    //  Bytes of the head, its empty line included
    size_t content_length;          //  0 when there is no body
    bool keeps_alive;
    bool expects_continue;
    bool upgrades;                  //  To a WebSocket, the one protocol that can be upgraded to
    http_header_t headers [HTTP_HEADERS_MAX];
    size_t header_count;
} http_head_t;

//  Why it is refused: the answer's status, the name of its problem, and a sentence.
typedef struct {
    int status;
    const char *problem;
    const char *detail;
} http_refusal_t;

//  Read the head that `data` begins with. ZOOID_MORE: it is sound so far, and not yet whole. ZOOID_INVALID:
//  *ret_refusal says why; answer and close.
int
    http_head_read (http_head_t *self, const char *data, size_t size, http_refusal_t *ret_refusal);

//  The value of a header by its lower-case name; data NULL: it is not there. The first, when there are several.
http_text_t
    http_head_find (const http_head_t *self, const char *name);

//  Is `token` one of the items of a comma-separated header, whatever their case?
bool
    http_list_has (http_text_t list, const char *token);
//  Take the next item of a comma-separated list, spaces cut off. false: there is none.
bool
    http_list_next (http_text_t *list, http_text_t *ret_item);

bool
    http_text_is (http_text_t text, const char *other);
//  Whatever the case of either.
bool
    http_text_is_like (http_text_t text, const char *other);
bool
    http_text_begins (http_text_t text, const char *prefix);

//  "GET"; "GET, HEAD" of a set, in `ret_text` (64 bytes).
const char *
    http_method_name (http_method_t method);
void
    http_method_list (unsigned methods, char ret_text [64]);
//  The method of a name of `size` bytes; 0: none of ours.
http_method_t
    http_method_parse (const char *name, size_t size);

#endif
