#include "CBatches.h"

/* The widest vectors that the machine has, chosen when the program is loaded: needs the GNU loader. */
#if defined(__x86_64__) && defined(__gnu_linux__)
#define WIDEST __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WIDEST
#endif

/* A product and a sum, rounded each, give the same numbers on every machine. */
#pragma clang fp contract(off)

enum { line_byte_count = 64, rows_ahead = 3 };

WIDEST void chainrule_widen_rows(
    const uint8_t *source, const intptr_t *rows, intptr_t row_count, intptr_t width, float scale, float offset,
    float *destination) {
  for (intptr_t r = 0; r < row_count; r++) {
    /* Rows of a shuffled batch lie far apart: ask for the bytes of a later one while this one is converted. */
    if (r + rows_ahead < row_count) {
      const uint8_t *later = source + rows[r + rows_ahead] * width;
      for (intptr_t i = 0; i < width; i += line_byte_count) __builtin_prefetch(later + i);
    }
    const uint8_t *restrict from = source + rows[r] * width;
    float *restrict to = destination + r * width;
    for (intptr_t i = 0; i < width; i++) to[i] = (float)from[i] * scale + offset;
  }
}
