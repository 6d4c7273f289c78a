//  screen.h - the whole terminal, for as long as a command shows something on it
#ifndef SCREEN_H
#define SCREEN_H

#include <zooid/bytes.h>

typedef struct screen screen_t;

//  Can standard output be one?
bool
    screen_is_possible (void);
//  Take it. Signals that would end us or stop us are held back from here on, and told by screen_wait. 0; -errno.
int
    screen_new (screen_t **self_p);
//  Give the terminal back as it was.
void
    screen_destroy (screen_t **self_p);
void
    screen_size (const screen_t *self, size_t *ret_rows, size_t *ret_columns);
//  Lines end with \n; below the last one nothing is left of what was there. The frame is changed.
void
    screen_show (screen_t *self, const zooid_buffer_t *frame);

typedef enum {
    SCREEN_READY,       //  The descriptor can be read
    SCREEN_LATE,        //  It is `until_ms`, of client_now_ms
    SCREEN_KEY,         //  *ret_key: a byte, or one of those below
    SCREEN_CHANGED,     //  Its size, or somebody else wrote on it: show everything again
    SCREEN_END,         //  A signal wants an end, or the terminal has gone
} screen_event_t;
enum { SCREEN_LEFT = 256, SCREEN_RIGHT };

//  descriptor -1: there is none.
screen_event_t
    screen_wait (screen_t *self, int descriptor, int64_t until_ms, int *ret_key);
//  The signal that wanted an end; 0: none did.
int
    screen_signal (const screen_t *self);
//  End by that signal, as if it had not been held back. The terminal has been given back. 0: return.
void
    screen_end_by (int signal_number);

#endif
