//  The msgpack cursor against msgpack-c: both must take the same bytes, and read the same values from them.
//
//  Known differences, which are ours by intent: extension types are refused, and msgpack-c counts the depth a little
//  differently near its limit.
#include "fuzz.h"

#include <zooid/msgpack.h>
#include <zooid/record.h>

#include <msgpack.h>
#include <string.h>

//  msgpack-c believes a count and asks for that much memory (5 bytes: 8 GB). Wherever a byte could be such a tag, what
//  follows must not promise more than there is. That is stricter than needed, and shares no code with the cursor.
static bool
s_is_safe_for_msgpack_c (const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t tag = data [i];
        if (tag < 0xdc || tag > 0xdf)
            continue;
        size_t width = tag & 1 ? 4 : 2, count = 0;
        for (size_t j = 1; j <= width && i + j < size; j++)
            count = count << 8 | data [i + j];
        if (count > size - i)
            return false;
    }
    return true;
}

//  Nested depth of an object; *ret_extension: one of them is an extension.
static size_t
s_depth (const msgpack_object *object, bool *ret_extension)
{
    size_t deepest = 0;
    switch (object->type) {
    case MSGPACK_OBJECT_EXT:
        *ret_extension = true;
        return 0;
    case MSGPACK_OBJECT_ARRAY:
        for (uint32_t i = 0; i < object->via.array.size; i++) {
            size_t depth = s_depth (&object->via.array.ptr [i], ret_extension);
            deepest = depth > deepest ? depth : deepest;
        }
        return deepest + 1;
    case MSGPACK_OBJECT_MAP:
        for (uint32_t i = 0; i < object->via.map.size; i++) {
            size_t key = s_depth (&object->via.map.ptr [i].key, ret_extension);
            size_t value = s_depth (&object->via.map.ptr [i].val, ret_extension);
            deepest = key > deepest ? key : deepest;
            deepest = value > deepest ? value : deepest;
        }
        return deepest + 1;
    default:
        return 0;
    }
}

static void
s_compare_bytes (zooid_bytes_t ours, const char *theirs, uint32_t size)
{
    FUZZ_MUST (ours.size == size);
    FUZZ_MUST (!size || memcmp (ours.data, theirs, size) == 0);
}

//  Takes from the cursor what the object says.
static void
s_compare (zooid_cursor_t *cursor, const msgpack_object *object)
{
    zooid_token_t token;
    FUZZ_MUST (zooid_cursor_next (cursor, &token) == 0);
    switch (object->type) {
    case MSGPACK_OBJECT_NIL:
        FUZZ_MUST (token.type == ZOOID_MSGPACK_NIL);
        break;
    case MSGPACK_OBJECT_BOOLEAN:
        FUZZ_MUST (token.type == ZOOID_MSGPACK_BOOLEAN && token.boolean == object->via.boolean);
        break;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        FUZZ_MUST (token.type == (object->via.u64 > INT64_MAX ? ZOOID_MSGPACK_UNSIGNED : ZOOID_MSGPACK_INTEGER));
        FUZZ_MUST ((uint64_t) token.integer == object->via.u64);
        break;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        FUZZ_MUST (token.type == ZOOID_MSGPACK_INTEGER && token.integer == object->via.i64);
        break;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        FUZZ_MUST (token.type == ZOOID_MSGPACK_REAL);
        FUZZ_MUST (token.real == object->via.f64 || (token.real != token.real && object->via.f64 != object->via.f64));
        break;
    case MSGPACK_OBJECT_STR:
        FUZZ_MUST (token.type == ZOOID_MSGPACK_STRING);
        s_compare_bytes (token.bytes, object->via.str.ptr, object->via.str.size);
        break;
    case MSGPACK_OBJECT_BIN:
        FUZZ_MUST (token.type == ZOOID_MSGPACK_BYTES);
        s_compare_bytes (token.bytes, object->via.bin.ptr, object->via.bin.size);
        break;
    case MSGPACK_OBJECT_ARRAY:
        FUZZ_MUST (token.type == ZOOID_MSGPACK_ARRAY && token.count == object->via.array.size);
        for (uint32_t i = 0; i < object->via.array.size; i++)
            s_compare (cursor, &object->via.array.ptr [i]);
        break;
    case MSGPACK_OBJECT_MAP:
        FUZZ_MUST (token.type == ZOOID_MSGPACK_MAP && token.count == object->via.map.size);
        for (uint32_t i = 0; i < object->via.map.size; i++) {
            s_compare (cursor, &object->via.map.ptr [i].key);
            s_compare (cursor, &object->via.map.ptr [i].val);
        }
        break;
    default:
        FUZZ_MUST (object->type == MSGPACK_OBJECT_NIL);     //  Every other type the cursor refuses
    }
}

