#ifndef CBATCHES_H
#define CBATCHES_H

#include <stdint.h>

/* Writes rows of bytes as floats: destination[r][i] = source[rows[r]][i] * scale + offset.

   The caller has checked that every row lies in `source` and that `destination` has room for row_count * width
   floats. */
void chainrule_widen_rows(
    const uint8_t *source, const intptr_t *rows, intptr_t row_count, intptr_t width, float scale, float offset,
    float *destination);

/* How some features of an example are made from one of its columns. */
enum chainrule_expansion_kind {
  /* The number as it is: one feature. */
  CHAINRULE_COPY,
  /* One of `width` features is 1, the others are 0: the number is the place of the 1. */
  CHAINRULE_ONE_HOT,
  /* Feature k is how far the number has come from edge k to edge k + 1, from 0 to 1. */
  CHAINRULE_INTERVALS,
};

struct chainrule_expansion {
  enum chainrule_expansion_kind kind;
  int32_t column;
  /* Where the features begin, and how many there are. */
  int32_t offset;
  int32_t width;
  /* Where the first of `width` + 1 ascending edges lies. */
  int32_t first_edge;
};

/* Writes rows of columns as features: destination[r] is made of source[rows[r]], which has `source_width` columns.

   The caller has checked that every row lies in `source`, that places of a 1 lie in 0 ..< width, and that `destination`
   has room for row_count * width floats. */
void chainrule_expand_rows(
    const float *source, const intptr_t *rows, intptr_t row_count, intptr_t source_width,
    const struct chainrule_expansion *expansions, intptr_t expansion_count, const float *edges, intptr_t width,
    float *destination);

#endif
