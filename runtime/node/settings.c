//  The walk goes by the table, not by the text: fields in their order, each from the text, else its initial value, else
//  left out. Scalars are parsed by zooid_field_parse, which knows durations, enumerations and the rest; what it refuses
//  is reported at once and packed as null, and the final zooid_record_validate may not speak of that place again.
#include "settings.h"
#include "nearest.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zooid/msgpack.h>

typedef struct {
    const settings_t *how;
    const value_t *root;
    zooid_arena_t *arena;
    report_t *report;
    zooid_buffer_t *out;
    const char *spoken [ZOOID_VIOLATIONS_MAX];  //  Pointers that validation may not speak of
    size_t spoken_count;
    bool failed;
} walk_t;

static void
s_pack_value (walk_t *self, const zooid_field_t *field, const value_t *value, const char *pointer);

//  "/routes/a~1b" is shown as `routes.a/b`.
static const char *
s_shown (const walk_t *self, const char *pointer)
{
    char *text = zooid_arena_copy (self->arena, pointer, strlen (pointer));
    char *end = text;
    for (const char *next = pointer + (*pointer == '/'); *next; next++) {
        if (*next == '~' && next [1])
            *end++ = *++next == '0' ? '~' : '/';
        else
            *end++ = *next == '/' ? '.' : *next;
    }
    *end = 0;
    return text;
}

static const char *
s_pointer (const walk_t *self, const char *base, const char *key)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t text = { 0 };
    for (; *key; key++)
        if (*key == '~')
            zooid_buffer_text (&text, "~0");
        else if (*key == '/')
            zooid_buffer_text (&text, "~1");
        else
            zooid_buffer_append (&text, key, 1);
    return zooid_arena_format (self->arena, "%s/%s", base, zooid_buffer_string (&text));
}

static void
s_silence (walk_t *self, const char *pointer)
{
    if (self->spoken_count < ZOOID_COUNT (self->spoken))
        self->spoken [self->spoken_count++] = pointer;
}

static bool
s_is_silenced (const walk_t *self, const char *pointer)
{
    for (size_t i = 0; i < self->spoken_count; i++) {
        size_t size = strlen (self->spoken [i]);
        if (strncmp (pointer, self->spoken [i], size) == 0 && (pointer [size] == 0 || pointer [size] == '/'))
            return true;
    }
    return false;
}

static void
s_take_violations (walk_t *self, const zooid_violations_t *violations, place_t fallback)
{
    for (size_t i = 0; i < violations->count; i++) {
        const zooid_violation_t *violation = &violations->items [i];
        if (s_is_silenced (self, violation->pointer))
            continue;
        place_t at = fallback.line ? fallback : value_place (self->root, violation->pointer);
        if (*violation->pointer)
            report_add (self->report, at, "`%s` %s", s_shown (self, violation->pointer), violation->detail);
        else
            report_add (self->report, at, "%s %s", self->how->subject, violation->detail);
        self->failed = true;
    }
}

//  ---- secrets

//  The text of a file without its last line break. NULL: it was reported.
static char *
s_read_secret_file (walk_t *self, const value_t *value, const char *pointer)
{
    const char *path = value->text;
    if (*path != '/' && *self->how->folder)
        path = zooid_arena_format (self->arena, "%s/%s", self->how->folder, path);
    int file = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    char *text = NULL;
    if (file == -1 || fstat (file, &status))
        report_add (self->report, value->at, "`%s`: the secret's file %s: %s; make it, readable by this user alone",
                    s_shown (self, pointer), path, strerror (errno));
    else if (!S_ISREG (status.st_mode) || status.st_size > SECRET_SIZE_MAX)
        report_add (self->report, value->at,
                    "`%s`: the secret's file %s is no file of at most %d bytes; name one that is",
                    s_shown (self, pointer), path, SECRET_SIZE_MAX);
    else {
        size_t size = 0;
        ssize_t part;
        text = zooid_allocate (SECRET_SIZE_MAX + 1);
        while (size < SECRET_SIZE_MAX && (part = read (file, text + size, SECRET_SIZE_MAX - size)) > 0)
            size += (size_t) part;
        if (size && text [size - 1] == '\n')
            text [--size] = 0;
        if (size && text [size - 1] == '\r')
            text [--size] = 0;
    }
    if (file != -1)
        close (file);
    return text;
}

