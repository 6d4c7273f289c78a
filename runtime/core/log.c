//  A line is built first and written by one call, so that lines of two threads never mix.
#include <zooid/log.h>

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 16384 };

static atomic_int s_level = ZOOID_INFO;
static zooid_log_form_t s_form = ZOOID_LOG_TEXT;
static pthread_mutex_t s_lock = PTHREAD_MUTEX_INITIALIZER;
static void (*s_sink) (void *state, const char *line, size_t size);
static void *s_sink_state;

static const char *const s_level_names [] = { "debug", "info", "warn", "error" };

void
zooid_log_set (zooid_level_t level, zooid_log_form_t form)
{
    zooid_log_set_level (level);
    s_form = form;
}

void
zooid_log_set_level (zooid_level_t level)
{
    atomic_store_explicit (&s_level, (int) level, memory_order_relaxed);
}

zooid_level_t
zooid_log_level (void)
{
    return (zooid_level_t) atomic_load_explicit (&s_level, memory_order_relaxed);
}

void
zooid_log_sink (void (*sink) (void *state, const char *line, size_t size), void *state)
{
    pthread_mutex_lock (&s_lock);
    s_sink = sink;
    s_sink_state = state;
    pthread_mutex_unlock (&s_lock);
}

static bool
s_is_plain (const char *text)
{
    if (!*text)
        return false;
    for (; *text; text++)
        if (*text <= ' ' || *text == '"' || *text == '=' || *text == '\\' || *text == 127)
            return false;
    return true;
}

static void
s_text_pair (zooid_buffer_t *line, const zooid_pair_t *pair)
{
    zooid_buffer_format (line, " %s=", pair->name);
    if (!pair->text)
        zooid_buffer_format (line, "%lld", (long long) pair->number);
    else if (s_is_plain (pair->text))
        zooid_buffer_text (line, pair->text);
    else
        zooid_json_quote (pair->text, strlen (pair->text), line);
}

static void
s_json_pair (zooid_buffer_t *line, const char *name, const char *text)
{
    zooid_buffer_text (line, line->size == 1 ? "" : ",");
    zooid_json_quote (name, strlen (name), line);
    zooid_buffer_text (line, ":");
    zooid_json_quote (text, strlen (text), line);
}

static void
s_write (const zooid_buffer_t *line)
{
    pthread_mutex_lock (&s_lock);
    if (s_sink)
        s_sink (s_sink_state, (const char *) line->data, line->size);
    else {
        size_t done = 0;
        while (done < line->size) {
            ssize_t rc = write (STDERR_FILENO, line->data + done, line->size - done);
            if (rc <= 0)
                break;
            done += (size_t) rc;
        }
    }
    pthread_mutex_unlock (&s_lock);
}

void
zooid_log_pairs (const zooid_context_t *self, zooid_level_t level, const char *event, const zooid_pair_t *pairs)
{
    if (level < zooid_log_level ())
        return;
    struct timespec at;
    clock_gettime (CLOCK_REALTIME, &at);
    int64_t wall_ms = self ? zooid_wall_ms (self) : (int64_t) at.tv_sec * 1000 + at.tv_nsec / 1000000;
    char when [ZOOID_TIMESTAMP_SIZE];
    zooid_timestamp_write (wall_ms, when);
    const char *who = self ? zooid_name (self) : "zooid";

    zooid_buffer_t line = { .limit = LINE_MAX_BYTES };
    if (s_form == ZOOID_LOG_JSON) {
        zooid_buffer_text (&line, "{");
        s_json_pair (&line, "at", when);
        s_json_pair (&line, "level", s_level_names [level]);
        s_json_pair (&line, "actor", who);
        s_json_pair (&line, "event", event);
        for (; pairs->name; pairs++)
            if (pairs->text)
                s_json_pair (&line, pairs->name, pairs->text);
            else
                zooid_buffer_format (&line, ",\"%s\":%lld", pairs->name, (long long) pairs->number);
        zooid_buffer_text (&line, "}\n");
    }
    else {
        zooid_buffer_format (&line, "%s %s %s %s", when, s_level_names [level], who, event);
        for (; pairs->name; pairs++)
            s_text_pair (&line, pairs);
        zooid_buffer_text (&line, "\n");
    }
    if (!line.failed)
        s_write (&line);
    zooid_buffer_fini (&line);
}
