//  page.c - a cursor is base64url of: 8 bytes of hash over the filters, then the place as msgpack
//
//  The hash is FNV-1a over the encoded arguments without `limit` and `cursor`, pair by pair in the order of the
//  record's table. It guards against mistakes, not against malice: whoever forges a cursor gets a page that he could
//  ask for anyway.
#include <zooid/page.h>

#include <string.h>
#include <zooid/msgpack.h>

enum { HASH_SIZE = 8 };

static const char s_digits [] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static uint64_t
s_hash (uint64_t hash, zooid_bytes_t bytes)
{
    for (size_t i = 0; i < bytes.size; i++)
        hash = (hash ^ bytes.data [i]) * 0x100000001b3u;
    return hash;
}

static bool
s_is_paging (zooid_bytes_t name)
{
    return (name.size == 5 && memcmp (name.data, "limit", 5) == 0)
        || (name.size == 6 && memcmp (name.data, "cursor", 6) == 0);
}

//  -EINVAL: the arguments break their own record.
static int
s_hash_filters (const zooid_record_t *takes, const void *arguments, uint64_t *ret_hash)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t encoded = { 0 };
    int rc = zooid_record_encode (takes, arguments, &encoded);
    if (rc)
        return rc;
    zooid_cursor_t cursor = { { encoded.data, encoded.size } };
    zooid_token_t map;
    rc = zooid_cursor_next (&cursor, &map);
    uint64_t hash = s_hash (0xcbf29ce484222325u, (zooid_bytes_t) { (const uint8_t *) takes->name,
                                                                   strlen (takes->name) });
    for (size_t i = 0; rc == 0 && i < map.count; i++) {
        zooid_token_t name;
        zooid_bytes_t value = { 0 };
        rc = zooid_cursor_next (&cursor, &name);
        if (rc == 0)
            rc = zooid_cursor_skip (&cursor, &value);
        if (rc == 0 && !s_is_paging (name.bytes))
            hash = s_hash (s_hash (hash, name.bytes), value);
    }
    *ret_hash = hash;
    return rc;
}

//  Without padding.
static void
s_write_base64 (const uint8_t *data, size_t size, char *text)
{
    for (size_t i = 0; i < size; i += 3) {
        uint32_t group = (uint32_t) data [i] << 16;
        if (i + 1 < size)
            group |= (uint32_t) data [i + 1] << 8;
        if (i + 2 < size)
            group |= data [i + 2];
        size_t digits = size - i >= 3 ? 4 : size - i + 1;
        for (size_t digit = 0; digit < digits; digit++)
            *text++ = s_digits [group >> (18 - 6 * digit) & 63];
    }
    *text = 0;
}

//  Returns the bytes written, SIZE_MAX when the text is not base64url in its only spelling.
static size_t
s_read_base64 (const char *text, size_t length, uint8_t *data)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t size = 0;
    for (size_t i = 0; i < length; i++) {
        const char *digit = strchr (s_digits, text [i]);
        if (!digit)
            return SIZE_MAX;
        bits = bits << 6 | (uint32_t) (digit - s_digits);
        held += 6;
        if (held >= 8) {
            held -= 8;
            data [size++] = (uint8_t) (bits >> held);
            bits &= (1u << held) - 1;
        }
    }
    return held == 6 || bits ? SIZE_MAX : size;
}

const char *
zooid_page_cursor (const zooid_record_t *takes, const void *arguments, const zooid_record_t *place, const void *value,
             zooid_arena_t *arena)
{
    uint64_t hash;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t bytes = { .limit = ZOOID_PAGE_CURSOR_MAX / 4 * 3 };
    if (s_hash_filters (takes, arguments, &hash))
        return NULL;
    zooid_buffer_append (&bytes, &hash, HASH_SIZE);
    if (zooid_record_encode (place, value, &bytes) || bytes.failed)
        return NULL;
    char *text = zooid_arena_take (arena, (bytes.size + 2) / 3 * 4 + 1);
    if (text)
        s_write_base64 (bytes.data, bytes.size, text);
    return text;
}

int
zooid_page_place (const zooid_record_t *takes, const void *arguments, const char *cursor, const zooid_record_t *place,
            zooid_arena_t *arena, void *ret_value)
{
    size_t length = strlen (cursor);
    if (length > ZOOID_PAGE_CURSOR_MAX)
        return ZOOID_INVALID;
    uint8_t data [ZOOID_PAGE_CURSOR_MAX];
    size_t size = s_read_base64 (cursor, length, data);
    uint64_t hash;
    int rc = s_hash_filters (takes, arguments, &hash);
    if (rc)
        return zooid_fault (rc);
    if (size == SIZE_MAX || size < HASH_SIZE || memcmp (data, &hash, HASH_SIZE) != 0)
        return ZOOID_INVALID;
    return zooid_record_decode (place, (zooid_bytes_t) { data + HASH_SIZE, size - HASH_SIZE }, arena, ret_value, NULL);
}
