#include "CKernels.h"
#include "folds.h"
#include "normalization.h"

// Rows with moments of their own (layer and root mean square normalisation): each stays in the first-level cache from
// one look at it to the next.

/// The sum of squared distances from the mean.
CK_INLINE float ck_row_squares(const float *x, float mean, int64_t n) {
  float lanes[CK_LANES] = {0}, total = 0.0f;
  int64_t k = 0;
  for (; k + CK_LANES <= n; k += CK_LANES) {
    for (int l = 0; l < CK_LANES; l++) {
      const float distance = x[k + l] - mean;
      lanes[l] += distance * distance;
    }
  }
  for (; k < n; k++) total += (x[k] - mean) * (x[k] - mean);
  for (int l = 0; l < CK_LANES; l++) total += lanes[l];
  return total;
}

CK_CLONES static void ck_normalize_rows(const ck_normalization *n, int32_t worker) {
  const int64_t columns = n->inner;
  const float *scale = n->scale, *shift = n->shift;
  int64_t begin, end;
  ck_share(n->outer, 1, worker, n->workers, &begin, &end);
  for (int64_t row = begin; row < end; row++) {
    const float *x = n->source + row * columns;
    const float mean = n->is_centered ? ck_fold_sum(x, columns) / (float)columns : 0.0f;
    const float variance = ck_row_squares(x, mean, columns) / (float)columns;
    if (n->mean) n->mean[row] = mean;
    if (n->variance) n->variance[row] = variance;
    if (!n->destination) continue;
    const float factor = 1.0f / sqrtf(variance + n->epsilon);
    float *y = n->destination + row * columns;
    CK_VECTORIZE for (int64_t k = 0; k < columns; k++) {
      const float value = (x[k] - mean) * (factor * scale[k]) + shift[k];
      y[k] = n->has_relu && value < 0.0f ? 0.0f : value;
    }
  }
}

/// What a row's cotangents sum up to: times the scale, and times the distance from the mean too. The columns' parts of
/// the scale's and the shift's cotangents are added to `scales` and `shifts`.
typedef struct {
  float sum, product;
} ck_row_sums;

CK_INLINE ck_row_sums ck_row_products(
  const float *x, const float *g, const float *scale, float mean, float factor, int64_t n, float *scales,
  float *shifts) {
  float sums[CK_LANES] = {0}, products[CK_LANES] = {0};
  ck_row_sums total = {0.0f, 0.0f};
  int64_t k = 0;
  for (; k + CK_LANES <= n; k += CK_LANES) {
    for (int l = 0; l < CK_LANES; l++) {
      const float distance = x[k + l] - mean, cotangent = g[k + l], weighted = cotangent * scale[k + l];
      sums[l] += weighted;
      products[l] += weighted * distance;
      scales[k + l] += cotangent * (distance * factor);
      shifts[k + l] += cotangent;
    }
  }
  for (; k < n; k++) {
    const float distance = x[k] - mean, weighted = g[k] * scale[k];
    total.sum += weighted;
    total.product += weighted * distance;
    scales[k] += g[k] * (distance * factor);
    shifts[k] += g[k];
  }
  for (int l = 0; l < CK_LANES; l++) {
    total.sum += sums[l];
    total.product += products[l];
  }
  return total;
}

CK_CLONES static void ck_gradient_of_rows(const ck_normalization *n, int32_t worker) {
  const int64_t columns = n->inner;
  const ck_lanes s = ck_worker_lanes(n, worker);
  const float *scale = n->scale;
  int64_t begin, end;
  ck_share(n->outer, 1, worker, n->workers, &begin, &end);
  for (int64_t row = begin; row < end; row++) {
    const float *x = n->source + row * columns, *g = n->cotangent + row * columns;
    const float mean = n->is_centered ? n->mean[row] : 0.0f, factor = 1.0f / sqrtf(n->variance[row] + n->epsilon);
    const ck_row_sums sums = ck_row_products(x, g, scale, mean, factor, columns, s.third, s.fourth);
    if (!n->destination) continue;
    const float offset = n->is_centered ? factor * (sums.sum / (float)columns) : 0.0f;
    const float slope = factor * factor * (factor * (sums.product / (float)columns));
    float *d = n->destination + row * columns;
    CK_VECTORIZE for (int64_t k = 0; k < columns; k++) {
      d[k] = g[k] * (factor * scale[k]) - (x[k] - mean) * slope - offset;
    }
  }
}

void ck_run_row_normalization(const ck_normalization *n) { ck_normalization_parts(n, ck_normalize_rows); }

void ck_run_row_normalization_gradient(const ck_normalization *n) {
  ck_normalization_parts(n, ck_gradient_of_rows);
}
