//  zooid/record.h - a record: a C struct described once, by a table, from which it is encoded, decoded, checked and shown
//
//      typedef struct {
//          zooid_presence_t presence;
//          const char *title;
//          int64_t priority;
//      } article_t;
//
//      static const zooid_field_t article_fields [] = {
//          ZOOID_STRING (article_t, title, .max_length = 200, .doc = "Headline"),
//          ZOOID_INTEGER (article_t, priority, .optional = true, .integers = { true, 0, 9 }, .doc = "9 is most urgent"),
//      };
//      static const zooid_record_t article = ZOOID_RECORD ("article", article_t, article_fields,
//          .presence = ZOOID_PRESENCE (article_t), .doc = "One article");
//
//  A field is required unless it says otherwise. Absent, null and zero are three different things: the presence bits
//  say which. On the wire a record is a msgpack map, names as strings, absent fields left out, unknown ones skipped.
//
//  Tables are constants that are referenced for ever. All calls are [any].
#ifndef ZOOID_RECORD_H
#define ZOOID_RECORD_H

#include <zooid/bytes.h>

//  What a field holds.
typedef enum {              //  C type of the member        msgpack         JSON
    ZOOID_TYPE_BOOLEAN = 1, //  bool                        bool            true, false
    ZOOID_TYPE_INTEGER,     //  int64_t                     int             number up to +-(2^53-1); .decimal: string
    ZOOID_TYPE_REAL,        //  double, finite              float, int      number
    ZOOID_TYPE_STRING,      //  const char *, UTF-8         str             string
    ZOOID_TYPE_ID,          //  const char *, UUID          str             string, lower case
    ZOOID_TYPE_ENUMERATION, //  int32_t, index in .names    str             string
    ZOOID_TYPE_TIMESTAMP,   //  int64_t, ms UTC             int             RFC 3339 string, milliseconds and Z
    ZOOID_TYPE_DURATION,    //  int64_t, ms                 int             number of ms, or "7d", "15m", "30s", "20ms"
    ZOOID_TYPE_BYTES,       //  zooid_bytes_t               bin             base64 string
    ZOOID_TYPE_RECORD,      //  the struct, embedded        map             object
    ZOOID_TYPE_LIST,        //  zooid_list_t                array           array
    ZOOID_TYPE_MAP,         //  zooid_map_t                 map             object
    ZOOID_TYPE_ANY,         //  zooid_any_t                 whatever it is  whatever it is
} zooid_type_t;

//  A list of items of one type.
typedef struct {
    const void *items;      //  `count` members of the item's C type, one behind the other
    size_t count;           //  Items
} zooid_list_t;

//  Values of one type by a key each.
typedef struct {
    const char *const *keys;    //  UTF-8, at most ZOOID_LENGTH_DEFAULT bytes each, none twice
    const void *values;         //  As the items of a list, in the order of the keys
    size_t count;               //  Pairs
} zooid_map_t;

//  A value of whatever type, read and written by zooid/msgpack.h.
typedef struct {
    zooid_bytes_t msgpack;  //  One value. Empty: null
} zooid_any_t;

//  Bit n: field n of the table. A decoded record has them set; before encoding, set those of optional fields you give
//  (ZOOID_SET). Required fields need no bit.
typedef struct {
    uint64_t present;       //  It is there
    uint64_t null;          //  It is there, and null
} zooid_presence_t;

//  Where the gateway takes a field from. ZOOID_IN_DEFAULT: the path when the route's template names it; else query for
//  GET, HEAD and DELETE; else body.
typedef enum { ZOOID_IN_DEFAULT = 0, ZOOID_IN_PATH, ZOOID_IN_QUERY, ZOOID_IN_HEADER, ZOOID_IN_COOKIE, ZOOID_IN_BODY } zooid_place_t;

//  A row of a record's table, and the record. See zooid_field and zooid_record.
typedef struct zooid_field zooid_field_t;
typedef struct zooid_record zooid_record_t;

