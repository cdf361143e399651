#include "CKernels.h"
#include "attention_tiles.h"
#include "functions.h"
#include <string.h>

/// The queries of one block: their products with all keys stay in the second-level cache.
#define CK_QUERIES 32

int64_t ck_attention_scratch(const ck_attention *s) {
  return (s->channels + s->value_channels + 2 * CK_QUERIES) * ck_padded(s->keys);
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

/// Some queries that follow one another, at most a block of them, and their rows of products with the keys.
typedef struct {
  int64_t first, count, padded;
} ck_queries;

/// The keys that the queries of the tile with query `i` of a block see at most: their rows are whole up to there.
CK_INLINE int64_t ck_visible_in_tile(const ck_attention *s, ck_queries q, int64_t i) {
  return ck_visible(s, q.first + ck_min(q.count, (i / CK_TILE + 1) * CK_TILE) - 1);
}

/// Products of queries, or of cotangents, with the keys or values, of which `turned` has the channels as rows: for each
/// tile with as many keys as it sees.
CK_INLINE void ck_multiply_with_keys(
  const ck_attention *s, ck_queries q, int64_t channels, const float *rows, int64_t stride, const float *turned,
  float *products) {
  for (int64_t i = 0; i < q.count; i += CK_TILE) {
    const ck_factor left = {rows + i * stride, stride, 1};
    ck_multiply(
      ck_min(CK_TILE, q.count - i), ck_padded(ck_visible_in_tile(s, q, i)), channels, left, turned, q.padded,
      products + i * q.padded, q.padded, 0);
  }
}

/// For each query of a block the sum of the keys, or values, that it sees, times their weights.
CK_INLINE void ck_sum_over_keys(
  const ck_attention *s, ck_queries q, int64_t channels, const float *weights, const float *keys, int64_t stride,
  float *sums, int64_t sums_stride) {
  for (int64_t i = 0; i < q.count; i += CK_TILE) {
    const ck_factor left = {weights + i * q.padded, q.padded, 1};
    ck_multiply(
      ck_min(CK_TILE, q.count - i), channels, ck_visible_in_tile(s, q, i), left, keys, stride, sums + i * sums_stride,
      sums_stride, 0);
  }
}

/// Adds to the sum of each key the queries of a block that see it, or their cotangents, times its weights in them; sums
/// of keys from `fresh` on begin with this block.
CK_INLINE void ck_sum_over_queries(
  const ck_attention *s, ck_queries q, int64_t channels, const float *weights, const float *rows, int64_t stride,
  float *sums, int64_t sums_stride, int64_t fresh) {
  const int64_t visible = ck_visible(s, q.first + q.count - 1);
  for (int64_t j = 0; j < visible; j += CK_TILE) {
    const int64_t begin = s->is_causal && j > q.first ? j - q.first : 0;
    const ck_factor left = {weights + begin * q.padded + j, 1, q.padded};
    ck_multiply(
      ck_min(CK_TILE, visible - j), channels, q.count - begin, left, rows + begin * stride, stride,
      sums + j * sums_stride, sums_stride, j < fresh);
  }
}

/// Masked products times the scale, and minus infinity where nothing is attended to; `columns` is a multiple of the
/// lanes. `tops` is the largest in each lane.
CK_INLINE void ck_mask_row(
  float *x, int32_t visible, int32_t columns, float scale, const uint8_t *mask, ck_vector *tops) {
  CK_VECTORIZE for (int32_t j = 0; j < columns; j++) { x[j] = j < visible ? x[j] * scale : -INFINITY; }
  for (int32_t j = 0; mask && j < visible; j++) x[j] = mask[j] ? x[j] : -INFINITY;
  ck_vector largest = *(const ck_vector *)x;
  for (int32_t j = CK_LANES; j < columns; j += CK_LANES) {
    largest = __builtin_elementwise_max(*(const ck_vector *)(x + j), largest);
  }
  *tops = largest;
}

/// Masked products become exponentials; `sums` is the sum in each lane.
CK_INLINE void ck_exponentials_row(float *x, int32_t columns, float shift, ck_vector *sums) {
  CK_VECTORIZE for (int32_t j = 0; j < columns; j++) { x[j] = x[j] == -INFINITY ? 0.0f : ck_exp(x[j] - shift); }
  ck_vector sum = *(const ck_vector *)x;
  for (int32_t j = CK_LANES; j < columns; j += CK_LANES) sum += *(const ck_vector *)(x + j);
  *sums = sum;
}

/// Products of a block's queries become exponentials of what lies below each query's largest; `sums` are theirs. Both
/// have room for a whole block.
CK_INLINE void ck_exponentials(
  const ck_attention *s, ck_queries q, const uint8_t *mask, float *products, float *tops, float *sums) {
  for (int64_t first = 0; first < q.count; first += CK_LANES) {
    const int64_t end = ck_min(q.count, first + CK_LANES);
    ck_vector rows[CK_LANES] = {0};
    for (int64_t i = first; i < end; i++) {
      ck_mask_row(
        products + i * q.padded, (int32_t)ck_visible(s, q.first + i), (int32_t)ck_padded(ck_visible_in_tile(s, q, i)),
        s->scale, mask, &rows[i - first]);
    }
    ck_maxima_of_rows(rows, tops + first);
    for (int64_t i = first; i < first + CK_LANES; i++) tops[i] = tops[i] == -INFINITY ? 0.0f : tops[i];
    for (int64_t i = first; i < end; i++) {
      ck_exponentials_row(
        products + i * q.padded, (int32_t)ck_padded(ck_visible_in_tile(s, q, i)), tops[i], &rows[i - first]);
    }
    ck_sums_of_rows(rows, sums + first);
  }
}

CK_CLONES static void ck_attend(const ck_attention *s, int64_t begin, int64_t end, float *scratch) {
  const int64_t padded = ck_padded(s->keys), width = s->heads * s->value_channels;
  float *turned = scratch, *products = turned + s->channels * padded;
  for (int64_t index = begin; index < end; index++) {
    const ck_head head = ck_head_at(s, index);
    ck_turn(head.key, s->keys, s->channels, s->key_stride, turned, padded);
    for (int64_t first = 0; first < s->queries; first += CK_QUERIES) {
      const ck_queries q = {first, ck_min(CK_QUERIES, s->queries - first), padded};
      ck_multiply_with_keys(s, q, s->channels, head.query + first * s->query_stride, s->query_stride, turned, products);
      float tops[CK_QUERIES] = {0}, sums[CK_QUERIES] = {0};
      ck_exponentials(s, q, head.mask, products, tops, sums);
      for (int64_t i = 0; s->logarithms && i < q.count; i++) {
        s->logarithms[head.row + first + i] = sums[i] == 0.0f ? 0.0f : tops[i] + ck_log(sums[i]);
      }
      if (!s->output) continue;
      float *output = s->output + head.output + first * width;
      ck_sum_over_keys(s, q, s->value_channels, products, head.value, s->value_stride, output, width);
      for (int64_t i = 0; i < CK_QUERIES; i++) sums[i] = sums[i] == 0.0f ? 0.0f : 1.0f / sums[i];
      for (int64_t i = 0; i < q.count; i++) {
        CK_VECTORIZE for (int64_t c = 0; c < s->value_channels; c++) { output[i * width + c] *= sums[i]; }
      }
    }
  }
}

/// Weights anew from the logarithms, and the cotangents of the products in the place of those of the weights.
CK_INLINE void ck_weigh(
  float *weights, float *cotangents, int32_t visible, int32_t columns, float scale, float logarithm, float offset,
  const uint8_t *mask) {
  CK_VECTORIZE for (int32_t j = 0; j < columns; j++) {
    const float weight = j < visible ? ck_exp(weights[j] * scale - logarithm) : 0.0f;
    weights[j] = weight;
    cotangents[j] = weight * (cotangents[j] - offset) * scale;
  }
  for (int32_t j = 0; mask && j < visible; j++) {
    if (!mask[j]) weights[j] = cotangents[j] = 0.0f;
  }
}

static void ck_clear(float *x, int64_t begin, int64_t end, int64_t channels, int64_t stride) {
  for (int64_t t = begin; x && t < end; t++) memset(x + t * stride, 0, (size_t)channels * sizeof(float));
}

CK_CLONES static void ck_attend_backward(const ck_attention *s, int64_t begin, int64_t end, float *scratch) {
  const int64_t padded = ck_padded(s->keys), width = s->heads * s->value_channels;
  float *keys = scratch, *values = keys + s->channels * padded, *weights = values + s->value_channels * padded;
  float *cotangents = weights + CK_QUERIES * padded;
  for (int64_t index = begin; index < end; index++) {
    const ck_head head = ck_head_at(s, index);
    float *of_keys = s->key_gradient ? s->key_gradient + head.key_offset : NULL;
    float *of_values = s->value_gradient ? s->value_gradient + head.value_offset : NULL;
    ck_turn(head.key, s->keys, s->channels, s->key_stride, keys, padded);
    ck_turn(head.value, s->keys, s->value_channels, s->value_stride, values, padded);
    int64_t seen = 0;
    for (int64_t first = 0; first < s->queries; first += CK_QUERIES) {
      const ck_queries q = {first, ck_min(CK_QUERIES, s->queries - first), padded};
      const float *query = head.query + first * s->query_stride;
      const float *cotangent = s->cotangent + head.output + first * width;
      ck_multiply_with_keys(s, q, s->channels, query, s->query_stride, keys, weights);
      ck_multiply_with_keys(s, q, s->value_channels, cotangent, width, values, cotangents);
      for (int64_t i = 0; i < q.count; i++) {
        const int64_t row = head.row + first + i;
        ck_weigh(
          weights + i * padded, cotangents + i * padded, (int32_t)ck_visible(s, first + i),
          (int32_t)ck_padded(ck_visible_in_tile(s, q, i)), s->scale, s->logarithms[row], s->offset[row], head.mask);
      }
      if (s->query_gradient) {
        ck_sum_over_keys(
          s, q, s->channels, cotangents, head.key, s->key_stride,
          s->query_gradient + head.query_offset + first * s->query_stride, s->query_stride);
      }
      if (of_keys) {
        ck_sum_over_queries(s, q, s->channels, cotangents, query, s->query_stride, of_keys, s->key_stride, seen);
      }
      if (of_values) {
        ck_sum_over_queries(s, q, s->value_channels, weights, cotangent, width, of_values, s->value_stride, seen);
      }
      seen = ck_visible(s, first + q.count - 1);
    }
    ck_clear(of_keys, seen, s->keys, s->channels, s->key_stride);
    ck_clear(of_values, seen, s->keys, s->value_channels, s->value_stride);
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
