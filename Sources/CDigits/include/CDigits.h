#ifndef CDIGITS_H
#define CDIGITS_H

#include <stddef.h>

/* The UCI optical digits: gzip of 1,797 lines of 65 comma-separated numbers, 64 pixels in 0...16 and the digit.
   See LICENSE-optical-digits.md for where they come from. */
const unsigned char *chainrule_optical_digits(void);
size_t chainrule_optical_digits_byte_count(void);

#endif
