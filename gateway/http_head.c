//  gateway/http_head.c - the head of an HTTP/1.1 request, read strictly
//
//  A request that two readers understand in two ways is how requests are smuggled past a proxy, so there is one reading
//  here and everything else is refused: line ends are CR LF, one space stands between the parts of the request line, no
//  header is folded, no name has a space before its colon, and whatever decides where a body ends (Content-Length,
//  Transfer-Encoding) or whom it is for (Host, Authorization) stands there at most once and in its plainest form.
//  Chunked bodies are not read at all.
//
//  An incomplete head is looked at too: what can be no request (TLS, another protocol, noise) is told at its first
//  bytes and not when the time to send a head has ended. It is scanned from its beginning at each read, which is
//  bounded by HTTP_HEAD_MAX.
#include "http_head.h"

#include <string.h>
#include <strings.h>

static const struct { const char *name; http_method_t method; } methods [] = {
    { "GET", HTTP_GET }, { "HEAD", HTTP_HEAD }, { "POST", HTTP_POST }, { "PUT", HTTP_PUT }, { "PATCH", HTTP_PATCH },
    { "DELETE", HTTP_DELETE }, { "OPTIONS", HTTP_OPTIONS },
};

//  Of these there may be one at most.
static const char *const singles [] = {
    "authorization", "content-length", "content-type", "expect", "host", "origin", "sec-websocket-key",
    "sec-websocket-version", "traceparent", "upgrade",
};

const char *
http_method_name (http_method_t method)
{
    for (size_t index = 0; index < ZOOID_COUNT (methods); index++)
        if (methods [index].method == method)
            return methods [index].name;
    return "";
}

void
http_method_list (unsigned set, char ret_text [64])
{
    char *at = ret_text;
    for (size_t index = 0; index < ZOOID_COUNT (methods); index++)
        if (set & methods [index].method) {
            if (at != ret_text)
                at = stpcpy (at, ", ");
            at = stpcpy (at, methods [index].name);
        }
    *at = 0;
}

http_method_t
http_method_parse (const char *name, size_t size)
{
    for (size_t index = 0; index < ZOOID_COUNT (methods); index++)
        if (strlen (methods [index].name) == size && memcmp (methods [index].name, name, size) == 0)
            return methods [index].method;
    return (http_method_t) 0;
}

//  ---- texts

bool
http_text_is (http_text_t text, const char *other)
{
    return text.data && strlen (other) == text.size && memcmp (text.data, other, text.size) == 0;
}

bool
http_text_is_like (http_text_t text, const char *other)
{
    return text.data && strlen (other) == text.size && strncasecmp (text.data, other, text.size) == 0;
}

bool
http_text_begins (http_text_t text, const char *prefix)
{
    size_t size = strlen (prefix);
    return text.data && text.size >= size && memcmp (text.data, prefix, size) == 0;
}

static http_text_t
s_trim (const char *data, const char *end)
{
    while (data < end && (*data == ' ' || *data == '\t'))
        data++;
    while (end > data && (end [-1] == ' ' || end [-1] == '\t'))
        end--;
    return (http_text_t) { .data = data, .size = (size_t) (end - data) };
}

bool
http_list_next (http_text_t *list, http_text_t *ret_item)
{
    while (list->size) {
        const char *comma = memchr (list->data, ',', list->size);
        const char *end = comma ? comma : list->data + list->size;
        *ret_item = s_trim (list->data, end);
        size_t used = (size_t) (end - list->data) + (comma ? 1 : 0);
        list->data += used;
        list->size -= used;
        if (ret_item->size)
            return true;
    }
    return false;
}

bool
http_list_has (http_text_t list, const char *token)
{
    http_text_t item;
    while (http_list_next (&list, &item))
        if (http_text_is_like (item, token))
            return true;
    return false;
}

http_text_t
http_head_find (const http_head_t *self, const char *name)
{
    for (size_t index = 0; index < self->header_count; index++)
        if (http_text_is_like (self->headers [index].name, name))
            return self->headers [index].value;
    return (http_text_t) { .data = NULL };
}

//  ---- refusals

static int
s_refuse (http_refusal_t *refusal, int status, const char *problem, const char *detail)
{
    *refusal = (http_refusal_t) { .status = status, .problem = problem, .detail = detail };
    return ZOOID_INVALID;
}

static int
s_malformed (http_refusal_t *refusal, const char *detail)
{
    return s_refuse (refusal, 400, "malformed", detail);
}

//  ---- bytes

static bool
s_is_token (char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
           || (c && strchr ("!#$%&'*+-.^_`|~", c));
}

