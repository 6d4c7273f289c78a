//  libfyaml's events, taken into a tree of our own. Its documents would do for reading, but not for what comes after:
//  every value has to keep its file, line and column when a --set has put it into another document, and duplicate keys
//  have to be shown with both places. An alias shares the value of its anchor, so that the tree is a graph without
//  cycles: an anchor is known only when its value is complete.
#include "document.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <libfyaml.h>

typedef struct {
    const char *name;
    value_t *value;
} anchor_t;

typedef struct {
    const char *name;
    zooid_arena_t *arena;
    report_t *report;
    struct fy_parser *parser;
    anchor_t anchors [64];
    size_t anchor_count;
    bool failed;
} reader_t;

//  What libfyaml says shortest, said longer.
static const struct { const char *said, *meant; } hints [] = {
    { "invalid multiline plain key", "this value goes on in the next line; indent that line as its neighbours, with spaces, or quote the value" },
    { "invalid nested block mapping on the same line", "`key: value` inside a value; put it on a line of its own or quote the text" },
    { "double-quoted scalar without closing quote", "a text without its closing `\"`; add one" },
    { "single-quoted scalar without closing quote", "a text without its closing `'`; add one" },
    { "missing comma in flow mapping", "a `,` or the closing `}` is missing; add it" },
    { "missing comma in flow sequence", "a `,` or the closing `]` is missing; add it" },
    { "flow sequence without a closing bracket", "a list without its closing `]`; add one" },
    { "flow mapping without a closing brace", "a map without its closing `}`; add one" },
};

static const char *
s_hint (const char *said)
{
    for (size_t i = 0; i < ZOOID_COUNT (hints); i++)
        if (strcmp (hints [i].said, said) == 0)
            return hints [i].meant;
    return NULL;
}

//  What is missing at the end is missing behind the last character, not in the line below it.
static place_t
s_within (const reader_t *self, place_t at, const char *text, size_t size)
{
    unsigned line = 1;
    size_t start = 0;
    while (size && text [size - 1] == '\n')
        size--;
    for (size_t i = 0; i < size; i++)
        if (text [i] == '\n') {
            line++;
            start = i + 1;
        }
    return at.line > line ? (place_t) { self->name, line, (unsigned) (size - start) + 1 } : at;
}

static void
s_take_diagnostics (reader_t *self, struct fy_diag *diagnostics, const char *text, size_t size)
{
    void *previous = NULL;
    const struct fy_diag_error *error;
    while ((error = fy_diag_errors_iterate (diagnostics, &previous))) {
        place_t at = { self->name, error->line > 0 ? (unsigned) error->line : 1,
                       error->column > 0 ? (unsigned) error->column : 1 };
        at = s_within (self, at, text, size);
        const char *hint = s_hint (error->msg);
        if (hint)
            report_add (self->report, at, "%s", hint);
        else
            report_add (self->report, at, "not YAML: %s; see the line before, too", error->msg);
        self->failed = true;
    }
}

static place_t
s_place (const reader_t *self, struct fy_event *event, place_t fallback)
{
    const struct fy_mark *mark = fy_event_start_mark (event);
    if (!mark)
        return fallback;
    //  Of a quoted text the mark is behind the quote.
    struct fy_token *token = event->type == FYET_SCALAR ? fy_event_get_token (event) : NULL;
    enum fy_scalar_style style = token ? fy_scalar_token_get_style (token) : FYSS_PLAIN;
    bool quoted = (style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) && mark->column > 0;
    return (place_t) { self->name, (unsigned) mark->line + 1, (unsigned) mark->column + (quoted ? 0 : 1) };
}

static bool
s_is_null (const char *text, size_t size)
{
    static const char *const names [] = { "", "~", "null", "Null", "NULL" };
    for (size_t i = 0; i < ZOOID_COUNT (names); i++)
        if (strlen (names [i]) == size && memcmp (names [i], text, size) == 0)
            return true;
    return false;
}

static void *
s_take (size_t size, zooid_arena_t *arena)
{
    void *memory = zooid_arena_take (arena, size);
    if (!memory)
        abort ();           //  The arena has no limit, the text has
    return memory;
}