//  One field, or the item of a list or map. Made by the macros below, which take all but the first four by name.
struct zooid_field {
    const char *name;               //  snake_case, the same in C, msgpack, JSON and REST. An item has none
    zooid_type_t type;              //  What it holds
    size_t offset;                  //  In the struct. Of an item 0
    size_t size;                    //  Of the C type
    bool optional;                  //  May be absent
    bool nullable;                  //  May be null
    bool decimal;                   //  Integer: a decimal string in JSON, all 64 bits
    bool secret;                    //  Never logged or shown; in a topology only a file or a variable
    size_t min_length, max_length;  //  String, bytes: bytes. List, map: entries. max 0: ZOOID_LENGTH_DEFAULT
    struct { bool bounded; int64_t minimum, maximum; } integers;    //  Integer, timestamp, duration
    struct { bool bounded; double minimum, maximum; } reals;        //  Real
    const char *characters;         //  String: those allowed, of printable ASCII, as in brackets: "A-Za-z0-9_-"
    const char *const *names;       //  Enumeration: ends with NULL
    const zooid_record_t *record;   //  Record: its table
    const zooid_field_t *of;        //  List, map: the item (ZOOID_ITEM)
    zooid_place_t in;               //  Where it is in an HTTP request
    const char *header;             //  Name of the header or cookie; NULL: the field's, If-Match for `if_match`
    const char *initial;            //  Settings: the value when absent, as it would stand in the topology
    const char *unit;               //  Shown: "ms", "Cel"; NULL: none
    const char *example;            //  As JSON
    const char *doc;                //  What it is, for those who read descriptions
};

//  The table of a struct. Made by ZOOID_RECORD.
struct zooid_record {
    const char *name;               //  snake_case; shown as PascalCase where types are
    size_t size;                    //  Of the struct
    const zooid_field_t *fields;    //  A row each
    size_t field_count;             //  At most ZOOID_FIELDS_MAX
    size_t presence;                //  ZOOID_PRESENCE (type); 0: no field is optional or nullable
    const char *doc;                //  What it is, for those who read descriptions
};

//  Bytes or entries of a field that has no max_length, containers in containers, fields of a record, violations that
//  are told.
enum { ZOOID_LENGTH_DEFAULT = 4096, ZOOID_DEPTH_MAX = 32, ZOOID_FIELDS_MAX = 64, ZOOID_VIOLATIONS_MAX = 32 };

//  What the macros below are made of. A member of another C type than the one named does not compile.
#define ZOOID_FIELD_(type_, ctype_, record_, member_, ...)                                                        \
    { .name = #member_, .type = (type_),                                                                          \
      .offset = offsetof (record_, member_) + 0 * sizeof (_Generic (((record_ *) 0)->member_, ctype_: 0)),        \
      .size = sizeof (((record_ *) 0)->member_), __VA_ARGS__ }
//  The row of a member. `record` is its struct's type; rules follow by name:
//  `ZOOID_STRING (article_t, title, .max_length = 200)`.
#define ZOOID_BOOLEAN(record, member, ...)     ZOOID_FIELD_ (ZOOID_TYPE_BOOLEAN, bool, record, member, __VA_ARGS__)
#define ZOOID_INTEGER(record, member, ...)     ZOOID_FIELD_ (ZOOID_TYPE_INTEGER, int64_t, record, member, __VA_ARGS__)
#define ZOOID_REAL(record, member, ...)        ZOOID_FIELD_ (ZOOID_TYPE_REAL, double, record, member, __VA_ARGS__)
#define ZOOID_STRING(record, member, ...)      ZOOID_FIELD_ (ZOOID_TYPE_STRING, const char *, record, member, __VA_ARGS__)
#define ZOOID_ID(record, member, ...)          ZOOID_FIELD_ (ZOOID_TYPE_ID, const char *, record, member, __VA_ARGS__)
#define ZOOID_ENUMERATION(record, member, ...) ZOOID_FIELD_ (ZOOID_TYPE_ENUMERATION, int32_t, record, member, __VA_ARGS__)
#define ZOOID_TIMESTAMP(record, member, ...)   ZOOID_FIELD_ (ZOOID_TYPE_TIMESTAMP, int64_t, record, member, __VA_ARGS__)
#define ZOOID_DURATION(record, member, ...)    ZOOID_FIELD_ (ZOOID_TYPE_DURATION, int64_t, record, member, __VA_ARGS__)
#define ZOOID_BYTES(record, member, ...)       ZOOID_FIELD_ (ZOOID_TYPE_BYTES, zooid_bytes_t, record, member, __VA_ARGS__)
#define ZOOID_LIST(record, member, ...)        ZOOID_FIELD_ (ZOOID_TYPE_LIST, zooid_list_t, record, member, __VA_ARGS__)
#define ZOOID_MAP(record, member, ...)         ZOOID_FIELD_ (ZOOID_TYPE_MAP, zooid_map_t, record, member, __VA_ARGS__)
#define ZOOID_ANY(record, member, ...)         ZOOID_FIELD_ (ZOOID_TYPE_ANY, zooid_any_t, record, member, __VA_ARGS__)
//  The row of a struct within the struct. ctype: its C type; .record names its table.
#define ZOOID_EMBEDDED(record, member, ctype, ...) ZOOID_FIELD_ (ZOOID_TYPE_RECORD, ctype, record, member, __VA_ARGS__)
//  What a list or map holds: `.of = ZOOID_ITEM (ZOOID_TYPE_RECORD, reading_t, .record = &reading)`. Never optional or
//  nullable.
#define ZOOID_ITEM(type_, ctype_, ...) &(const zooid_field_t) { .type = (type_), .size = sizeof (ctype_), __VA_ARGS__ }