static char *
s_read_secret_variable (walk_t *self, const value_t *value, const char *pointer)
{
    const char *text = getenv (value->text);
    if (text)
        return zooid_duplicate (text);
    report_add (self->report, value->at, "`%s`: the variable %s is not set; set it, or give { file: PATH }",
                s_shown (self, pointer), value->text);
    return NULL;
}

static void
s_pack_secret (walk_t *self, const zooid_field_t *field, const value_t *value, const char *pointer)
{
    const member_t *source = value->kind == VALUE_MAP && value->count == 1 ? &value->members [0] : NULL;
    bool file = source && strcmp (source->key, "file") == 0;
    bool variable = source && strcmp (source->key, "variable") == 0;
    s_silence (self, pointer);
    if (!(file || variable) || source->value->kind != VALUE_SCALAR) {
        report_add (self->report, value->at,
                    "`%s` is a secret and is not written here; give { file: PATH } or { variable: NAME }",
                    s_shown (self, pointer));
        self->failed = true;
        zooid_pack_nil (self->out);
        return;
    }
    char *text = file ? s_read_secret_file (self, source->value, pointer)
                      : s_read_secret_variable (self, source->value, pointer);
    size_t before = self->out->size;
    zooid_violations_t violations = { 0 };
    if (!text || zooid_field_parse (field, text, pointer, self->arena, self->out, &violations)) {
        //  What is wrong with it is said without a word of it.
        if (text)
            report_add (self->report, source->value->at,
                        "`%s`: the secret that is named here breaks the rule `%s`; look at its length and characters",
                        s_shown (self, pointer), violations.count ? violations.items [0].code : "syntax");
        self->failed = true;
        self->out->size = before;
        zooid_pack_nil (self->out);
    }
    if (text)
        explicit_bzero (text, strlen (text));
    free (text);
}

//  ---- values

static bool
s_is_scalar (zooid_type_t type)
{
    return type != ZOOID_TYPE_RECORD && type != ZOOID_TYPE_LIST && type != ZOOID_TYPE_MAP && type != ZOOID_TYPE_ANY;
}

//  YAML 1.2's core schema: what a plain scalar is when no field says.
static void
s_pack_plain (walk_t *self, const value_t *value)
{
    char *end = NULL;
    errno = 0;
    if (!value->quoted && (strcmp (value->text, "true") == 0 || strcmp (value->text, "false") == 0)) {
        zooid_pack_boolean (self->out, value->text [0] == 't');
        return;
    }
    bool number = !value->quoted && strspn (value->text, "+-.0123456789eE") == value->size
                  && strpbrk (value->text, "0123456789");
    long long integer = number ? strtoll (value->text, &end, 10) : 0;
    if (number && *end == 0 && errno == 0) {
        zooid_pack_integer (self->out, integer);
        return;
    }
    double real = number ? strtod (value->text, &end) : 0;
    //  One beyond all numbers stays a text, until the field that it is for says what is right there.
    if (number && *end == 0 && isfinite (real))
        zooid_pack_real (self->out, real);
    else
        zooid_pack_string (self->out, value->text, value->size);
}

static void
s_pack_any (walk_t *self, const value_t *value)
{
    if (value->kind == VALUE_SCALAR)
        s_pack_plain (self, value);
    else if (value->kind == VALUE_NULL)
        zooid_pack_nil (self->out);
    else if (value->kind == VALUE_LIST)
        zooid_pack_array (self->out, value->count);
    else
        zooid_pack_map (self->out, value->count);
    for (size_t i = 0; i < value->count && !self->out->failed; i++) {
        if (value->kind == VALUE_MAP)
            zooid_pack_text (self->out, value->members [i].key);
        s_pack_any (self, value->members [i].value);
    }
}

//  What is no JSON at all: the parser speaks of its own lines and columns, which are nowhere in the file.
static void
s_refuse_text (walk_t *self, const zooid_field_t *field, const value_t *value, const char *pointer)
{
    enum { SHOWN_MAX = 64 };
    const char *wanted = field->type == ZOOID_TYPE_BOOLEAN ? "true or false"
                       : field->type == ZOOID_TYPE_INTEGER ? "an integer" : "a number";
    if (value->size > SHOWN_MAX)
        report_add (self->report, value->at, "`%s` is a text of %zu bytes; %s is right here", s_shown (self, pointer),
                    value->size, wanted);
    else
        report_add (self->report, value->at, "`%s` is the text \"%s\"; %s is right here", s_shown (self, pointer),
                    value->text, wanted);
    self->failed = true;
}

