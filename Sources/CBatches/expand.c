#include "CBatches.h"

#include <string.h>

/* A product and a sum, rounded each, give the same numbers on every machine. */
#pragma clang fp contract(off)

enum { line_byte_count = 64, block_row_count = 16 };

/* The next rows of a batch that are written together. */
struct block {
  const float *from[block_row_count];
  intptr_t row_count;
  float *to;
  intptr_t width;
};

static void expand(const struct block *restrict block, struct chainrule_expansion expansion, const float *edges) {
  float *features = block->to + expansion.offset;
  switch (expansion.kind) {
    case CHAINRULE_COPY:
      for (intptr_t r = 0; r < block->row_count; r++) features[r * block->width] = block->from[r][expansion.column];
      break;
    case CHAINRULE_ONE_HOT:
      for (intptr_t r = 0; r < block->row_count; r++) {
        features[r * block->width + (int32_t)block->from[r][expansion.column]] = 1;
      }
      break;
    case CHAINRULE_INTERVALS:
      edges += expansion.first_edge;
      for (intptr_t r = 0; r < block->row_count; r++) {
        float value = block->from[r][expansion.column];
        for (int32_t k = 0; k < expansion.width && value > edges[k]; k++) {
          features[r * block->width + k] = value >= edges[k + 1] ? 1 : (value - edges[k]) / (edges[k + 1] - edges[k]);
        }
      }
      break;
  }
}

/* Rows of a shuffled batch lie far apart, so those of a block are asked for while the one before is written. */
static void prefetch(const float *source, const intptr_t *rows, intptr_t row_count, intptr_t source_width) {
  for (intptr_t r = 0; r < row_count; r++) {
    const float *row = source + rows[r] * source_width;
    const char *start = (const char *)row, *end = (const char *)(row + source_width);
    for (const char *place = start; place < end; place += line_byte_count) __builtin_prefetch(place);
    __builtin_prefetch(end - 1);
  }
}

static intptr_t smaller(intptr_t a, intptr_t b) { return a < b ? a : b; }

void chainrule_expand_rows(
    const float *source, const intptr_t *rows, intptr_t row_count, intptr_t source_width,
    const struct chainrule_expansion *expansions, intptr_t expansion_count, const float *edges, intptr_t width,
    float *destination) {
  prefetch(source, rows, smaller(block_row_count, row_count), source_width);
  for (intptr_t first = 0; first < row_count; first += block_row_count) {
    intptr_t next = first + block_row_count;
    if (next < row_count) prefetch(source, rows + next, smaller(block_row_count, row_count - next), source_width);
    struct block block = {
      .row_count = smaller(block_row_count, row_count - first), .to = destination + first * width, .width = width};
    for (intptr_t r = 0; r < block.row_count; r++) block.from[r] = source + rows[first + r] * source_width;
    memset(block.to, 0, (size_t)(block.row_count * width) * sizeof *block.to);
    for (intptr_t i = 0; i < expansion_count; i++) expand(&block, expansions[i], edges);
  }
}
