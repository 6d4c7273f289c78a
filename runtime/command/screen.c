//  Plain ANSI escapes: the other screen, no cursor, home, clear to the end of the line and of the screen. A frame is one
//  write, so nothing flickers. Signals come by a descriptor, so that the terminal is given back by ordinary code; only a
//  defect of ours is handled where it happens.
#include "screen.h"
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

static const char s_enter [] = "\x1b[?1049h\x1b[?25l\x1b[2J", s_leave [] = "\x1b[?25h\x1b[?1049l";
static const int held_back [] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH };
static const int defects [] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

enum { ROWS_DEFAULT = 24, COLUMNS_DEFAULT = 80 };

struct screen {
    int signals;
    bool has_keys;              //  Standard input is a terminal too
    bool ended;                 //  It has gone
    int signal_number;
    sigset_t mask;              //  As it was
    char keys [64];             //  Typed and not looked at
    size_t key_count, key_next;
};

//  For the handler of defects.
static struct termios s_before;
static bool s_has_before;

static void
s_write (screen_t *self, const void *data, size_t size)
{
    for (const char *next = data; size && !self->ended;) {
        ssize_t part = write (STDOUT_FILENO, next, size);
        if (part < 0 && errno != EINTR)
            self->ended = true;
        next += part > 0 ? part : 0;
        size -= part > 0 ? (size_t) part : 0;
    }
}

static void
s_give_back_and_die (int signal_number)
{
    ssize_t rc = write (STDOUT_FILENO, s_leave, sizeof s_leave - 1);
    (void) rc;
    if (s_has_before)
        tcsetattr (STDIN_FILENO, TCSANOW, &s_before);
    raise (signal_number);      //  Its default is back by now
}

static void
s_enter_terminal (screen_t *self)
{
    if (self->has_keys) {
        struct termios raw = s_before;
        raw.c_lflag &= ~(tcflag_t) (ICANON | ECHO);
        raw.c_cc [VMIN] = 1;
        raw.c_cc [VTIME] = 0;
        tcsetattr (STDIN_FILENO, TCSANOW, &raw);
    }
    s_write (self, s_enter, sizeof s_enter - 1);
}

static void
s_leave_terminal (screen_t *self)
{
    s_write (self, s_leave, sizeof s_leave - 1);
    if (self->has_keys)
        tcsetattr (STDIN_FILENO, TCSANOW, &s_before);
}

bool
screen_is_possible (void)
{
    const char *terminal = getenv ("TERM");
    return isatty (STDOUT_FILENO) && terminal && *terminal && strcmp (terminal, "dumb") != 0;
}

int
screen_new (screen_t **self_p)
{
    screen_t *self = zooid_allocate (sizeof *self);
    sigset_t set;
    sigemptyset (&set);
    for (size_t i = 0; i < ZOOID_COUNT (held_back); i++)
        sigaddset (&set, held_back [i]);
    self->signals = signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (self->signals < 0 || sigprocmask (SIG_BLOCK, &set, &self->mask)) {
        int rc = -errno;
        free (self);
        return rc;
    }
    self->has_keys = s_has_before = tcgetattr (STDIN_FILENO, &s_before) == 0;
    struct sigaction action = { .sa_handler = s_give_back_and_die, .sa_flags = (int) SA_RESETHAND };
    for (size_t i = 0; i < ZOOID_COUNT (defects); i++)
        sigaction (defects [i], &action, NULL);
    s_enter_terminal (self);
    *self_p = self;
    return 0;
}

void
screen_destroy (screen_t **self_p)
{
    screen_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    s_leave_terminal (self);
    s_has_before = false;
    for (size_t i = 0; i < ZOOID_COUNT (defects); i++)
        signal (defects [i], SIG_DFL);
    close (self->signals);
    sigprocmask (SIG_SETMASK, &self->mask, NULL);
    free (self);
}

void
screen_size (const screen_t *self, size_t *ret_rows, size_t *ret_columns)
{
    (void) self;
    struct winsize size = { 0 };
    ioctl (STDOUT_FILENO, TIOCGWINSZ, &size);
    *ret_rows = size.ws_row ? size.ws_row : ROWS_DEFAULT;
    *ret_columns = size.ws_col ? size.ws_col : COLUMNS_DEFAULT;
}

void
screen_show (screen_t *self, const zooid_buffer_t *frame)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t out = { 0 };
    zooid_buffer_text (&out, "\x1b[H");
    for (size_t i = 0; i < frame->size; i++)
        if (frame->data [i] == '\n')
            zooid_buffer_text (&out, "\x1b[K\n");
        else
            zooid_buffer_append (&out, &frame->data [i], 1);
    zooid_buffer_text (&out, "\x1b[J");
    s_write (self, out.data, out.size);
}

//  ---- what happens

//  Ctrl-Z: the shell gets its terminal back until we go on.
static void
s_pause (screen_t *self)
{
    s_leave_terminal (self);
    raise (SIGSTOP);
    s_enter_terminal (self);
}

static screen_event_t
s_take_signal (screen_t *self)
{
    struct signalfd_siginfo info;
    screen_event_t event = SCREEN_CHANGED;
    while (read (self->signals, &info, sizeof info) == sizeof info)
        if (info.ssi_signo == SIGTSTP)
            s_pause (self);
        else if (info.ssi_signo != SIGWINCH) {
            self->signal_number = (int) info.ssi_signo;
            event = SCREEN_END;
        }
    return event;
}

//  The next key that was typed. False: none is left.
static bool
s_take_key (screen_t *self, int *ret_key)
{
    const char *keys = self->keys + self->key_next;
    size_t left = self->key_count - self->key_next;
    if (left >= 3 && keys [0] == '\x1b' && (keys [1] == '[' || keys [1] == 'O')) {
        self->key_next += 3;
        *ret_key = keys [2] == 'C' ? SCREEN_RIGHT : keys [2] == 'D' ? SCREEN_LEFT : 0;
        return true;
    }
    if (left)
        *ret_key = (unsigned char) self->keys [self->key_next++];
    return left > 0;
}

static void
s_read_keys (screen_t *self)
{
    ssize_t size = read (STDIN_FILENO, self->keys, sizeof self->keys);
    if (size == 0 || (size < 0 && errno != EINTR && errno != EAGAIN))
        self->ended = true;
    self->key_next = 0;
    self->key_count = size > 0 ? (size_t) size : 0;
}

screen_event_t
screen_wait (screen_t *self, int descriptor, int64_t until_ms, int *ret_key)
{
    while (!self->ended) {
        if (s_take_key (self, ret_key))
            return SCREEN_KEY;
        struct pollfd watched [] = {
            { .fd = self->signals, .events = POLLIN }, { .fd = self->has_keys ? STDIN_FILENO : -1, .events = POLLIN },
            { .fd = descriptor, .events = POLLIN },
        };
        int64_t left_ms = until_ms - client_now_ms ();
        int rc = poll (watched, ZOOID_COUNT (watched), left_ms > 0 ? (int) left_ms : 0);
        if (rc == 0)
            return SCREEN_LATE;
        if (watched [0].revents)
            return s_take_signal (self);
        if (watched [1].revents)
            s_read_keys (self);
        else if (watched [2].revents)
            return SCREEN_READY;
    }
    return SCREEN_END;
}

int
screen_signal (const screen_t *self)
{
    return self->signal_number;
}

void
screen_end_by (int signal_number)
{
    if (signal_number) {
        signal (signal_number, SIG_DFL);
        raise (signal_number);
    }
}