static value_t *
s_read_scalar (reader_t *self, struct fy_event *event, place_t at)
{
    value_t *value = s_take (sizeof *value, self->arena);
    *value = (value_t) { .at = at };
    struct fy_token *token = fy_event_get_token (event);
    size_t size = 0;
    const char *text = token ? fy_token_get_text (token, &size) : NULL;
    if (!text)
        return value;
    value->quoted = fy_scalar_token_get_style (token) != FYSS_PLAIN;
    if (!value->quoted && s_is_null (text, size))
        return value;
    value->kind = VALUE_SCALAR;
    value->text = zooid_arena_copy (self->arena, text, size);
    value->size = size;
    if (strlen (value->text) != size) {
        report_add (self->report, at, "a text with a NUL character; leave it out");
        self->failed = true;
    }
    return value;
}

static value_t *
s_read_alias (reader_t *self, struct fy_event *event, place_t at)
{
    size_t size = 0;
    const char *text = fy_token_get_text (fy_event_get_token (event), &size);
    for (size_t i = 0; text && i < self->anchor_count; i++)
        if (strlen (self->anchors [i].name) == size && memcmp (self->anchors [i].name, text, size) == 0)
            return self->anchors [i].value;
    report_add (self->report, at, "no anchor `&%.*s` stands before this; write one, or the value itself", (int) size,
                text ? text : "");
    self->failed = true;
    value_t *value = s_take (sizeof *value, self->arena);
    *value = (value_t) { .at = at };
    return value;
}

static void
s_keep_anchor (reader_t *self, const char *name, value_t *value, place_t at)
{
    if (self->anchor_count < ZOOID_COUNT (self->anchors)) {
        self->anchors [self->anchor_count++] = (anchor_t) { name, value };
        return;
    }
    report_add (self->report, at, "more than %zu anchors; write the values out", ZOOID_COUNT (self->anchors));
    self->failed = true;
}

static value_t *
s_read_value (reader_t *self, struct fy_event *event, place_t fallback, unsigned depth);

//  Members that are not yet counted.
typedef struct {
    member_t *items;
    size_t count, capacity;
} gathering_t;

static void
s_gather (gathering_t *self, member_t member)
{
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? 2 * self->capacity : 16;
        self->items = realloc (self->items, self->capacity * sizeof self->items [0]);
        if (!self->items)
            abort ();
    }
    self->items [self->count++] = member;
}

static void
s_check_key (reader_t *self, const gathering_t *members, const value_t *key)
{
    if (key->kind != VALUE_SCALAR) {
        report_add (self->report, key->at, "a key that is %s; a key is a text", value_kind_text (key));
        self->failed = true;
        return;
    }
    if (!key->quoted && strcmp (key->text, "<<") == 0) {
        report_add (self->report, key->at,
                    "merge keys (`<<`) are not read; use an alias for the whole value, or write it out");
        self->failed = true;
    }
    for (size_t i = 0; i < members->count; i++)
        if (strcmp (members->items [i].key, key->text) == 0) {
            report_add (self->report, key->at, "`%s` is there twice, first in line %u; remove one", key->text,
                        members->items [i].at.line);
            self->failed = true;
        }
}

static void
s_read_members (reader_t *self, value_t *value, unsigned depth)
{
    bool map = value->kind == VALUE_MAP;
    gathering_t members = { 0 };
    struct fy_event *event;
    while ((event = fy_parser_parse (self->parser))) {
        if (event->type == (map ? FYET_MAPPING_END : FYET_SEQUENCE_END)) {
            fy_parser_event_free (self->parser, event);
            break;
        }
        member_t member = { .value = s_read_value (self, event, value->at, depth) };
        member.at = member.value->at;
        if (map) {
            const value_t *key = member.value;
            s_check_key (self, &members, key);
            member.key = key->text ? key->text : "";
            if (!(event = fy_parser_parse (self->parser)))
                break;
            member.value = s_read_value (self, event, key->at, depth);
        }
        s_gather (&members, member);
    }
    value->count = members.count;
    value->members = s_take ((members.count + 1) * sizeof members.items [0], self->arena);
    if (members.count)
        memcpy (value->members, members.items, members.count * sizeof members.items [0]);
    free (members.items);
}

