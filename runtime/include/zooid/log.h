//  zooid/log.h - structured logs: an event's name, and pairs
//
//      zooid_log (self, ZOOID_WARN, "broker_lost", ZOOID_TEXT ("url", url), ZOOID_NUMBER ("retry_ms", delay));
//
//  One line each on standard error: `2026-11-22T15:03:56.000Z warn mqtt broker_lost url="mqtt://..." retry_ms=250`, or
//  a JSON object. Values are quoted where they must be: nothing that a peer sent can begin a line. A line longer than
//  16 KiB is not written.
#ifndef ZOOID_LOG_H
#define ZOOID_LOG_H

#include <zooid/actor.h>

//  How much a line matters. Of ZOOID_DEBUG nothing is written unless zooid_log_set says so.
typedef enum { ZOOID_DEBUG = 0, ZOOID_INFO, ZOOID_WARN, ZOOID_ERROR } zooid_level_t;

//  A name and what it is. Made by ZOOID_TEXT and ZOOID_NUMBER.
typedef struct {
    const char *name;       //  A constant, snake_case. NULL ends the pairs
    const char *text;       //  NULL: a number
    int64_t number;         //  Where there is no text
} zooid_pair_t;

//  "" of NULL. [any]
static inline const char *
zooid_pair_text (const char *text)
{
    return text ? text : "";
}

//  A pair of zooid_log. A text may be NULL, which is "".
#define ZOOID_TEXT(name_, text_)     { .name = (name_), .text = zooid_pair_text (text_) }
#define ZOOID_NUMBER(name_, number_) { .name = (name_), .number = (int64_t) (number_) }

//  Write a line about `event`, a constant in snake_case, with the pairs that follow. In a turn of `self`, at its wall
//  clock; NULL: of the process, and [any].
#define zooid_log(self, level, event, ...) \
    zooid_log_pairs ((self), (level), (event), (const zooid_pair_t []) { __VA_ARGS__ __VA_OPT__ (,) { .name = NULL } })
//  What zooid_log calls.
ZOOID_EXPORT void
    zooid_log_pairs (const zooid_context_t *self, zooid_level_t level, const char *event, const zooid_pair_t *pairs);

//  How lines are spelled.
typedef enum { ZOOID_LOG_TEXT = 0, ZOOID_LOG_JSON } zooid_log_form_t;
//  Before any thread starts. Lines below `level` are not written. At first ZOOID_INFO, as text.
ZOOID_EXPORT void
    zooid_log_set (zooid_level_t level, zooid_log_form_t form);
//  What is written of the whole process, from the next line on. [any]
ZOOID_EXPORT void
    zooid_log_set_level (zooid_level_t level);
//  What is written. [any]
ZOOID_EXPORT zooid_level_t
    zooid_log_level (void);
//  Where lines go instead of standard error (NULL: back to it); for tests. Called by whoever logs, under the log's
//  lock: it may not log itself. A line ends with a line feed. [any]
ZOOID_EXPORT void
    zooid_log_sink (void (*sink) (void *state, const char *line, size_t size), void *state);

#endif
