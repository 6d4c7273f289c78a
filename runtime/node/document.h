//  document.h - a YAML text as a tree of values that know where they stand
//
//  Everything lives in the arena that the calls are given; names of files are borrowed and must outlive it.
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include "report.h"

typedef enum { VALUE_NULL = 0, VALUE_SCALAR, VALUE_LIST, VALUE_MAP } value_kind_t;

typedef struct value value_t;

typedef struct {
    const char *key;        //  NULL in a list
    place_t at;             //  Of the key; of the item in a list
    value_t *value;
} member_t;

struct value {
    value_kind_t kind;
    place_t at;
    const char *text;       //  Scalar
    size_t size;
    bool quoted;            //  Scalar: "5" and not 5
    member_t *members;      //  List, map
    size_t count;
};

enum { DOCUMENT_SIZE_MAX = 1024 * 1024, DOCUMENT_DEPTH_MAX = 32 };

//  One YAML document. `name` is what errors call it. An empty text is a null value. Aliases share the value that they
//  name; tags and merge keys are refused. ZOOID_INVALID: the report says what is wrong.
int document_read (const char *name, const char *text, size_t size, zooid_arena_t *arena, report_t *report,
                   value_t **ret_value);

//  Put what "path=value" says into the tree; the value is YAML, on one line. Maps on the way are made. Errors name the
//  path and never repeat the value. ZOOID_INVALID as above.
int
    document_set (value_t *root, const char *assignment, zooid_arena_t *arena, report_t *report);

//  A scalar that stands nowhere in the text itself.
value_t *
    value_new_scalar (zooid_arena_t *arena, place_t at, const char *text);
//  The member of a map. NULL: it has none such, or is no map.
const member_t *
    value_find (const value_t *self, const char *key);
//  The place of what an RFC 6901 pointer names, or of the deepest value on the way that is there.
place_t
    value_place (const value_t *self, const char *pointer);
//  "a map", "a list", "a text", "nothing".
const char *
    value_kind_text (const value_t *self);

#endif