//  Look for the empty line. 0: there, and *ret_size has the head's bytes.
static int
s_find_end (const char *data, size_t size, size_t *ret_size, http_refusal_t *refusal)
{
    size_t method = 0;
    while (method < size && data [method] >= 'A' && data [method] <= 'Z')
        method++;
    if (method > 16 || (method < size && (data [method] != ' ' || method == 0)))
        return s_malformed (refusal, "This is no HTTP request.");
    size_t limit = size < HTTP_HEAD_MAX ? size : HTTP_HEAD_MAX;
    for (size_t index = method; index < limit; index++) {
        unsigned char c = (unsigned char) data [index];
        if (c == '\r') {
            if (index + 1 == size)
                break;
            if (data [index + 1] != '\n')
                return s_malformed (refusal, "A CR stands without its LF.");
            if (index >= 2 && data [index - 1] == '\n') {
                if (index + 2 > HTTP_HEAD_MAX)
                    break;
                *ret_size = index + 2;
                return 0;
            }
            index++;
        }
        else if ((c < ' ' && c != '\t') || c == 0x7f)
            return s_malformed (refusal, "A control character stands in the head; lines end with CR LF.");
    }
    if (size >= HTTP_HEAD_MAX)
        return s_refuse (refusal, 431, "header_too_large", "The head is longer than 8192 bytes.");
    return ZOOID_MORE;
}

//  ---- the request line

//  http://HOST/PATH to its host and /PATH.
static int
s_read_absolute (http_text_t target, http_text_t *ret_authority, http_text_t *ret_rest, http_refusal_t *refusal)
{
    static const char scheme [] = "http://";
    if (target.size < sizeof scheme || strncasecmp (target.data, scheme, sizeof scheme - 1) != 0)
        return s_malformed (refusal, "The target is neither a path nor an http URL.");
    const char *authority = target.data + sizeof scheme - 1;
    const char *end = target.data + target.size, *slash = memchr (authority, '/', (size_t) (end - authority));
    if (!slash || slash == authority)
        return s_malformed (refusal, "The target's URL lacks a host or a path.");
    *ret_authority = (http_text_t) { .data = authority, .size = (size_t) (slash - authority) };
    *ret_rest = (http_text_t) { .data = slash, .size = (size_t) (end - slash) };
    return 0;
}

static int
s_read_target (http_head_t *self, http_text_t target, http_text_t *ret_authority, http_refusal_t *refusal)
{
    bool in_query = false;
    for (size_t index = 0; index < target.size; index++) {
        unsigned char c = (unsigned char) target.data [index];
        in_query = in_query || c == '?';
        bool is_raw = c == '>' && in_query;     //  No URI has it, but ?topics=a.> is what people and browsers send
        if (c <= ' ' || c >= 0x7f || (!is_raw && strchr ("\"#<>\\^`{|}", c)))
            return s_malformed (refusal, "The target has a character that must be percent-encoded.");
        if (c == '%' && (index + 2 >= target.size || !strchr ("0123456789ABCDEFabcdef", target.data [index + 1])
                         || !strchr ("0123456789ABCDEFabcdef", target.data [index + 2])))
            return s_malformed (refusal, "A percent sign in the target begins no two hexadecimal digits.");
    }
    if (http_text_is (target, "*") && self->method == HTTP_OPTIONS) {
        self->path = target;
        return 0;
    }
    if (target.data [0] != '/') {
        int rc = s_read_absolute (target, ret_authority, &target, refusal);
        if (rc)
            return rc;
    }
    const char *mark = memchr (target.data, '?', target.size);
    self->path = (http_text_t) { .data = target.data, .size = mark ? (size_t) (mark - target.data) : target.size };
    if (mark)
        self->query = (http_text_t) { .data = mark + 1, .size = target.size - self->path.size - 1 };
    return 0;
}

static int
s_read_line (http_head_t *self, const char *line, const char *end, http_text_t *ret_authority, http_refusal_t *refusal)
{
    const char *space = memchr (line, ' ', (size_t) (end - line));
    const char *target = space ? space + 1 : end;
    const char *last = memchr (target, ' ', (size_t) (end - target));
    if (!space || !last || last == target)
        return s_malformed (refusal, "The request line is not: method, space, target, space, version.");
    size_t version = (size_t) (end - last) - 1;
    if (version != 8 || memcmp (last + 1, "HTTP/", 5) != 0)
        return s_malformed (refusal, "The request line does not end with HTTP/1.1.");
    if (memcmp (last + 6, "1.", 2) != 0 || (last [8] != '1' && last [8] != '0'))
        return s_refuse (refusal, 505, "version_not_supported", "HTTP/1.1 is spoken here.");
    self->keeps_alive = last [8] == '1';
    self->method = http_method_parse (line, (size_t) (space - line));
    if (!self->method)
        return s_refuse (refusal, 501, "not_implemented", "The method is not known here.");
    return s_read_target (self, (http_text_t) { .data = target, .size = (size_t) (last - target) }, ret_authority,
                          refusal);
}

//  ---- the headers