static void
s_hold_against_msgpack_c (zooid_bytes_t input, bool sound)
{
    msgpack_unpacked result;
    msgpack_unpacked_init (&result);
    size_t used = 0;
    msgpack_unpack_return rc = msgpack_unpack_next (&result, (const char *) input.data, input.size, &used);
    bool taken = rc == MSGPACK_UNPACK_SUCCESS && used == input.size;
    if (taken) {
        bool extension = false;
        size_t depth = s_depth (&result.data, &extension);
        FUZZ_MUST (sound || extension || depth > ZOOID_DEPTH_MAX);
    }
    if (sound && taken) {
        zooid_cursor_t cursor = { input };
        s_compare (&cursor, &result.data);
        FUZZ_MUST (cursor.rest.size == 0);
    }
    //  What the cursor takes, msgpack-c refuses for its depth alone
    FUZZ_MUST (!sound || taken || rc == MSGPACK_UNPACK_NOMEM_ERROR || rc == MSGPACK_UNPACK_PARSE_ERROR);
    msgpack_unpacked_destroy (&result);
}

static void
s_pack_token (const zooid_token_t *token, zooid_buffer_t *out)
{
    switch (token->type) {
    case ZOOID_MSGPACK_NIL:      zooid_pack_nil (out); break;
    case ZOOID_MSGPACK_BOOLEAN:  zooid_pack_boolean (out, token->boolean); break;
    case ZOOID_MSGPACK_INTEGER:  zooid_pack_integer (out, token->integer); break;
    case ZOOID_MSGPACK_UNSIGNED: zooid_pack_integer (out, -1); break;   //  There is no packer of it
    case ZOOID_MSGPACK_REAL:     zooid_pack_real (out, token->real); break;
    case ZOOID_MSGPACK_STRING:   zooid_pack_string (out, (const char *) token->bytes.data, token->bytes.size); break;
    case ZOOID_MSGPACK_BYTES:    zooid_pack_bytes (out, token->bytes.data, token->bytes.size); break;
    case ZOOID_MSGPACK_ARRAY:    zooid_pack_array (out, token->count); break;
    case ZOOID_MSGPACK_MAP:      zooid_pack_map (out, token->count); break;
    case ZOOID_MSGPACK_END:      break;
    }
}

//  All tokens, packed again. It ends: each token takes a byte at least.
static void
s_repack (zooid_bytes_t input, zooid_buffer_t *out)
{
    zooid_cursor_t cursor = { input };
    zooid_token_t token;
    size_t before = cursor.rest.size + 1;
    while (zooid_cursor_next (&cursor, &token) == 0 && token.type != ZOOID_MSGPACK_END) {
        FUZZ_MUST (cursor.rest.size < before);
        FUZZ_MUST (cursor.rest.data + cursor.rest.size == input.data + input.size);
        before = cursor.rest.size;
        s_pack_token (&token, out);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    zooid_bytes_t input = { data, size };
    bool sound = zooid_msgpack_is_sound (input);

    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t once = { 0 };
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t twice = { 0 };
    s_repack (input, &once);
    zooid_bytes_t packed = { once.data, once.size };
    //  What was sound stays so, in its shortest form, which packs to itself
    if (sound) {
        FUZZ_MUST (zooid_msgpack_is_sound (packed));
        s_repack (packed, &twice);
        FUZZ_MUST (once.size == twice.size && memcmp (once.data, twice.data, once.size) == 0);
    }

    zooid_bytes_t value;
    int found = zooid_msgpack_find (input, "a", &value);
    FUZZ_MUST (found == ZOOID_UNKNOWN || zooid_msgpack_is_sound (value));
    zooid_buffer_t json = { 0 };
    if (zooid_json_write (NULL, input, &json) == 0)
        FUZZ_MUST (sound && json.size);
    zooid_buffer_fini (&json);

    if (s_is_safe_for_msgpack_c (data, size))
        s_hold_against_msgpack_c (input, sound);
    return 0;
}
