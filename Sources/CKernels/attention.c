#include "CKernels.h"
#include "functions.h"
#include "vectors.h"
#include <string.h>

/// The queries of one block: their products with all keys stay in the second-level cache.
#define CK_QUERIES 32
/// The elements of a vector; where the machine's are shorter, the compiler takes several.
#define CK_LANES 16
/// Rows of keys are padded to whole tiles.
#define CK_TILE 32
#define CK_TILE_ROWS 4

typedef float ck_vector __attribute__((vector_size(4 * CK_LANES), aligned(4)));

// Halves are joined until one element is left: each round swaps the halves of what was joined.
#define CK_JOIN(x, join) \
  x = join(x, __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)); \
  x = join(x, __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11)); \
  x = join(x, __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)); \
  x = join(x, __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));

#define CK_PLUS(a, b) ((a) + (b))

// One tile of `c += a b`, of `rows` times `vectors` vectors, which stays in registers over the whole inner extent.
CK_INLINE void ck_tile(
  const int rows, const int vectors, int64_t inner, const float *a, int64_t a_row, int64_t a_column, const float *b,
  int64_t b_row, float *c, int64_t c_row, int accumulates) {
  ck_vector sums[CK_TILE_ROWS][2];
  for (int i = 0; i < rows; i++) {
    for (int v = 0; v < vectors; v++) {
      const ck_vector zero = {0};
      sums[i][v] = accumulates ? *(const ck_vector *)(c + i * c_row + v * CK_LANES) : zero;
    }
  }
  for (int64_t k = 0; k < inner; k++) {
    for (int v = 0; v < vectors; v++) {
      const ck_vector right = *(const ck_vector *)(b + k * b_row + v * CK_LANES);
      for (int i = 0; i < rows; i++) sums[i][v] += a[i * a_row + k * a_column] * right;
    }
  }
  for (int i = 0; i < rows; i++) {
    for (int v = 0; v < vectors; v++) *(ck_vector *)(c + i * c_row + v * CK_LANES) = sums[i][v];
  }
}

CK_INLINE void ck_tile_row(
  const int rows, int64_t columns, int64_t inner, const float *a, int64_t a_row, int64_t a_column, const float *b,
  int64_t b_row, float *c, int64_t c_row, int accumulates) {
  int64_t j = 0;
  for (; j + 2 * CK_LANES <= columns; j += 2 * CK_LANES) {
    ck_tile(rows, 2, inner, a, a_row, a_column, b + j, b_row, c + j, c_row, accumulates);
  }
  for (; j + CK_LANES <= columns; j += CK_LANES) {
    ck_tile(rows, 1, inner, a, a_row, a_column, b + j, b_row, c + j, c_row, accumulates);
  }
  for (; j < columns; j++) {
    for (int i = 0; i < rows; i++) {
      float sum = accumulates ? c[i * c_row + j] : 0.0f;
      for (int64_t k = 0; k < inner; k++) sum += a[i * a_row + k * a_column] * b[k * b_row + j];
      c[i * c_row + j] = sum;
    }
  }
}

/// `c = a b`, or `c += a b`: `a` is `[rows, inner]` in any layout, the others are row-major.
CK_INLINE void ck_multiply(
  int64_t rows, int64_t columns, int64_t inner, const float *a, int64_t a_row, int64_t a_column, const float *b,
  int64_t b_row, float *c, int64_t c_row, int accumulates) {
  int64_t i = 0;
  for (; i + CK_TILE_ROWS <= rows; i += CK_TILE_ROWS) {
    ck_tile_row(
      CK_TILE_ROWS, columns, inner, a + i * a_row, a_row, a_column, b, b_row, c + i * c_row, c_row, accumulates);
  }
  for (; i < rows; i++) {
    ck_tile_row(1, columns, inner, a + i * a_row, a_row, a_column, b, b_row, c + i * c_row, c_row, accumulates);
  }
}

static int64_t ck_padded(int64_t count) { return (count + CK_TILE - 1) / CK_TILE * CK_TILE; }

int64_t ck_attention_scratch(const ck_attention *s) {
  return (s->channels + s->value_channels + 2 * CK_QUERIES) * ck_padded(s->keys);
}