//  The table of struct ctype_, from its rows; .presence and .doc follow by name.
#define ZOOID_RECORD(name_, ctype_, fields_, ...) \
    { .name = (name_), .size = sizeof (ctype_), .fields = (fields_), .field_count = ZOOID_COUNT (fields_), __VA_ARGS__ }
//  Where a struct has its presence bits: in its member `presence`.
#define ZOOID_PRESENCE(ctype) (offsetof (ctype, presence) + 1)

//  Is the optional or nullable field `member` of *value there, and not null?
#define ZOOID_HAS(record, ctype, value, member) zooid_record_has ((record), (value), offsetof (ctype, member))
//  Say that it is there; its value is then what the member holds.
#define ZOOID_SET(record, ctype, value, member) zooid_record_set ((record), (value), offsetof (ctype, member))
//  Say that it is there and null.
#define ZOOID_SET_NULL(record, ctype, value, member) zooid_record_set_null ((record), (value), offsetof (ctype, member))
//  Is the field at `offset` of *value there, and not null? A required one that is not nullable always is. Here and
//  below an offset that no field has ends the process.
ZOOID_EXPORT bool
    zooid_record_has (const zooid_record_t *record, const void *value, size_t offset);
//  Is it there, and null?
ZOOID_EXPORT bool
    zooid_record_is_null (const zooid_record_t *record, const void *value, size_t offset);
//  What ZOOID_SET calls.
ZOOID_EXPORT void
    zooid_record_set (const zooid_record_t *record, void *value, size_t offset);
//  What ZOOID_SET_NULL calls. The field is a nullable one.
ZOOID_EXPORT void
    zooid_record_set_null (const zooid_record_t *record, void *value, size_t offset);

//  ---- what is wrong with something that came from outside

//  One rule that is broken.
typedef struct {
    const char *pointer;    //  RFC 6901: where it is. "" the whole
    const char *code;       //  required, type, minimum, maximum, length, characters, choice, unknown, syntax, utf8, depth
    const char *detail;     //  A sentence: what is wrong; what would be right
} zooid_violation_t;

//  { 0 } is an empty list. The texts live in the arena that the call was given.
typedef struct {
    zooid_violation_t items [ZOOID_VIOLATIONS_MAX];     //  The first ones
    size_t count;           //  How many there are in `items`
    size_t more;            //  How many there were beyond
} zooid_violations_t;

//  Add one. Every text but `code`, a constant, is copied to the arena, and cut: a pointer at 1024 bytes, a detail at
//  508.
ZOOID_EXPORT void
    zooid_violations_add (zooid_violations_t *self, zooid_arena_t *arena, const char *pointer, const char *code,
                          const char *format, ...) ZOOID_PRINTF (5, 6);

//  ---- struct, msgpack and JSON: from each to the others

//  Is the table itself sound (names, sizes, presence, bounds)? Asked once, when a contract is registered.
//  ZOOID_INVALID: *ret_why (NULL: not wanted) says what is wrong with it, a static or arena text.
ZOOID_EXPORT int
    zooid_record_check (const zooid_record_t *record, zooid_arena_t *arena, const char **ret_why);

//  Append *value to `out` as msgpack. -EINVAL: the value breaks its own record (a defect of the caller: NULL for a
//  required string, a real that is not finite, a list longer than its bound, an integer beyond +-(2^53-1) that is not
//  .decimal). -ENOMEM: memory or the buffer's limit ended. `out` then holds what it did before.
ZOOID_EXPORT int
    zooid_record_encode (const zooid_record_t *record, const void *value, zooid_buffer_t *out);