static int
s_read_headers (http_head_t *self, const char *line, const char *end, http_refusal_t *refusal)
{
    while (line < end) {
        const char *stop = memchr (line, '\r', (size_t) (end - line));
        const char *colon = line;
        if (*line == ' ' || *line == '\t')
            return s_malformed (refusal, "A header is folded over two lines.");
        while (s_is_token (*colon))
            colon++;
        if (colon == line || *colon != ':')
            return s_malformed (refusal, "A header is not: name, colon, value.");
        if (self->header_count == HTTP_HEADERS_MAX)
            return s_refuse (refusal, 431, "header_too_large", "There are more than 64 headers.");
        self->headers [self->header_count++] = (http_header_t) {
            .name = { .data = line, .size = (size_t) (colon - line) },
            .value = s_trim (colon + 1, stop),
        };
        line = stop + 2;
    }
    return 0;
}

static int
s_check_singles (const http_head_t *self, http_refusal_t *refusal)
{
    for (size_t single = 0; single < ZOOID_COUNT (singles); single++) {
        size_t seen = 0;
        for (size_t index = 0; index < self->header_count; index++)
            if (http_text_is_like (self->headers [index].name, singles [single]))
                seen++;
        if (seen > 1)
            return s_malformed (refusal, "A header that may stand once stands twice.");
    }
    return 0;
}

static int
s_check_length (http_head_t *self, http_refusal_t *refusal)
{
    http_text_t length = http_head_find (self, "content-length");
    http_text_t encoding = http_head_find (self, "transfer-encoding");
    if (encoding.data && length.data)
        return s_malformed (refusal, "Content-Length and Transfer-Encoding stand together.");
    if (encoding.data)
        return s_refuse (refusal, 501, "not_implemented", "Transfer-Encoding is not read here: send a Content-Length.");
    if (!length.data)
        return 0;
    if (length.size < 1 || length.size > 10)
        return s_malformed (refusal, "Content-Length is not 1 to 10 digits.");
    uint64_t value = 0;
    for (size_t index = 0; index < length.size; index++) {
        if (length.data [index] < '0' || length.data [index] > '9')
            return s_malformed (refusal, "Content-Length is not 1 to 10 digits.");
        value = value * 10 + (uint64_t) (length.data [index] - '0');
    }
    if (value && (self->method == HTTP_GET || self->method == HTTP_HEAD))
        return s_malformed (refusal, "A GET or HEAD has no body here.");
    if (value > HTTP_BODY_MAX)
        return s_refuse (refusal, 413, "too_large", "The body is longer than 1048576 bytes.");
    self->content_length = (size_t) value;
    return 0;
}

static int
s_check_host (const http_head_t *self, http_text_t authority, http_refusal_t *refusal)
{
    http_text_t host = http_head_find (self, "host");
    if (!host.data || host.size == 0)
        return s_malformed (refusal, "There is no Host.");
    for (size_t index = 0; index < host.size; index++) {
        char c = host.data [index];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
              || (c && strchr ("-._:[]", c))))
            return s_malformed (refusal, "Host is not a host with a port.");
    }
    if (authority.data && (authority.size != host.size || strncasecmp (authority.data, host.data, host.size) != 0))
        return s_malformed (refusal, "The target's host is not that of Host.");
    return 0;
}

static int
s_check_connection (http_head_t *self, http_refusal_t *refusal)
{
    for (size_t index = 0; index < self->header_count; index++)
        if (http_text_is_like (self->headers [index].name, "connection")
            && http_list_has (self->headers [index].value, "close"))
            self->keeps_alive = false;

    http_text_t expect = http_head_find (self, "expect");
    self->expects_continue = http_text_is_like (expect, "100-continue");
    if (expect.data && !self->expects_continue)
        return s_refuse (refusal, 417, "expectation_failed", "100-continue alone can be expected.");

    http_text_t upgrade = http_head_find (self, "upgrade");
    if (!upgrade.data)
        return 0;
    self->upgrades = http_text_is_like (upgrade, "websocket") && self->method == HTTP_GET;
    if (!self->upgrades)
        return s_malformed (refusal, "A GET can be upgraded to websocket, and to nothing else.");
    return 0;
}

int
http_head_read (http_head_t *self, const char *data, size_t size, http_refusal_t *ret_refusal)
{
    self->header_count = 0;
    self->content_length = 0;
    self->query = self->path = (http_text_t) { .data = NULL };
    self->upgrades = self->expects_continue = false;
    int rc = s_find_end (data, size, &self->size, ret_refusal);
    if (rc)
        return rc;

    const char *end = data + self->size - 2, *first = memchr (data, '\r', self->size);
    http_text_t authority = { .data = NULL };
    rc = s_read_line (self, data, first, &authority, ret_refusal);
    if (rc == 0)
        rc = s_read_headers (self, first + 2, end, ret_refusal);
    if (rc == 0)
        rc = s_check_singles (self, ret_refusal);
    if (rc == 0)
        rc = s_check_host (self, authority, ret_refusal);
    if (rc == 0)
        rc = s_check_length (self, ret_refusal);
    if (rc == 0)
        rc = s_check_connection (self, ret_refusal);
    return rc;
}