// Four rounds that deal the rows out in turn, as cards are shuffled perfectly, exchange rows and columns.
CK_INLINE void ck_turn_tile(const float *x, int64_t x_row, float *y, int64_t y_row) {
  ck_vector rows[CK_LANES], dealt[CK_LANES];
  for (int i = 0; i < CK_LANES; i++) rows[i] = *(const ck_vector *)(x + i * x_row);
  for (int round = 0; round < 4; round++) {
    for (int i = 0; i < CK_LANES / 2; i++) {
      const ck_vector a = rows[i], b = rows[i + CK_LANES / 2];
      dealt[2 * i] = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      dealt[2 * i + 1] = __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
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

/// One head of one example.
typedef struct {
  const float *query, *key, *value;
  const uint8_t *mask;
  int64_t output, row, query_offset, key_offset, value_offset;
} ck_head;

CK_INLINE ck_head ck_head_at(const ck_attention *s, int64_t index) {
  const int64_t b = index / s->heads, h = index % s->heads;
  ck_head head;
  head.query_offset = b * s->queries * s->query_stride + h * s->channels;
  head.key_offset = b * s->keys * s->key_stride + h * s->channels;
  head.value_offset = b * s->keys * s->value_stride + h * s->value_channels;
  head.query = s->query + head.query_offset;
  head.key = s->key + head.key_offset;
  head.value = s->value + head.value_offset;
  head.mask = s->mask ? s->mask + b * s->keys : NULL;
  head.output = (b * s->queries * s->heads + h) * s->value_channels;
  head.row = index * s->queries;
  return head;
}

/// The number of keys that a query may see at most.
CK_INLINE int64_t ck_visible(const ck_attention *s, int64_t query) {
  return s->is_causal ? ck_min(s->keys, query + 1) : s->keys;
}

/// Products of a block of queries with the keys, from `turned` keys.
CK_INLINE void ck_products(
  const ck_attention *s, const ck_head *head, int64_t first, int64_t count, int64_t columns, const float *turned,
  int64_t padded, float *products) {
  ck_multiply(
    count, columns, s->channels, head->query + first * s->query_stride, s->query_stride, 1, turned, padded, products,
    padded, 0);
}

/// Masked products times the scale, and minus infinity where nothing is attended to; `columns` is a multiple of the
/// lanes. Returns the largest.
CK_INLINE float ck_mask_row(float *x, int32_t visible, int32_t columns, float scale, const uint8_t *mask) {
  CK_VECTORIZE for (int32_t j = 0; j < columns; j++) { x[j] = j < visible ? x[j] * scale : -INFINITY; }
  for (int32_t j = 0; mask && j < visible; j++) x[j] = mask[j] ? x[j] : -INFINITY;
  ck_vector tops = *(const ck_vector *)x;
  for (int32_t j = CK_LANES; j < columns; j += CK_LANES) {
    tops = __builtin_elementwise_max(*(const ck_vector *)(x + j), tops);
  }
  CK_JOIN(tops, __builtin_elementwise_max)
  return tops[0];
}

/// Masked products become exponentials; returns their sum.
CK_INLINE float ck_exponentials_row(float *x, int32_t columns, float shift) {
  CK_VECTORIZE for (int32_t j = 0; j < columns; j++) { x[j] = x[j] == -INFINITY ? 0.0f : ck_exp(x[j] - shift); }
  ck_vector sums = *(const ck_vector *)x;
  for (int32_t j = CK_LANES; j < columns; j += CK_LANES) sums += *(const ck_vector *)(x + j);
  CK_JOIN(sums, CK_PLUS)
  return sums[0];
}

CK_CLONES static void ck_attend(const ck_attention *s, int64_t begin, int64_t end, float *scratch) {
  const int64_t padded = ck_padded(s->keys), width = s->heads * s->value_channels;
  float *turned = scratch, *products = turned + s->channels * padded;
  for (int64_t index = begin; index < end; index++) {
    const ck_head head = ck_head_at(s, index);
    ck_turn(head.key, s->keys, s->channels, s->key_stride, turned, padded);
    for (int64_t first = 0; first < s->queries; first += CK_QUERIES) {
      const int64_t count = ck_min(CK_QUERIES, s->queries - first);
      const int64_t visible = ck_visible(s, first + count - 1), columns = ck_padded(visible);
      ck_products(s, &head, first, count, columns, turned, padded, products);
      float tops[CK_QUERIES], sums[CK_QUERIES];
      for (int64_t i = 0; i < count; i++) {
        float *row = products + i * padded;
        const float top = ck_mask_row(row, (int32_t)ck_visible(s, first + i), (int32_t)columns, s->scale, head.mask);
        tops[i] = top == -INFINITY ? 0.0f : top;
        sums[i] = ck_exponentials_row(row, (int32_t)columns, tops[i]);
      }
      for (int64_t i = 0; s->logarithms && i < count; i++) {
        s->logarithms[head.row + first + i] = sums[i] == 0.0f ? 0.0f : tops[i] + ck_log(sums[i]);
      }
      if (!s->output) continue;
      float *output = s->output + head.output + first * width;
      ck_multiply(
        count, s->value_channels, visible, products, padded, 1, head.value, s->value_stride, output, width, 0);
      for (int64_t i = 0; i < count; i++) {
        const float factor = sums[i] == 0.0f ? 0.0f : 1.0f / sums[i];
        CK_VECTORIZE for (int64_t c = 0; c < s->value_channels; c++) { output[i * width + c] *= factor; }
      }
    }
  }
}

/// Weights anew from the logarithms, and the cotangents of the products in the place of those of the weights.
CK_INLINE void ck_weigh(
  float *weights, float *cotangents, int32_t visible, int32_t columns, float scale, float logarithm, float offset,
  const uint8_t *mask) {
  CK_VECTORIZE for (int32_t j = 0; j < columns; j++) {
    weights[j] = j < visible ? ck_exp(weights[j] * scale - logarithm) : 0.0f;
  }
  for (int32_t j = 0; mask && j < visible; j++) weights[j] = mask[j] ? weights[j] : 0.0f;
  CK_VECTORIZE for (int32_t j = 0; j < columns; j++) { cotangents[j] = weights[j] * (cotangents[j] - offset) * scale; }
}

static void ck_clear(float *x, int64_t times, int64_t channels, int64_t stride) {
  for (int64_t t = 0; x && t < times; t++) memset(x + t * stride, 0, (size_t)channels * sizeof(float));
}

CK_CLONES static void ck_attend_backward(const ck_attention *s, int64_t begin, int64_t end, float *scratch) {
  const int64_t padded = ck_padded(s->keys), width = s->heads * s->value_channels;
  float *keys = scratch, *values = keys + s->channels * padded, *weights = values + s->value_channels * padded;
  float *cotangents = weights + CK_QUERIES * padded;
  for (int64_t index = begin; index < end; index++) {
    const ck_head head = ck_head_at(s, index);
    float *of_keys = s->key_gradient ? s->key_gradient + head.key_offset : NULL;
    float *of_values = s->value_gradient ? s->value_gradient + head.value_offset : NULL;
    ck_clear(of_keys, s->keys, s->channels, s->key_stride);
    ck_clear(of_values, s->keys, s->value_channels, s->value_stride);
    ck_turn(head.key, s->keys, s->channels, s->key_stride, keys, padded);
    ck_turn(head.value, s->keys, s->value_channels, s->value_stride, values, padded);
    for (int64_t first = 0; first < s->queries; first += CK_QUERIES) {
      const int64_t count = ck_min(CK_QUERIES, s->queries - first);
      const int64_t visible = ck_visible(s, first + count - 1), columns = ck_padded(visible);
      const float *cotangent = s->cotangent + head.output + first * width;
      ck_products(s, &head, first, count, columns, keys, padded, weights);
      ck_multiply(count, columns, s->value_channels, cotangent, width, 1, values, padded, cotangents, padded, 0);
      for (int64_t i = 0; i < count; i++) {
        const int64_t row = head.row + first + i;
        ck_weigh(
          weights + i * padded, cotangents + i * padded, (int32_t)ck_visible(s, first + i), (int32_t)columns, s->scale,
          s->logarithms[row], s->offset[row], head.mask);
      }
      if (s->query_gradient) {
        ck_multiply(
          count, s->channels, visible, cotangents, padded, 1, head.key, s->key_stride,
          s->query_gradient + head.query_offset + first * s->query_stride, s->query_stride, 0);
      }
      if (of_keys) {
        ck_multiply(
          visible, s->channels, count, cotangents, 1, padded, head.query + first * s->query_stride, s->query_stride,
          of_keys, s->key_stride, 1);
      }
      if (of_values) {
        ck_multiply(
          visible, s->value_channels, count, weights, 1, padded, cotangent, width, of_values, s->value_stride, 1);
      }
    }
  }
}

static void ck_attention_share(int32_t worker, int32_t workers, void *opaque) {
  const ck_attention *s = opaque;
  int64_t begin, end;
  ck_share(s->batch * s->heads, 1, worker, workers, &begin, &end);
  ck_attend(s, begin, end, s->scratch + worker * ck_attention_scratch(s));
}

static void ck_attention_gradient_share(int32_t worker, int32_t workers, void *opaque) {
  const ck_attention *s = opaque;
  int64_t begin, end;
  ck_share(s->batch * s->heads, 1, worker, workers, &begin, &end);
  ck_attend_backward(s, begin, end, s->scratch + worker * ck_attention_scratch(s));
}

int32_t ck_run_attention(const void *context) {
  const ck_attention *s = context;
  ck_parallel(s->workers, ck_attention_share, (void *)s);
  return CK_OK;
}

int32_t ck_run_attention_gradient(const void *context) {
  const ck_attention *s = context;
  ck_parallel(s->workers, ck_attention_gradient_share, (void *)s);
  return CK_OK;
}
