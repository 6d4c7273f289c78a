//  pattern.h - topic patterns of a broker's dialect, and what their wildcards took
#ifndef ROUTE_PATTERN_H
#define ROUTE_PATTERN_H

#include <zooid/bytes.h>

//  How topics are spelled: MQTT "devices/+/telemetry", "devices/#"; ours and NATS's "iot.*.telemetry", "iot.>".
typedef struct {
    char separator;
    char one;               //  A segment that stands for exactly one
    char rest;              //  At the end, for all that follow
    bool rest_may_be_none;  //  MQTT: "devices/#" takes "devices" too
} pattern_dialect_t;

extern const pattern_dialect_t pattern_mqtt;
extern const pattern_dialect_t pattern_dotted;

enum { PATTERN_CAPTURES_MAX = 9, PATTERN_TEXT_MAX = 1024 };

//  What a topic gave to a pattern. Everything is borrowed from the topic.
typedef struct {
    zooid_bytes_t topic;                        //  {topic}
    zooid_bytes_t payload;                      //  {payload}: whoever matches puts it there
    zooid_bytes_t one [PATTERN_CAPTURES_MAX];   //  {1} .. {9}
    zooid_bytes_t rest;                         //  {>}
} pattern_captures_t;

typedef struct {
    size_t one_count;
    bool has_rest;
} pattern_shape_t;

//  ZOOID_INVALID: *ret_why, a constant, says what is wrong.
int
    pattern_check (const pattern_dialect_t *dialect, const char *pattern, pattern_shape_t *ret_shape,
                   const char **ret_why);

//  The pattern was checked. On false *ret_captures is not to be read.
bool
    pattern_matches (const pattern_dialect_t *dialect, const char *pattern, zooid_bytes_t topic,
                     pattern_captures_t *ret_captures);

#endif
