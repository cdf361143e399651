#include "CKernels.h"
#include "folds.h"
#include "functions.h"
#include "vectors.h"

// Sums of many rows go in blocks of rows, whose sums are added in double precision, so that the rounding error grows
// with the block and not with the number of rows.
#define CK_ROWS 128

CK_INLINE void ck_column_sums(float *totals, const float *x, int64_t extent, int64_t stride, int64_t n) {
  if (extent <= CK_ROWS) {
    ck_columns_sum(totals, x, extent, stride, n);
    return;
  }
  float block[CK_BLOCK];
  double sums[CK_BLOCK] = {0};
  for (int64_t k = 0; k < extent; k += CK_ROWS) {
    ck_columns_sum(block, x + k * stride, ck_min(CK_ROWS, extent - k), stride, n);
    CK_VECTORIZE for (int64_t i = 0; i < n; i++) { sums[i] += (double)block[i]; }
  }
  CK_VECTORIZE for (int64_t i = 0; i < n; i++) { totals[i] = (float)sums[i]; }
}

CK_INLINE float ck_row_sum(const float *x, int64_t n) {
  const int64_t block = CK_ROWS * CK_LANES;
  double total = 0.0;
  for (int64_t k = 0; k < n; k += block) total += (double)ck_fold_sum(x + k, ck_min(block, n - k));
  return (float)total;
}

/// ln of the sum of exponentials, shifted by the largest so that nothing overflows.
CK_INLINE float ck_fold_log_sum_exp(const float *x, int64_t extent, int64_t stride) {
  float top = -INFINITY, sum = 0.0f;
  for (int64_t k = 0; k < extent; k++) {
    const float y = x[k * stride];
    top = y > top || y != y ? y : top;
  }
  if (top != top || top == INFINITY || top == -INFINITY) return top;
  for (int64_t k = 0; k < extent; k++) sum += ck_exp(x[k * stride] - top);
  return top + ck_log(sum);
}

static int32_t ck_argument_maximum(const float *x, int64_t extent, int64_t stride) {
  int64_t best = 0;
  for (int64_t k = 1; k < extent; k++) {
    const float y = x[k * stride], top = x[best * stride];
    // The first number that is not one wins, as in NumPy.
    if (y > top || (y != y && top == top)) best = k;
  }
  return (int32_t)best;
}

/// Columns `begin ..< end` of one outer slice.
CK_CLONES static void ck_reduce_columns(const ck_reduce *r, int64_t outer, int64_t begin, int64_t end) {
  const float *x = r->source + outer * r->extent * r->inner;
  float *y = (float *)r->destination + outer * r->inner;
  if (r->kind == CK_LOG_SUM_EXP || r->kind == CK_ARGUMENT_MAXIMUM) {
    for (int64_t i = begin; i < end; i++) {
      if (r->kind == CK_LOG_SUM_EXP) y[i] = ck_fold_log_sum_exp(x + i, r->extent, r->inner);
      else ((int32_t *)y)[i] = ck_argument_maximum(x + i, r->extent, r->inner);
    }
    return;
  }
  for (int64_t i = begin; i < end; i += CK_BLOCK) {
    const int64_t n = ck_min(CK_BLOCK, end - i);
    switch (r->kind) {
      case CK_PRODUCT: ck_columns_product(y + i, x + i, r->extent, r->inner, n); break;
      case CK_REDUCE_MAXIMUM: ck_columns_maximum(y + i, x + i, r->extent, r->inner, n); break;
      case CK_REDUCE_MINIMUM: ck_columns_minimum(y + i, x + i, r->extent, r->inner, n); break;
      default:
        ck_column_sums(y + i, x + i, r->extent, r->inner, n);
        if (r->kind == CK_MEAN) {
          for (int64_t j = 0; j < n; j++) y[i + j] /= (float)r->extent;
        }
    }
  }
}

CK_CLONES static void ck_reduce_rows(const ck_reduce *r, int64_t begin, int64_t end) {
  float *y = r->destination;
  for (int64_t row = begin; row < end; row++) {
    const float *x = r->source + row * r->extent;
    switch (r->kind) {
      case CK_PRODUCT: y[row] = ck_fold_product(x, r->extent); break;
      case CK_REDUCE_MAXIMUM: y[row] = ck_fold_maximum(x, r->extent); break;
      case CK_REDUCE_MINIMUM: y[row] = ck_fold_minimum(x, r->extent); break;
      case CK_LOG_SUM_EXP: y[row] = ck_fold_log_sum_exp(x, r->extent, 1); break;
      case CK_ARGUMENT_MAXIMUM: ((int32_t *)y)[row] = ck_argument_maximum(x, r->extent, 1); break;
      case CK_MEAN: y[row] = ck_row_sum(x, r->extent) / (float)r->extent; break;
      default: y[row] = ck_row_sum(x, r->extent);
    }
  }
}

static void ck_reduce_share(int32_t worker, int32_t workers, void *opaque) {
  const ck_reduce *r = opaque;
  int64_t begin, end;
  if (r->inner == 1) {
    ck_share(r->outer, 1, worker, workers, &begin, &end);
    ck_reduce_rows(r, begin, end);
  } else if (r->outer >= workers) {
    ck_share(r->outer, 1, worker, workers, &begin, &end);
    for (int64_t outer = begin; outer < end; outer++) ck_reduce_columns(r, outer, 0, r->inner);
  } else {
    ck_share(r->inner, 16, worker, workers, &begin, &end);
    for (int64_t outer = 0; outer < r->outer; outer++) ck_reduce_columns(r, outer, begin, end);
  }
}

int32_t ck_run_reduce(const void *context) {
  const ck_reduce *r = context;
  ck_parallel(r->workers, ck_reduce_share, (void *)r);
  return CK_OK;
}