static void
s_pack_scalar (walk_t *self, const zooid_field_t *field, const value_t *value, const char *pointer)
{
    size_t before = self->out->size;
    zooid_violations_t violations = { 0 };
    if (zooid_field_parse (field, value->text, pointer, self->arena, self->out, &violations) == 0)
        return;
    if (violations.count && strcmp (violations.items [0].code, "syntax") == 0)
        s_refuse_text (self, field, value, pointer);
    else
        s_take_violations (self, &violations, value->at);
    s_silence (self, pointer);
    self->out->size = before;
    zooid_pack_nil (self->out);
}

static void
s_pack_collection (walk_t *self, const zooid_field_t *field, const value_t *value, const char *pointer)
{
    bool map = field->type == ZOOID_TYPE_MAP;
    if (map)
        zooid_pack_map (self->out, value->count);
    else
        zooid_pack_array (self->out, value->count);
    for (size_t i = 0; i < value->count && !self->out->failed; i++) {
        char number [24];
        snprintf (number, sizeof number, "%zu", i);
        const char *key = map ? value->members [i].key : number;
        if (map)
            zooid_pack_text (self->out, key);
        s_pack_value (self, field->of, value->members [i].value, s_pointer (self, pointer, key));
    }
}

//  What a field is taken from.
typedef enum { SOURCE_NONE = 0, SOURCE_TEXT, SOURCE_INITIAL, SOURCE_EMPTY } source_t;

static source_t
s_source (const zooid_field_t *field, const value_t *map, const value_t **ret_value)
{
    const member_t *member = value_find (map, field->name);
    if (member) {
        *ret_value = member->value;
        return SOURCE_TEXT;
    }
    if (field->initial)
        return SOURCE_INITIAL;
    //  A record inside whose fields may all have initial values: they count although nothing was said.
    return field->type == ZOOID_TYPE_RECORD && !field->optional ? SOURCE_EMPTY : SOURCE_NONE;
}

//  A scalar's initial value is its text as it is; of the others it is YAML.
static const value_t *
s_initial (walk_t *self, const zooid_field_t *field, place_t at)
{
    if (s_is_scalar (field->type) && field->initial [0] != '"' && field->initial [0] != '\'')
        return value_new_scalar (self->arena, at, field->initial);
    value_t *value = NULL;
    const char *name = zooid_arena_format (self->arena, "%s: the initial value of `%s`", self->how->subject,
                                           field->name);
    if (document_read (name, field->initial, strlen (field->initial), self->arena, self->report, &value))
        return value_new_scalar (self->arena, at, "");
    return value;
}

static void
s_refuse_unknown (walk_t *self, const zooid_record_t *record, const zooid_record_t *also, const member_t *member)
{
    nearest_t nearest;
    nearest_init (&nearest, member->key);
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t known = { 0 };
    const zooid_record_t *records [] = { record, also };
    for (size_t r = 0; r < ZOOID_COUNT (records); r++)
        for (size_t i = 0; records [r] && i < records [r]->field_count; i++) {
            const char *name = records [r]->fields [i].name;
            if (strcmp (name, member->key) == 0)
                return;
            nearest_offer (&nearest, name);
            zooid_buffer_format (&known, "%s`%s`", known.size ? ", " : "", name);
        }
    self->failed = true;
    if (nearest_name (&nearest))
        report_add (self->report, member->at, "`%s` is no setting of %s; did you mean `%s`?", member->key,
                    self->how->subject, nearest_name (&nearest));
    else if (known.size)
        report_add (self->report, member->at, "`%s` is no setting of %s; it knows %s", member->key, self->how->subject,
                    zooid_buffer_string (&known));
    else
        report_add (self->report, member->at, "`%s` is no setting of %s; it has none: remove it", member->key,
                    self->how->subject);
}

