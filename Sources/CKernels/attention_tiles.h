#ifndef CK_ATTENTION_TILES_H
#define CK_ATTENTION_TILES_H

// What attention's loops are made of: products of small matrices, in tiles that stay in registers, the exchange of rows
// and columns, and folds of sixteen rows at once.

#include "vectors.h"

/// The elements of a vector; where the machine's are shorter, the compiler takes several. Rows of keys are padded to
/// whole vectors.
#define CK_LANES 16
/// The rows of a tile.
#define CK_TILE 4

typedef float ck_vector __attribute__((vector_size(4 * CK_LANES), aligned(4)));

CK_INLINE int64_t ck_padded(int64_t count) { return (count + CK_LANES - 1) / CK_LANES * CK_LANES; }

/// A matrix, `row` and `column` elements apart.
typedef struct {
  const float *at;
  int64_t row, column;
} ck_factor;

// One tile of `c += a b`, of `rows` times `vectors` vectors, which stays in registers over the whole inner extent.
CK_INLINE void ck_tile(
  const int rows, const int vectors, int64_t inner, ck_factor a, const float *b, int64_t b_row, float *c,
  int64_t c_row, int accumulates) {
  ck_vector sums[CK_TILE][2];
  for (int i = 0; i < rows; i++) {
    for (int v = 0; v < vectors; v++) {
      const ck_vector zero = {0};
      sums[i][v] = accumulates ? *(const ck_vector *)(c + i * c_row + v * CK_LANES) : zero;
    }
  }
  for (int64_t k = 0; k < inner; k++) {
    for (int v = 0; v < vectors; v++) {
      const ck_vector right = *(const ck_vector *)(b + k * b_row + v * CK_LANES);
      for (int i = 0; i < rows; i++) sums[i][v] += a.at[i * a.row + k * a.column] * right;
    }
  }
  for (int i = 0; i < rows; i++) {
    for (int v = 0; v < vectors; v++) *(ck_vector *)(c + i * c_row + v * CK_LANES) = sums[i][v];
  }
}

CK_INLINE void ck_tile_row(
  const int rows, int64_t columns, int64_t inner, ck_factor a, const float *b, int64_t b_row, float *c, int64_t c_row,
  int accumulates) {
  int64_t j = 0;
  for (; j + 2 * CK_LANES <= columns; j += 2 * CK_LANES) {
    ck_tile(rows, 2, inner, a, b + j, b_row, c + j, c_row, accumulates);
  }
  for (; j + CK_LANES <= columns; j += CK_LANES) {
    ck_tile(rows, 1, inner, a, b + j, b_row, c + j, c_row, accumulates);
  }
  for (; j < columns; j++) {
    for (int i = 0; i < rows; i++) {
      float sum = accumulates ? c[i * c_row + j] : 0.0f;
      for (int64_t k = 0; k < inner; k++) sum += a.at[i * a.row + k * a.column] * b[k * b_row + j];
      c[i * c_row + j] = sum;
    }
  }
}

/// `c = a b`, or `c += a b`, for at most `CK_TILE` rows; `b` and `c` are row-major.
CK_INLINE void ck_multiply(
  int64_t rows, int64_t columns, int64_t inner, ck_factor a, const float *b, int64_t b_row, float *c, int64_t c_row,
  int accumulates) {
  if (rows == CK_TILE) {
    ck_tile_row(CK_TILE, columns, inner, a, b, b_row, c, c_row, accumulates);
    return;
  }
  for (int64_t i = 0; i < rows; i++) {
    const ck_factor row = {a.at + i * a.row, a.row, a.column};
    ck_tile_row(1, columns, inner, row, b, b_row, c + i * c_row, c_row, accumulates);
  }
}

// Rows are dealt out in turn, as cards are shuffled perfectly.
#define CK_DEALT_LOW(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define CK_DEALT_HIGH(a, b) \
  __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

// Four rounds exchange rows and columns.
CK_INLINE void ck_turn_tile(const float *x, int64_t x_row, float *y, int64_t y_row) {
  ck_vector rows[CK_LANES], dealt[CK_LANES];
  for (int i = 0; i < CK_LANES; i++) rows[i] = *(const ck_vector *)(x + i * x_row);
  for (int round = 0; round < 4; round++) {
    for (int i = 0; i < CK_LANES / 2; i++) {
      dealt[2 * i] = CK_DEALT_LOW(rows[i], rows[i + CK_LANES / 2]);
      dealt[2 * i + 1] = CK_DEALT_HIGH(rows[i], rows[i + CK_LANES / 2]);
    }
    for (int i = 0; i < CK_LANES; i++) rows[i] = dealt[i];
  }
  for (int i = 0; i < CK_LANES; i++) *(ck_vector *)(y + i * y_row) = rows[i];
}

/// `[times, channels]` to `[channels, padded times]`, zeros in the padding.
CK_INLINE void ck_turn(const float *x, int64_t times, int64_t channels, int64_t stride, float *y, int64_t padded) {
  const int64_t whole = times / CK_LANES * CK_LANES, whole_channels = channels / CK_LANES * CK_LANES;
  for (int64_t t = 0; t < whole; t += CK_LANES) {
    for (int64_t c = 0; c < whole_channels; c += CK_LANES) {
      ck_turn_tile(x + t * stride + c, stride, y + c * padded + t, padded);
    }
  }
  for (int64_t c = 0; c < channels; c++) {
    for (int64_t t = c < whole_channels ? whole : 0; t < times; t++) y[c * padded + t] = x[t * stride + c];
    for (int64_t t = times; t < padded; t++) y[c * padded + t] = 0.0f;
  }
}

#define CK_JOIN_ROWS(half, join)                                                                                       \
  _Pragma("clang loop unroll(full)") for (int i = 0; i < half; i++) {                                                  \
    rows[i] = join(CK_DEALT_LOW(rows[i], rows[i + half]), CK_DEALT_HIGH(rows[i], rows[i + half]));                     \
  }

// Lane `i` of `y` becomes the `join` of all lanes of row `i`: the exchange of rows and columns, in which what meets is
// joined.
#define CK_FOLD_ROWS(name, join)                                                                                       \
  CK_INLINE void ck_##name##_of_rows(const ck_vector *x, float *y) {                                                   \
    ck_vector rows[CK_LANES];                                                                                          \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < CK_LANES; i++) rows[i] = x[i];                              \
    CK_JOIN_ROWS(8, join)                                                                                              \
    CK_JOIN_ROWS(4, join)                                                                                              \
    CK_JOIN_ROWS(2, join)                                                                                              \
    CK_JOIN_ROWS(1, join)                                                                                              \
    *(ck_vector *)y = rows[0];                                                                                         \
  }
#define CK_PLUS(a, b) ((a) + (b))

CK_FOLD_ROWS(maxima, __builtin_elementwise_max)
CK_FOLD_ROWS(sums, CK_PLUS)

#endif
