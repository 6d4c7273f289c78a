//  cloud_event.h - names of the CloudEvents 1.0 attributes, and W3C traceparent as text
//
//  Sources: CloudEvents 1.0.2 with its MQTT and NATS protocol bindings (binary mode); W3C Trace Context, level 1.
//  MQTT 5 carries the attributes as user properties of these names, NATS as headers with "ce-" in front.
#ifndef ROUTE_CLOUD_EVENT_H
#define ROUTE_CLOUD_EVENT_H

#include <zooid/message.h>

#define CLOUD_EVENT_SPECVERSION "specversion"
#define CLOUD_EVENT_ID          "id"
#define CLOUD_EVENT_SOURCE      "source"
#define CLOUD_EVENT_TYPE        "type"
#define CLOUD_EVENT_TIME        "time"
#define CLOUD_EVENT_SUBJECT     "subject"
#define CLOUD_EVENT_TRACEPARENT "traceparent"
#define CLOUD_EVENT_VERSION     "1.0"

enum { TRACEPARENT_SIZE = 56 };

//  ZOOID_INVALID: not a traceparent, or one of all zeros.
int
    traceparent_read (const char *text, zooid_trace_t *ret_trace);
//  False: the trace is none, nothing was written.
bool
    traceparent_write (const zooid_trace_t *trace, char ret_text [TRACEPARENT_SIZE]);

//  The `type` of an event: its declared topic without its places: "iot.telemetry.{device}" is "iot.telemetry". Cut to
//  `size` with its NUL.
void
    cloud_event_type (const char *declared_topic, char *ret_type, size_t size);

#endif
