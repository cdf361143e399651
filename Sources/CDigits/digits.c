#include "CDigits.h"

/* #embed is C23; clang has it as an extension of the earlier standards that the package manager compiles with. */
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char digits[] = {
#embed "optical-digits.csv.gz"
};

const unsigned char *chainrule_optical_digits(void) { return digits; }
size_t chainrule_optical_digits_byte_count(void) { return sizeof digits; }
