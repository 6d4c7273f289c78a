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
//  A field is required unless it says otherwise. Absent, null and zero are three different things: the presence bits say
//  which. On the wire a record is a msgpack map, names as strings, absent fields left out, unknown ones skipped.
#ifndef ZOOID_RECORD_H
#define ZOOID_RECORD_H

#include <zooid/bytes.h>

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

typedef struct {
    const void *items;      //  Count members of the item's C type, one behind the other
    size_t count;
} zooid_list_t;

typedef struct {
    const char *const *keys;
    const void *values;     //  As the items of a list, in the order of the keys
    size_t count;
} zooid_map_t;

typedef struct {
    zooid_bytes_t msgpack;  //  One value. Empty: null
} zooid_any_t;

//  Bit n: field n of the table. A decoded record has them set; before encoding, set those of optional fields you give
//  (ZOOID_SET). Required fields need no bit.
typedef struct {
    uint64_t present;
    uint64_t null;
} zooid_presence_t;

//  Where the gateway takes a field from. Default: path when the route's template names it; else query for GET, HEAD
//  and DELETE; else body.
typedef enum { ZOOID_IN_DEFAULT = 0, ZOOID_IN_PATH, ZOOID_IN_QUERY, ZOOID_IN_HEADER, ZOOID_IN_COOKIE, ZOOID_IN_BODY } zooid_place_t;

typedef struct zooid_field zooid_field_t;
typedef struct zooid_record zooid_record_t;

struct zooid_field {
    const char *name;
    zooid_type_t type;
    size_t offset;
    size_t size;                    //  Of the C type
    bool optional;                  //  May be absent
    bool nullable;                  //  May be null
    bool decimal;                   //  Integer: a decimal string in JSON, all 64 bits
    bool secret;                    //  Never logged or shown; in a topology only a file or a variable
    size_t min_length, max_length;  //  String, bytes: bytes. List, map: entries. max 0: ZOOID_LENGTH_DEFAULT
    struct { bool bounded; int64_t minimum, maximum; } integers;    //  Integer, timestamp, duration
    struct { bool bounded; double minimum, maximum; } reals;        //  Real
    const char *characters;         //  String: those allowed, as in a bracket expression: "A-Za-z0-9_-"
    const char *const *names;       //  Enumeration: ends with NULL
    const zooid_record_t *record;   //  Record
    const zooid_field_t *of;        //  List, map: the item (ZOOID_ITEM)
    zooid_place_t in;
    const char *header;             //  Header or cookie name, when not the field's
    const char *initial;            //  Settings: the value when absent, as it would stand in the topology
    const char *unit;
    const char *example;            //  As JSON
    const char *doc;
};

struct zooid_record {
    const char *name;               //  snake_case; shown as PascalCase where types are
    size_t size;
    const zooid_field_t *fields;
    size_t field_count;             //  At most 64
    size_t presence;                //  ZOOID_PRESENCE (type); 0: no field is optional or nullable
    const char *doc;
};

enum { ZOOID_LENGTH_DEFAULT = 4096, ZOOID_DEPTH_MAX = 32, ZOOID_FIELDS_MAX = 64, ZOOID_VIOLATIONS_MAX = 32 };

//  A member of another C type than the one named does not compile.
#define ZOOID_FIELD_(type_, ctype_, record_, member_, ...)                                                        \
    { .name = #member_, .type = (type_),                                                                          \
      .offset = offsetof (record_, member_) + 0 * sizeof (_Generic (((record_ *) 0)->member_, ctype_: 0)),        \
      .size = sizeof (((record_ *) 0)->member_), __VA_ARGS__ }
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
//  ctype: the C type of the embedded struct; .record names its table.
#define ZOOID_EMBEDDED(record, member, ctype, ...) ZOOID_FIELD_ (ZOOID_TYPE_RECORD, ctype, record, member, __VA_ARGS__)
//  What a list or map holds: .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, reading_t, .record = &reading)
#define ZOOID_ITEM(type_, ctype_, ...) &(const zooid_field_t) { .type = (type_), .size = sizeof (ctype_), __VA_ARGS__ }

#define ZOOID_RECORD(name_, ctype_, fields_, ...) \
    { .name = (name_), .size = sizeof (ctype_), .fields = (fields_), .field_count = ZOOID_COUNT (fields_), __VA_ARGS__ }
#define ZOOID_PRESENCE(ctype) (offsetof (ctype, presence) + 1)

//  Is the optional or nullable field `member` of *value there, and not null?
#define ZOOID_HAS(record, ctype, value, member) zooid_record_has ((record), (value), offsetof (ctype, member))
//  Say that it is there; its value is then what the member holds.
#define ZOOID_SET(record, ctype, value, member) zooid_record_set ((record), (value), offsetof (ctype, member))
//  Say that it is there and null.
#define ZOOID_SET_NULL(record, ctype, value, member) zooid_record_set_null ((record), (value), offsetof (ctype, member))
ZOOID_EXPORT bool
    zooid_record_has (const zooid_record_t *record, const void *value, size_t offset);
ZOOID_EXPORT bool
    zooid_record_is_null (const zooid_record_t *record, const void *value, size_t offset);
ZOOID_EXPORT void
    zooid_record_set (const zooid_record_t *record, void *value, size_t offset);
