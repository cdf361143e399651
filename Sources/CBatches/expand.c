#include "CBatches.h"

#include <string.h>

/* A product and a sum, rounded each, give the same numbers on every machine. */
#pragma clang fp contract(off)

static void expand_row(
    const float *restrict from, const struct chainrule_expansion *expansions, intptr_t expansion_count,
    const float *edges, float *restrict to) {
  for (intptr_t i = 0; i < expansion_count; i++) {
    struct chainrule_expansion expansion = expansions[i];
    float value = from[expansion.column];
    float *features = to + expansion.offset;
    switch (expansion.kind) {
      case CHAINRULE_COPY: features[0] = value; break;
      case CHAINRULE_ONE_HOT: features[(int32_t)value] = 1; break;
      case CHAINRULE_INTERVALS: {
        const float *edge = edges + expansion.first_edge;
        for (int32_t k = 0; k < expansion.width && value > edge[k]; k++) {
          features[k] = value >= edge[k + 1] ? 1 : (value - edge[k]) / (edge[k + 1] - edge[k]);
        }
        break;
      }
    }
  }
}

enum { line_byte_count = 64, rows_ahead = 16 };

/* Rows of a shuffled batch lie far apart, so later ones are asked for while one is written. */
static inline void prefetch(const float *row, intptr_t width) {
  const char *start = (const char *)row, *end = (const char *)(row + width);
  for (const char *place = start; place < end; place += line_byte_count) __builtin_prefetch(place);
  __builtin_prefetch(end - 1);
}

void chainrule_expand_rows(
    const float *source, const intptr_t *rows, intptr_t row_count, intptr_t source_width,
    const struct chainrule_expansion *expansions, intptr_t expansion_count, const float *edges, intptr_t width,
    float *destination) {
  memset(destination, 0, (size_t)(row_count * width) * sizeof *destination);
  for (intptr_t r = 0; r < row_count && r < rows_ahead; r++) prefetch(source + rows[r] * source_width, source_width);
  for (intptr_t r = 0; r < row_count; r++) {
    if (r + rows_ahead < row_count) prefetch(source + rows[r + rows_ahead] * source_width, source_width);
    expand_row(source + rows[r] * source_width, expansions, expansion_count, edges, destination + r * width);
  }
}
