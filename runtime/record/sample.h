//  sample.h - one record with a field of every type, in two tables over one struct: for the tests and the fuzz targets
#ifndef SAMPLE_H
#define SAMPLE_H

#include <zooid/record.h>

typedef struct {
    zooid_presence_t presence;
    const char *name;
    double value;
} sample_reading_t;

typedef struct {
    zooid_presence_t presence;
    bool flag;
    int64_t count;              //  -10 to 1000
    int64_t serial;             //  Decimal
    double ratio;               //  -1.5 to 1.5
    const char *title;          //  1 to 16 bytes
    const char *code;           //  [A-Z0-9-]
    const char *id;
    int32_t level;
    int64_t at;
    int64_t span;
    zooid_bytes_t blob;         //  At most 64 bytes
    sample_reading_t reading;
    zooid_list_t tags;          //  At most 4 strings
    zooid_list_t readings;      //  At most 8
    zooid_map_t metrics;        //  At most 20 reals
    zooid_any_t extra;
} sample_t;

extern const zooid_record_t sample_reading;
extern const zooid_record_t sample_required;    //  Every field is
extern const zooid_record_t sample_optional;    //  Every field may be absent, or null

//  A value with something in every field, and what it is as JSON by either table.
extern const sample_t sample_value;
extern const char *const sample_json;

//  Are two values the same, by `record`, whatever memory they point to?
bool
    sample_equals (const zooid_record_t *record, const sample_t *a, const sample_t *b);

#endif