static void
s_pack_record (walk_t *self, const zooid_record_t *record, const zooid_record_t *also, const value_t *map,
               const char *pointer)
{
    static const zooid_record_t nothing = { .name = "nothing" };
    record = record ? record : &nothing;
    for (size_t i = 0; i < map->count; i++)
        s_refuse_unknown (self, record, also, &map->members [i]);
    size_t count = 0;
    const value_t *value = NULL;
    for (size_t i = 0; i < record->field_count; i++)
        count += s_source (&record->fields [i], map, &value) != SOURCE_NONE;
    zooid_pack_map (self->out, count);
    for (size_t i = 0; i < record->field_count && !self->out->failed; i++) {
        const zooid_field_t *field = &record->fields [i];
        source_t source = s_source (field, map, &value);
        if (source == SOURCE_NONE)
            continue;
        zooid_pack_text (self->out, field->name);
        const char *below = s_pointer (self, pointer, field->name);
        if (source == SOURCE_EMPTY)
            s_pack_record (self, field->record, NULL, &(const value_t) { .kind = VALUE_MAP, .at = map->at }, below);
        else
            s_pack_value (self, field, source == SOURCE_TEXT ? value : s_initial (self, field, map->at), below);
    }
}

static void
s_pack_value (walk_t *self, const zooid_field_t *field, const value_t *value, const char *pointer)
{
    if (field->secret)
        s_pack_secret (self, field, value, pointer);
    else if (s_is_scalar (field->type) && value->kind == VALUE_SCALAR)
        s_pack_scalar (self, field, value, pointer);
    else if (field->type == ZOOID_TYPE_RECORD && value->kind == VALUE_MAP)
        s_pack_record (self, field->record, NULL, value, pointer);
    else if ((field->type == ZOOID_TYPE_LIST && value->kind == VALUE_LIST)
             || (field->type == ZOOID_TYPE_MAP && value->kind == VALUE_MAP))
        s_pack_collection (self, field, value, pointer);
    else
        s_pack_any (self, value);   //  Any; or of another kind, which validation says
}

//  What no record can say. Only of settings that are sound by their record: the module reads a struct. With offers: what
//  it says of them.
static void
s_check_whole (walk_t *self, zooid_bytes_t msgpack, const zooid_offers_t *offers)
{
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    zooid_violations_t violations = { 0 };
    void *settings = zooid_arena_take (arena, self->how->record->size);
    int rc = settings ? zooid_record_decode (self->how->record, msgpack, arena, settings, &violations) : ZOOID_INVALID;
    if (!rc && offers)
        self->how->check_calls (settings, offers, arena, &violations);
    else if (!rc)
        self->how->check (settings, arena, &violations);
    s_take_violations (self, &violations, (place_t) { 0 });
}

int
settings_read (const settings_t *self, const value_t *map, zooid_arena_t *arena, report_t *report, zooid_buffer_t *out)
{
    walk_t walk = { .how = self, .root = map, .arena = arena, .report = report, .out = out };
    const value_t empty = { .kind = VALUE_MAP, .at = map->at };
    if (map->kind == VALUE_NULL)
        map = &empty;
    if (map->kind != VALUE_MAP) {
        report_add (report, map->at, "%s for %s; a map of its settings", value_kind_text (map), self->subject);
        return ZOOID_INVALID;
    }
    size_t before = out->size;
    s_pack_record (&walk, self->record, self->also, map, "");
    if (out->failed) {
        report_add (report, map->at, "%s: the settings are too large; shorten them", self->subject);
        return ZOOID_INVALID;
    }
    zooid_violations_t violations = { 0 };
    zooid_bytes_t msgpack = { out->data + before, out->size - before };
    if (self->record && zooid_record_validate (self->record, msgpack, arena, &violations) == ZOOID_INVALID)
        s_take_violations (&walk, &violations, (place_t) { 0 });
    if (self->record && self->check && !walk.failed)
        s_check_whole (&walk, msgpack, NULL);
    return walk.failed ? ZOOID_INVALID : 0;
}

void
settings_check_calls (const settings_t *self, const value_t *map, zooid_bytes_t msgpack, const zooid_offers_t *offers,
                      zooid_arena_t *arena, report_t *report)
{
    walk_t walk = { .how = self, .root = map, .arena = arena, .report = report };
    if (self->record && self->check_calls)
        s_check_whole (&walk, msgpack, offers);
}
