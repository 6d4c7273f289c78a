//  zooid/result.h - results, ownership and faults: the rules that every call follows
//
//  Results    0 done.  > 0 an outcome named under the call, which the caller must handle.
//             < 0 a fault (negated errno): a defect or a lost resource. Pass it up with `return zooid_fault (rc)`.
//  Ownership  `T **x_p` hands x over. It is taken, and *x_p set to NULL, only when the call returns 0; on any other
//             result it is still yours, unchanged. `const char *` back is borrowed, `char *` is yours.
//  Threads    A zooid_context_t belongs to the dispatcher that calls the handler. Calls marked [any] may be made by
//             any thread.
#ifndef ZOOID_RESULT_H
#define ZOOID_RESULT_H

#include <stddef.h>

#if defined __GNUC__
//  Seen from outside of its library; all else is hidden.
#   define ZOOID_EXPORT __attribute__ ((visibility ("default")))
//  A variable that ends with its block: `destroy` is then given its address. Hand over by setting it to NULL.
#   define ZOOID_CLEANUP(destroy) __attribute__ ((cleanup (destroy)))
//  Arguments from the one numbered `first` on are checked against the format of printf that is the one numbered `text`.
#   define ZOOID_PRINTF(text, first) __attribute__ ((format (printf, text, first)))
//  The outcome is to be looked at.
#   define ZOOID_MUST_USE __attribute__ ((warn_unused_result))
#else
#   error "zooid needs GCC or Clang"
#endif

//  Rows of a table that stands in sight.
#define ZOOID_COUNT(table) (sizeof (table) / sizeof (table) [0])

//  Every outcome that a call can have. Each call names the ones that it returns.
enum {
    ZOOID_DONE = 0,     //  It was done
    ZOOID_FULL = 1,     //  A bound is reached: retry, divert or drop it, but say which
    ZOOID_GONE,         //  What the ref named has stopped
    ZOOID_UNKNOWN,      //  Nothing has that name
    ZOOID_INVALID,      //  What came from outside breaks its record's rules: the violations say how
    ZOOID_DENIED,       //  The principal lacks the scope
    ZOOID_REFUSED,      //  A transaction said no: its changes are rolled back
    ZOOID_DUPLICATE,    //  It was done before, under the same identity
    ZOOID_ROW,          //  A row is there to be read
    ZOOID_MORE,         //  A budget ended before the work did
};

//  Pass a fault up. The place where a fault starts is kept for the log; the value comes back unchanged. [any]
#define zooid_fault(rc) zooid_fault_at ((rc), __FILE__, __LINE__)
//  What zooid_fault calls. The place is kept when rc < 0 and is not the fault that is being passed up already.
ZOOID_EXPORT int
    zooid_fault_at (int rc, const char *file, int line);

//  Where the fault that is being passed up on this thread started, as `file:line: text`; "" when none is. Borrowed
//  until the next fault of the thread. [any]
ZOOID_EXPORT const char *
    zooid_fault_trace (void);
//  A turn begins: the next fault starts anew. [any]
ZOOID_EXPORT void
    zooid_fault_forget (void);

//  Zeroed bytes, for small things whose size is ours: when memory ends the process stops with a message. What a peer
//  chose the size of is allocated with malloc and may fail as a result. Freed with free (). [any]
ZOOID_EXPORT void *
    zooid_allocate (size_t size);
//  A copy of a text, in memory as above. [any]
ZOOID_EXPORT char *
    zooid_duplicate (const char *text);

//  Free the block that *pointer_p points to, which may be NULL, and null it. Fits ZOOID_CLEANUP:
//  `ZOOID_CLEANUP (zooid_release) char *text = NULL;`. [any]
ZOOID_EXPORT void
    zooid_release (void *pointer_p);

#endif
