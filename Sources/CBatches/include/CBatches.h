#ifndef CBATCHES_H
#define CBATCHES_H

#include <stdint.h>

/* Writes rows of bytes as floats: destination[r][i] = source[rows[r]][i] * scale + offset.

   The caller has checked that every row lies in `source` and that `destination` has room for row_count * width floats. */
void chainrule_widen_rows(
    const uint8_t *source, const intptr_t *rows, intptr_t row_count, intptr_t width, float scale, float offset,
    float *destination);

#endif