//  Fill *ret_value, a struct of record->size bytes, from exactly one msgpack value, and check every rule. Strings (with
//  a NUL behind them), lists, maps and bytes are copied to the arena. ZOOID_INVALID: `violations` has all that is wrong
//  (NULL: not wanted). -ENOMEM: memory or the arena's limit ended. *ret_value is then of no use.
ZOOID_EXPORT int
    zooid_record_decode (const zooid_record_t *record, zooid_bytes_t msgpack, zooid_arena_t *arena, void *ret_value,
                         zooid_violations_t *violations);

//  Check without filling a struct. Results as of zooid_record_decode; the arena takes the texts of violations alone.
ZOOID_EXPORT int
    zooid_record_validate (const zooid_record_t *record, zooid_bytes_t msgpack, zooid_arena_t *arena,
                           zooid_violations_t *violations);

//  What happens to a name that no field has.
typedef enum { ZOOID_UNKNOWN_REFUSED = 0, ZOOID_UNKNOWN_SKIPPED } zooid_unknown_t;

//  JSON text (RFC 8259) to checked msgpack, appended to `out`. Duplicate keys and (unless skipped) unknown ones are
//  refused. ZOOID_INVALID as above. -ENOMEM: memory or the buffer's limit ended. `out` then holds what it did before.
ZOOID_EXPORT int
    zooid_json_read (const zooid_record_t *record, const char *text, size_t size, zooid_unknown_t unknown,
                     zooid_arena_t *arena, zooid_buffer_t *out, zooid_violations_t *violations);

//  msgpack to JSON text, appended to `out`, spelled as the record says (NULL: as the value is, bytes as base64,
//  integers beyond +-(2^53-1) as strings). Fields that the record does not have are left out; bounds are not looked at.
//  ZOOID_INVALID: not one sound msgpack value, or not of that record; `out` then holds what it did before. A failure of
//  the buffer shows in its `failed` alone.
ZOOID_EXPORT int
    zooid_json_write (const zooid_record_t *record, zooid_bytes_t msgpack, zooid_buffer_t *out);

//  Any JSON text to msgpack, appended to `out`. ZOOID_INVALID: *ret_why (NULL: not wanted), in the arena, has line,
//  column and what is wrong. -ENOMEM as above.
ZOOID_EXPORT int
    zooid_json_parse (const char *text, size_t size, zooid_arena_t *arena, zooid_buffer_t *out, const char **ret_why);

//  One text (a query parameter, a header, a setting) to the msgpack of one field, appended to `out`. A scalar is
//  spelled as in JSON but without quotes, all else is JSON. ZOOID_INVALID: `violations` say why, at `pointer` and
//  below. -ENOMEM as above.
ZOOID_EXPORT int
    zooid_field_parse (const zooid_field_t *field, const char *text, const char *pointer, zooid_arena_t *arena,
                       zooid_buffer_t *out, zooid_violations_t *violations);

//  JSON Schema 2020-12 of a record, appended to `out`. Embedded records are `$ref`s: `prefix` followed by the
//  PascalCase name, as in "#/components/schemas/". A failure shows in the buffer's `failed`.
ZOOID_EXPORT void
    zooid_record_schema (const zooid_record_t *record, const char *prefix, zooid_buffer_t *out);
//  JSON Schema of one field, as above.
ZOOID_EXPORT void
    zooid_field_schema (const zooid_field_t *field, const char *prefix, zooid_buffer_t *out);
//  The PascalCase name of a record: "article_draft" is "ArticleDraft". In the arena; NULL: it ended.
ZOOID_EXPORT const char *
    zooid_record_title (const zooid_record_t *record, zooid_arena_t *arena);

//  A text as a JSON string, quotes and escapes included, appended to `out`; a byte that is no UTF-8 becomes U+FFFD.
ZOOID_EXPORT void
    zooid_json_quote (const char *text, size_t size, zooid_buffer_t *out);

//  Room for a timestamp: 24 characters and a NUL.
enum { ZOOID_TIMESTAMP_SIZE = 25 };
//  Milliseconds UTC as RFC 3339: "2026-11-22T15:03:56.000Z". What lies outside of the years 0000 to 9999 becomes the
//  nearest that does not.
ZOOID_EXPORT void
    zooid_timestamp_write (int64_t at_ms, char ret_text [ZOOID_TIMESTAMP_SIZE]);
//  RFC 3339, of any offset, as milliseconds UTC; what is finer is cut. ZOOID_INVALID: not RFC 3339.
ZOOID_EXPORT int
    zooid_timestamp_read (const char *text, int64_t *ret_ms);

#endif
