#ifndef CK_SMALL_PRODUCT_H
#define CK_SMALL_PRODUCT_H

// A product of a few rows with a matrix that is used many times: what a recurrence does at every step, where calling a
// library for each step would cost more than it saves. The matrix is rewritten once into panels of CK_PANEL columns, so
// that its rows within a panel lie one after the other; a block of rows keeps its sums in registers.

#include "vectors.h"
#include <string.h>

/// The columns of a panel: four of the widest vectors.
#define CK_PANEL 64

static inline int64_t ck_panels(int64_t columns) { return (columns + CK_PANEL - 1) / CK_PANEL; }

/// Rewrites panels `begin ..< end` of `source[inner][columns]`, or of its transpose when `source` is
/// `[columns][inner]`; columns that are missing from the last panel are zeros.
static inline void ck_pack_panels(
  float *panels, const float *source, int64_t inner, int64_t columns, int32_t is_transposed, int64_t begin,
  int64_t end) {
  for (int64_t panel = begin; panel < end; panel++) {
    const int64_t first = panel * CK_PANEL, count = ck_min(CK_PANEL, columns - first);
    float *to = panels + panel * inner * CK_PANEL;
    if (count < CK_PANEL) memset(to, 0, (size_t)(inner * CK_PANEL) * sizeof(float));
    if (is_transposed) {
      // A line of the source at a time.
      for (int64_t start = 0; start < inner; start += 16) {
        for (int64_t j = 0; j < count; j++) {
          const float *from = source + (first + j) * inner;
          for (int64_t k = start; k < ck_min(start + 16, inner); k++) to[k * CK_PANEL + j] = from[k];
        }
      }
    } else {
      for (int64_t k = 0; k < inner; k++) {
        memcpy(to + k * CK_PANEL, source + k * columns + first, (size_t)count * sizeof(float));
      }
    }
  }
}

/// Defines `ck_product_<suffix>`: `c[rows][panels * CK_PANEL] = a[rows][inner] b`, with `b` in panels whose rows are
/// `stride` apart and which begin `panel_stride` apart. `LANES` floats are a vector, `ROWS` the rows of a block: four
/// vectors of sums a row, and the vectors of one row of the panel, must fit into the registers.
#define CK_SMALL_PRODUCT(suffix, LANES, ROWS, ATTRIBUTES)                                                              \
  typedef float ck_vector_##suffix __attribute__((vector_size(4 * LANES), aligned(4)));                                \
  CK_INLINE void ck_block_##suffix(                                                                                    \
    int rows, int64_t inner, const float *a, const float *b, int64_t stride, float *c, int64_t c_stride) {             \
    ck_vector_##suffix sums[ROWS][4], row[4];                                                                          \
    _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; r++) {                                                \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < 4; v++) sums[r][v] = (ck_vector_##suffix){0};             \
    }                                                                                                                  \
    for (int64_t k = 0; k < inner; k++) {                                                                              \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < 4; v++) {                                                 \
        row[v] = *(const ck_vector_##suffix *)(b + k * stride + v * LANES);                                            \
      }                                                                                                                \
      _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; r++) {                                              \
        const float factor = a[r * inner + k];                                                                         \
        _Pragma("clang loop unroll(full)") for (int v = 0; v < 4; v++) sums[r][v] += factor * row[v];                  \
      }                                                                                                                \
    }                                                                                                                  \
    _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; r++) {                                                \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < 4; v++) {                                                 \
        *(ck_vector_##suffix *)(c + r * c_stride + v * LANES) = sums[r][v];                                            \
      }                                                                                                                \
    }                                                                                                                  \
  }                                                                                                                    \
  ATTRIBUTES static void ck_product_##suffix(                                                                          \
    int64_t rows, int64_t inner, int64_t panels, const float *a, const float *b, int64_t stride, int64_t panel_stride, \
    float *c) {                                                                                                        \
    const int64_t c_stride = panels * CK_PANEL, blocks = (rows + ROWS - 1) / ROWS;                                     \
    for (int64_t column = 0; column < c_stride; column += 4 * LANES) {                                                 \
      const float *panel = b + column / CK_PANEL * panel_stride + column % CK_PANEL;                                   \
      for (int64_t block = 0; block < blocks; block++) {                                                               \
        /* Blocks of nearly equal size, since a small last one would wait for its sums. */                             \
        const int64_t begin = rows * block / blocks, count = rows * (block + 1) / blocks - begin;                      \
        const float *from = a + begin * inner;                                                                         \
        float *to = c + begin * c_stride + column;                                                                     \
        switch (count) {                                                                                               \
          case 1: ck_block_##suffix(1, inner, from, panel, stride, to, c_stride); break;                               \
          case 2: ck_block_##suffix(2, inner, from, panel, stride, to, c_stride); break;                               \
          case 3: ck_block_##suffix(3, inner, from, panel, stride, to, c_stride); break;                               \
          case 4: ck_block_##suffix(ROWS < 4 ? ROWS : 4, inner, from, panel, stride, to, c_stride); break;             \
          case 5: ck_block_##suffix(ROWS < 5 ? ROWS : 5, inner, from, panel, stride, to, c_stride); break;             \
          default: ck_block_##suffix(ROWS, inner, from, panel, stride, to, c_stride);                                  \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }

#endif