ZOOID_EXPORT void
    zooid_record_set_null (const zooid_record_t *record, void *value, size_t offset);

//  ---- what is wrong with something that came from outside

typedef struct {
    const char *pointer;    //  RFC 6901: where it is. "" the whole
    const char *code;       //  required, type, minimum, maximum, length, characters, choice, unknown, syntax, utf8, depth
    const char *detail;     //  A sentence: what is wrong; what would be right
} zooid_violation_t;

//  { 0 } is an empty list. The texts live in the arena that the call was given.
typedef struct {
    zooid_violation_t items [ZOOID_VIOLATIONS_MAX];
    size_t count;           //  Those past the maximum are counted in `more`
    size_t more;
} zooid_violations_t;

//  Add one; every text but `code` is copied to the arena.
ZOOID_EXPORT void
    zooid_violations_add (zooid_violations_t *self, zooid_arena_t *arena, const char *pointer, const char *code,
                          const char *format, ...) ZOOID_PRINTF (5, 6);

//  ---- struct <-> msgpack <-> JSON. All [any].

//  Is the table itself sound (names, sizes, presence, bounds)? Asked once, when a contract is registered.
//  ZOOID_INVALID: *ret_why says what is wrong with it (a static or arena text).
ZOOID_EXPORT int
    zooid_record_check (const zooid_record_t *record, zooid_arena_t *arena, const char **ret_why);

//  Append *value to `out` as msgpack. -EINVAL: the value breaks its own record (a defect of the caller: NULL for a
//  required string, a real that is not finite, a list longer than its bound, an integer beyond +-(2^53-1) that is not
//  .decimal). -ENOMEM: memory or the buffer's limit ended. `out` is then as before.
ZOOID_EXPORT int
    zooid_record_encode (const zooid_record_t *record, const void *value, zooid_buffer_t *out);

//  Fill *ret_value, a struct of record->size bytes, from exactly one msgpack value, and check every rule. Strings,
//  lists and bytes are copied to the arena. ZOOID_INVALID: `violations` has all that is wrong (NULL: not wanted).
ZOOID_EXPORT int
    zooid_record_decode (const zooid_record_t *record, zooid_bytes_t msgpack, zooid_arena_t *arena, void *ret_value,
                         zooid_violations_t *violations);

//  Check without filling a struct. As zooid_record_decode.
ZOOID_EXPORT int
    zooid_record_validate (const zooid_record_t *record, zooid_bytes_t msgpack, zooid_arena_t *arena,
                           zooid_violations_t *violations);

typedef enum { ZOOID_UNKNOWN_REFUSED = 0, ZOOID_UNKNOWN_SKIPPED } zooid_unknown_t;

//  JSON text to checked msgpack, appended to `out`. Duplicate keys and (unless skipped) unknown ones are refused.
//  ZOOID_INVALID as above.
ZOOID_EXPORT int
    zooid_json_read (const zooid_record_t *record, const char *text, size_t size, zooid_unknown_t unknown,
                     zooid_arena_t *arena, zooid_buffer_t *out, zooid_violations_t *violations);

//  msgpack to JSON text, appended to `out`, spelled as the record says (NULL: as the value is). ZOOID_INVALID: not one
//  sound msgpack value, or not of that record.
ZOOID_EXPORT int
    zooid_json_write (const zooid_record_t *record, zooid_bytes_t msgpack, zooid_buffer_t *out);

//  Any JSON text to msgpack. ZOOID_INVALID: *ret_why, in the arena, has line, column and what is wrong.
ZOOID_EXPORT int
    zooid_json_parse (const char *text, size_t size, zooid_arena_t *arena, zooid_buffer_t *out, const char **ret_why);

//  One text (a query parameter, a header, a setting) to the msgpack of one field. ZOOID_INVALID as above, at `pointer`.
ZOOID_EXPORT int
    zooid_field_parse (const zooid_field_t *field, const char *text, const char *pointer, zooid_arena_t *arena,
                       zooid_buffer_t *out, zooid_violations_t *violations);

//  JSON Schema 2020-12 of a record, appended to `out`. Embedded records are `$ref`s: `prefix` followed by the PascalCase
//  name, as in "#/components/schemas/".
ZOOID_EXPORT void
    zooid_record_schema (const zooid_record_t *record, const char *prefix, zooid_buffer_t *out);
//  JSON Schema of one field, as above.
ZOOID_EXPORT void
    zooid_field_schema (const zooid_field_t *field, const char *prefix, zooid_buffer_t *out);
//  The PascalCase name of a record: "article_draft" is "ArticleDraft". In the arena.
ZOOID_EXPORT const char *
    zooid_record_title (const zooid_record_t *record, zooid_arena_t *arena);

//  JSON string escapes, with the quotes.
ZOOID_EXPORT void
    zooid_json_quote (const char *text, size_t size, zooid_buffer_t *out);

//  Milliseconds UTC <-> RFC 3339. The text has 24 characters and a NUL: "2026-11-22T15:03:56.000Z".
enum { ZOOID_TIMESTAMP_SIZE = 25 };
ZOOID_EXPORT void
    zooid_timestamp_write (int64_t at_ms, char ret_text [ZOOID_TIMESTAMP_SIZE]);
//  ZOOID_INVALID: not RFC 3339.
ZOOID_EXPORT int
    zooid_timestamp_read (const char *text, int64_t *ret_ms);

#endif
