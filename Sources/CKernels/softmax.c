#include "CKernels.h"
#include "folds.h"
#include "functions.h"
#include "vectors.h"

/// One row: e^(x - max) into `y`, its sum returned with the maximum.
CK_INLINE float ck_exponentials(float *y, const float *x, int64_t n, int64_t stride, float *top) {
  if (stride == 1) {
    const float largest = *top = ck_fold_maximum(x, n);
    CK_VECTORIZE for (int64_t k = 0; k < n; k++) { y[k] = ck_exp(x[k] - largest); }
    return ck_fold_sum(y, n);
  }
  float largest = -INFINITY, sum = 0.0f;
  for (int64_t k = 0; k < n; k++) largest = x[k * stride] > largest || x[k * stride] != x[k * stride] ? x[k * stride] : largest;
  for (int64_t k = 0; k < n; k++) sum += y[k * stride] = ck_exp(x[k * stride] - largest);
  *top = largest;
  return sum;
}

CK_CLONES static void ck_softmax_groups(const ck_softmax *s, int64_t begin, int64_t end) {
  for (int64_t group = begin; group < end; group++) {
    const int64_t offset = group / s->inner * s->extent * s->inner + group % s->inner;
    const float *x = s->source + offset;
    float *y = s->destination + offset, top;
    const float sum = ck_exponentials(y, x, s->extent, s->inner, &top);
    if (s->is_log) {
      const float logarithm = ck_log(sum);
      for (int64_t k = 0; k < s->extent; k++) y[k * s->inner] = x[k * s->inner] - top - logarithm;
    } else {
      for (int64_t k = 0; k < s->extent; k++) y[k * s->inner] /= sum;
    }
  }
}

static void ck_softmax_share(int32_t worker, int32_t workers, void *opaque) {
  const ck_softmax *s = opaque;
  int64_t begin, end;
  ck_share(s->outer * s->inner, 1, worker, workers, &begin, &end);
  ck_softmax_groups(s, begin, end);
}

int32_t ck_run_softmax(const void *context) {
  const ck_softmax *s = context;
  ck_parallel(s->workers, ck_softmax_share, (void *)s);
  return CK_OK;
}

// The row is computed where it is wanted last: gradient = (probabilities - one hot of the label) * cotangent.
CK_CLONES static void ck_cross_entropy_rows(const ck_cross_entropy *e, int64_t begin, int64_t end) {
  const int64_t n = e->classes;
  for (int64_t row = begin; row < end; row++) {
    const float *x = e->logits + row * n;
    float *p = (e->probabilities ? e->probabilities : e->gradient) + row * n, top;
    const int32_t label = e->labels[row];
    const float sum = ck_exponentials(p, x, n, 1, &top);
    if (e->losses) e->losses[row] = ck_log(sum) - (x[label] - top);
    CK_VECTORIZE for (int64_t k = 0; k < n; k++) { p[k] /= sum; }
    if (e->gradient) {
      float *g = e->gradient + row * n;
      const float cotangent = e->cotangents[row * e->cotangent_stride], target = p[label] - 1.0f;
      CK_VECTORIZE for (int64_t k = 0; k < n; k++) { g[k] = p[k] * cotangent; }
      g[label] = target * cotangent;
    }
  }
}

static void ck_cross_entropy_share(int32_t worker, int32_t workers, void *opaque) {
  const ck_cross_entropy *e = opaque;
  int64_t begin, end;
  ck_share(e->rows, 1, worker, workers, &begin, &end);
  ck_cross_entropy_rows(e, begin, end);
}

int32_t ck_run_cross_entropy(const void *context) {
  const ck_cross_entropy *e = context;
  for (int64_t row = 0; row < e->rows; row++) {
    if (e->labels[row] < 0 || e->labels[row] >= e->classes) return CK_INDEX_OUT_OF_RANGE;
  }
  ck_parallel(e->workers, ck_cross_entropy_share, (void *)e);
  return CK_OK;
}
