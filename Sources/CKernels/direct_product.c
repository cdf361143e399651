#include "CKernels.h"
#include "vectors.h"

// Products that are so small that calling a library costs more than multiplying. A block of rows keeps its sums of a
// panel of columns in registers.

/// The elements of a vector; where the machine's are shorter, the compiler takes several.
#define CK_LANES 16
#define CK_BLOCK_ROWS 8
/// The most vectors of a panel, of a single row.
#define CK_MOST_VECTORS 8

typedef float ck_vector __attribute__((vector_size(4 * CK_LANES), aligned(4)));

/// The rows of a block, and their sums of a panel.
typedef struct {
  const float *left[CK_BLOCK_ROWS];
  ck_vector sums[CK_BLOCK_ROWS][CK_MOST_VECTORS];
} ck_block;

/// How many vectors the next panel has.
static int64_t ck_vectors(int64_t rows, int64_t columns) {
  if (rows == 1 && columns > 2 * CK_LANES) return columns > 4 * CK_LANES ? 8 : 4;
  return columns > CK_LANES ? 2 : 1;
}

/// Adds `left[begin ..< end]` times the rows of a panel, `stride` apart, of which the first is that of `begin`.
CK_INLINE void ck_add_products(
  ck_block *block, const int rows, const int vectors, int64_t begin, int64_t end, int64_t step, const float *panel,
  int64_t stride) {
  for (int64_t k = begin; k < end; k++) {
    const float *at = panel + (k - begin) * stride;
    ck_vector right[CK_MOST_VECTORS];
    _Pragma("clang loop unroll(full)") for (int v = 0; v < vectors; v++) {
      right[v] = *(const ck_vector *)(at + v * CK_LANES);
    }
    _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; r++) {
      const float factor = block->left[r][k * step];
      _Pragma("clang loop unroll(full)") for (int v = 0; v < vectors; v++) block->sums[r][v] += factor * right[v];
    }
  }
}

/// Rows from `first` on, `count` of them. Rows that a whole block has more are computed as the last one, and not
/// stored. The first `whole` rows of the panel are in the factor, the others packed.
CK_INLINE void ck_multiply_block(
  const ck_direct_product *p, const int rows, const int vectors, int64_t first, int64_t count, int64_t column,
  int64_t columns, int64_t whole) {
  ck_block block;
  _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; r++) {
    block.left[r] = p->left + (first + ck_min(r, count - 1)) * p->left_row;
    _Pragma("clang loop unroll(full)") for (int v = 0; v < vectors; v++) block.sums[r][v] = (ck_vector){0};
  }
  ck_add_products(&block, rows, vectors, 0, whole, p->left_inner, p->right + column, p->right_inner);
  ck_add_products(&block, rows, vectors, whole, p->inner, p->left_inner, p->scratch, vectors * CK_LANES);
  const float factor = p->scale ? p->factor * *p->scale : p->factor;
  for (int64_t r = 0; r < count; r++) {
    const float *sums = (const float *)block.sums[r];
    const int64_t at = (first + r) * p->columns + column;
    for (int64_t j = 0; j < columns; j++) {
      const float base = (p->bias ? p->bias[column + j] : 0.0f) + (p->added ? p->added[at + j] : 0.0f);
      p->destination[at + j] = sums[j] * factor + base;
    }
  }
}

CK_INLINE void ck_multiply_panel(const ck_direct_product *p, const int rows, const int vectors, int64_t column) {
  const int64_t width = vectors * CK_LANES, columns = ck_min(width, p->columns - column);
  // Rows whose vectors end within the factor are read where they are, with what follows them.
  const int64_t room = p->inner * p->columns - column - width;
  const int64_t whole = p->right_column == 1 && room >= 0 ? room / p->columns + 1 : 0;
  for (int64_t k = whole; k < p->inner; k++) {
    const float *from = p->right + k * p->right_inner + column * p->right_column;
    float *to = p->scratch + (k - whole) * width;
    for (int64_t j = 0; j < columns; j++) to[j] = from[j * p->right_column];
    for (int64_t j = columns; j < width; j++) to[j] = 0.0f;
  }
  for (int64_t row = 0; row < p->rows; row += rows) {
    ck_multiply_block(p, rows, vectors, row, ck_min(rows, p->rows - row), column, columns, whole);
  }
}

CK_CLONES static void ck_multiply_directly(const ck_direct_product *p) {
  for (int64_t column = 0, vectors; column < p->columns; column += vectors * CK_LANES) {
    vectors = ck_vectors(p->rows, p->columns - column);
    switch (p->rows == 1 ? vectors : -vectors) {
      case 8: ck_multiply_panel(p, 1, 8, column); break;
      case 4: ck_multiply_panel(p, 1, 4, column); break;
      case 2: ck_multiply_panel(p, 1, 2, column); break;
      case 1: ck_multiply_panel(p, 1, 1, column); break;
      case -2: ck_multiply_panel(p, CK_BLOCK_ROWS, 2, column); break;
      default: ck_multiply_panel(p, CK_BLOCK_ROWS, 1, column);
    }
  }
}

int64_t ck_direct_product_scratch(const ck_direct_product *product) {
  const int64_t width = ck_vectors(product->rows, product->columns) * CK_LANES;
  const int64_t packed = product->right_column == 1 ? width / product->columns + 1 : product->inner;
  return width * ck_min(product->inner, packed);
}

int32_t ck_run_direct_product(const void *context) {
  ck_multiply_directly(context);
  return CK_OK;
}