//  Takes the event. Never NULL.
static value_t *
s_read_value (reader_t *self, struct fy_event *event, place_t fallback, unsigned depth)
{
    place_t at = s_place (self, event, fallback);
    enum fy_event_type type = event->type;
    const char *anchor = NULL;
    struct fy_token *token = type == FYET_ALIAS ? NULL : fy_event_get_anchor_token (event);
    if (token) {
        size_t size = 0;
        const char *text = fy_token_get_text (token, &size);
        anchor = text ? zooid_arena_copy (self->arena, text, size) : NULL;
    }
    if (type != FYET_ALIAS && fy_event_get_tag_token (event)) {
        report_add (self->report, at, "tags (`!`) are not read; leave it out");
        self->failed = true;
    }
    value_t *value;
    if (type == FYET_SCALAR)
        value = s_read_scalar (self, event, at);
    else if (type == FYET_ALIAS)
        value = s_read_alias (self, event, at);
    else {
        value = s_take (sizeof *value, self->arena);
        *value = (value_t) { .at = at, .kind = type == FYET_MAPPING_START ? VALUE_MAP : VALUE_LIST };
    }
    fy_parser_event_free (self->parser, event);
    if (type == FYET_MAPPING_START || type == FYET_SEQUENCE_START) {
        if (depth == DOCUMENT_DEPTH_MAX) {
            report_add (self->report, at, "nested deeper than %d; flatten it", DOCUMENT_DEPTH_MAX);
            self->failed = true;
        }
        s_read_members (self, value, depth + 1);
    }
    if (anchor)
        s_keep_anchor (self, anchor, value, at);
    return value;
}

static value_t *
s_read_stream (reader_t *self)
{
    value_t *root = NULL;
    struct fy_event *event;
    while ((event = fy_parser_parse (self->parser))) {
        place_t at = s_place (self, event, (place_t) { self->name, 1, 1 });
        switch (event->type) {
        case FYET_NONE:
        case FYET_STREAM_START:
        case FYET_STREAM_END:
        case FYET_DOCUMENT_START:
        case FYET_DOCUMENT_END:
            fy_parser_event_free (self->parser, event);
            break;
        default:
            if (root) {
                report_add (self->report, at, "a second document; one is read: remove the `---` before it");
                self->failed = true;
            }
            root = s_read_value (self, event, at, 0);
        }
    }
    return root;
}

//  The parser ends at some bytes, a NUL among them, as if the text ended there. Nothing is what has blanks, comments
//  and markers of a document alone.
static bool
s_is_nothing (const char *text, size_t size)
{
    for (size_t start = 0; start < size;) {
        const char *line = text + start, *end = memchr (line, '\n', size - start);
        size_t length = end ? (size_t) (end - line) : size - start;
        start += length + 1;
        bool marker = length >= 3 && (memcmp (line, "---", 3) == 0 || memcmp (line, "...", 3) == 0);
        for (size_t i = marker ? 3 : 0; i < length && line [i] != '#' && line [0] != '%'; i++)
            if (line [i] != ' ' && line [i] != '\t' && line [i] != '\r')
                return false;
    }
    return true;
}

int
document_read (const char *name, const char *text, size_t size, zooid_arena_t *arena, report_t *report,
               value_t **ret_value)
{
    place_t start = { name, 1, 1 };
    if (size > DOCUMENT_SIZE_MAX) {
        report_add (report, start, "%zu bytes; at most %d are read", size, DOCUMENT_SIZE_MAX);
        return ZOOID_INVALID;
    }
    struct fy_diag_cfg how = { 0 };
    fy_diag_cfg_default (&how);
    how.fp = NULL;
    how.colorize = false;
    struct fy_diag *diagnostics = fy_diag_create (&how);
    if (!diagnostics)
        return zooid_fault (-ENOMEM);
    fy_diag_set_collect_errors (diagnostics, true);
    const struct fy_parse_cfg configuration = { .flags = FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE,
                                                .diag = diagnostics };
    reader_t self = { .name = name, .arena = arena, .report = report, .parser = fy_parser_create (&configuration) };
    if (!self.parser || fy_parser_set_string (self.parser, text, size)) {
        fy_parser_destroy (self.parser);
        fy_diag_destroy (diagnostics);
        return zooid_fault (-ENOMEM);
    }
    value_t *root = size ? s_read_stream (&self) : NULL;
    s_take_diagnostics (&self, diagnostics, text, size);
    if (!self.failed && (memchr (text, 0, size) || (!root && !s_is_nothing (text, size)))) {
        report_add (report, start, "no YAML: bytes that are no text; write a map, `key: value` lines");
        self.failed = true;
    }
    fy_parser_destroy (self.parser);
    fy_diag_destroy (diagnostics);
    if (self.failed)
        return ZOOID_INVALID;
    if (!root) {
        root = s_take (sizeof *root, arena);
        *root = (value_t) { .at = start };
    }
    *ret_value = root;
    return 0;
}

value_t *
value_new_scalar (zooid_arena_t *arena, place_t at, const char *text)
{
    value_t *value = s_take (sizeof *value, arena);
    *value = (value_t) { .kind = VALUE_SCALAR, .at = at, .text = text, .size = strlen (text), .quoted = true };
    return value;
}

