//  number.h - numbers as JSON writes them, whatever the locale
#ifndef NUMBER_H
#define NUMBER_H

#include <zooid/bytes.h>

//  The integers that every JSON reader keeps: a double holds each of them and no neighbour.
#define NUMBER_SAFE INT64_C (9007199254740991)

enum { NUMBER_SIZE = 32 };

//  Both return the number of characters written; no NUL is behind them.
size_t
    number_write_integer (int64_t value, char ret_text [NUMBER_SIZE]);
//  A finite real, as the shortest text that reads back as the same one. It has a point or an exponent, so that it reads
//  back as a real.
size_t
    number_write_real (double value, char ret_text [NUMBER_SIZE]);

//  The text is a decimal integer: "-"? digits, no leading zeros. ZOOID_INVALID: it is not; ZOOID_FULL: beyond 64 bits.
int
    number_read_integer (const char *text, size_t size, int64_t *ret_value);
//  The text is a JSON number. ZOOID_INVALID: it is not; ZOOID_FULL: beyond a double.
int
    number_read_real (const char *text, size_t size, double *ret_value);

#endif
