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

void chainrule_expand_rows(
    const float *source, const intptr_t *rows, intptr_t row_count, intptr_t source_width,
    const struct chainrule_expansion *expansions, intptr_t expansion_count, const float *edges, intptr_t width,
    float *destination) {
  memset(destination, 0, (size_t)(row_count * width) * sizeof *destination);
  for (intptr_t r = 0; r < row_count; r++) {
    /* Rows of a shuffled batch lie far apart: ask for a later one while this one is written. */
    if (r + 2 < row_count) __builtin_prefetch(source + rows[r + 2] * source_width);
    expand_row(source + rows[r] * source_width, expansions, expansion_count, edges, destination + r * width);
  }
}