static member_t *
s_find (const value_t *self, const char *key, size_t size)
{
    for (size_t i = 0; self->kind == VALUE_MAP && i < self->count; i++)
        if (strlen (self->members [i].key) == size && memcmp (self->members [i].key, key, size) == 0)
            return &self->members [i];
    return NULL;
}

const member_t *
value_find (const value_t *self, const char *key)
{
    return s_find (self, key, strlen (key));
}

//  An item's number, or count when the segment is none.
static size_t
s_item_index (const value_t *list, const char *segment, size_t size)
{
    size_t index = 0;
    if (size == 0 || size > 6)
        return list->count;
    for (size_t i = 0; i < size; i++) {
        if (segment [i] < '0' || segment [i] > '9')
            return list->count;
        index = 10 * index + (size_t) (segment [i] - '0');
    }
    return index < list->count ? index : list->count;
}

static member_t *
s_step (const value_t *self, const char *segment, size_t size)
{
    if (self->kind == VALUE_MAP)
        return s_find (self, segment, size);
    if (self->kind == VALUE_LIST) {
        size_t index = s_item_index (self, segment, size);
        return index < self->count ? &self->members [index] : NULL;
    }
    return NULL;
}

place_t
value_place (const value_t *self, const char *pointer)
{
    place_t at = self->at;
    while (*pointer == '/') {
        char segment [256];
        size_t size = 0;
        for (pointer++; *pointer && *pointer != '/'; pointer++) {
            char next = *pointer;
            if (next == '~' && (pointer [1] == '0' || pointer [1] == '1'))
                next = *++pointer == '0' ? '~' : '/';
            if (size < sizeof segment)
                segment [size++] = next;
        }
        const member_t *member = s_step (self, segment, size);
        if (!member)
            break;
        self = member->value;
        at = self->at;
    }
    return at;
}

const char *
value_kind_text (const value_t *self)
{
    static const char *const names [] = { "nothing", "a text", "a list", "a map" };
    return names [self->kind];
}

static value_t *
s_add_member (value_t *map, const char *key, place_t at, zooid_arena_t *arena)
{
    member_t *members = s_take ((map->count + 1) * sizeof *members, arena);
    if (map->count)
        memcpy (members, map->members, map->count * sizeof *members);
    value_t *value = s_take (sizeof *value, arena);
    *value = (value_t) { .at = at };
    members [map->count] = (member_t) { .key = key, .at = at, .value = value };
    map->members = members;
    map->count++;
    map->kind = VALUE_MAP;
    return value;
}

//  An alias shares its value: what is changed is changed for this path alone.
static value_t *
s_own (member_t *member, zooid_arena_t *arena)
{
    value_t *copy = s_take (sizeof *copy, arena);
    *copy = *member->value;
    copy->members = s_take ((copy->count + 1) * sizeof *copy->members, arena);
    if (copy->count)
        memcpy (copy->members, member->value->members, copy->count * sizeof *copy->members);
    member->value = copy;
    return copy;
}

int
document_set (value_t *root, const char *assignment, zooid_arena_t *arena, report_t *report)
{
    const char *equals = strchr (assignment, '=');
    if (!equals || equals == assignment) {
        report_add (report, (place_t) { .file = "--set" },
                    "no `path=value`; for example actors.gateway.public_url=http://localhost");
        return ZOOID_INVALID;
    }
    const char *path = zooid_arena_copy (arena, assignment, (size_t) (equals - assignment));
    const char *name = zooid_arena_format (arena, "--set %s", path);
    value_t *value = NULL;
    int rc = document_read (name, equals + 1, strlen (equals + 1), arena, report, &value);
    if (rc)
        return rc;
    place_t at = { name, 1, 1 };
    value_t *self = root;
    while (true) {
        size_t size = strcspn (path, ".");
        if (size == 0) {
            report_add (report, (place_t) { .file = name },
                        "an empty name in the path; it reads like actors.gateway.listen");
            return ZOOID_INVALID;
        }
        member_t *member = s_step (self, path, size);
        if (member)
            self = s_own (member, arena);
        else if (self->kind == VALUE_MAP || self->kind == VALUE_NULL)
            self = s_add_member (self, zooid_arena_copy (arena, path, size), at, arena);
        else {
            report_add (report, (place_t) { .file = name }, "`%.*s` can not be set within %s; set the whole instead",
                        (int) size, path, value_kind_text (self));
            return ZOOID_INVALID;
        }
        path += size;
        if (*path++ == 0)
            break;
    }
    *self = *value;
    return 0;
}
