#include "CKernels.h"
#include "folds.h"
#include "functions.h"
#include "vectors.h"

/// One row: e^(x - max) into `y`, its sum returned with the maximum.
CK_INLINE float ck_exponentials(float *y, const float *x, int64_t n, int64_t stride, float *top) {
  if (stride == 1) {
    const float largest = *top = ck_fold_maximum(x, n);
    float sum = 0.0f;
    {
      // The sum may be taken in any order, which lets the loop be vector code.
#pragma clang fp reassociate(on)
      CK_VECTORIZE for (int64_t k = 0; k < n; k++) {
        const float value = ck_exp(x[k] - largest);
        y[k] = value;
        sum += value;
      }
    }
    return sum;
  }
  float largest = -INFINITY, sum = 0.0f;
  for (int64_t k = 0; k < n; k++) {
    const float next = x[k * stride];
    largest = next > largest || next != next ? next : largest;
  }
  for (int64_t k = 0; k < n; k++) sum += y[k * stride] = ck_exp(x[k * stride] - largest);
  *top = largest;
  return sum;
}

// Rows of few elements are turned, so that vectors hold an element of many rows each.
#define CK_FEW 32
#define CK_TURNED_ROWS 64

typedef struct {
  /// How many rows there are, and with those that fill the last vector by repetition.
  int64_t rows, lanes;
  int32_t offsets[CK_TURNED_ROWS];
  float values[CK_FEW * CK_TURNED_ROWS], tops[CK_TURNED_ROWS], sums[CK_TURNED_ROWS];
} ck_turned;

/// Reads up to CK_TURNED_ROWS rows: e^(x - max) of each element, with the maxima and the sums.
CK_INLINE void ck_turned_exponentials(ck_turned *t, const float *x, int64_t n, int64_t rows) {
  const int64_t lanes = (rows + 15) / 16 * 16;
  t->rows = rows;
  t->lanes = lanes;
  for (int64_t r = 0; r < lanes; r++) {
    t->offsets[r] = (int32_t)(ck_min(r, rows - 1) * n);
    t->tops[r] = -INFINITY;
    t->sums[r] = 0.0f;
  }
  for (int64_t k = 0; k < n; k++) {
    float *values = t->values + k * lanes;
    CK_VECTORIZE for (int64_t r = 0; r < lanes; r++) {
      const float value = x[t->offsets[r] + k], top = t->tops[r];
      values[r] = value;
      t->tops[r] = value > top || value != value ? value : top;
    }
  }
  for (int64_t k = 0; k < n; k++) {
    float *values = t->values + k * lanes;
    CK_VECTORIZE for (int64_t r = 0; r < lanes; r++) {
      const float value = ck_exp(values[r] - t->tops[r]);
      values[r] = value;
      t->sums[r] += value;
    }
  }
}

CK_INLINE void ck_softmax_turned(const ck_softmax *s, int64_t begin, int64_t end) {
  const int64_t n = s->extent;
  ck_turned t;
  for (int64_t first = begin; first < end; first += CK_TURNED_ROWS) {
    const float *x = s->source + first * n;
    float *y = s->destination + first * n;
    ck_turned_exponentials(&t, x, n, ck_min(CK_TURNED_ROWS, end - first));
    if (s->is_log) {
      for (int64_t r = 0; r < t.lanes; r++) t.sums[r] = ck_log(t.sums[r]);
    }
    for (int64_t k = 0; k < n; k++) {
      const float *values = t.values + k * t.lanes;
      if (s->is_log) {
        CK_VECTORIZE for (int64_t r = 0; r < t.rows; r++) {
          y[t.offsets[r] + k] = x[t.offsets[r] + k] - t.tops[r] - t.sums[r];
        }
      } else {
        CK_VECTORIZE for (int64_t r = 0; r < t.rows; r++) { y[t.offsets[r] + k] = values[r] / t.sums[r]; }
      }
    }
  }
}

CK_CLONES static void ck_softmax_groups(const ck_softmax *s, int64_t begin, int64_t end) {
  if (s->inner == 1 && s->extent <= CK_FEW) {
    ck_softmax_turned(s, begin, end);
    return;
  }
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

// With few classes; see below.
CK_INLINE void ck_cross_entropy_turned(const ck_cross_entropy *e, int64_t begin, int64_t end) {
  const int64_t n = e->classes;
  ck_turned t;
  for (int64_t first = begin; first < end; first += CK_TURNED_ROWS) {
    const float *x = e->logits + first * n;
    float *probabilities = e->probabilities ? e->probabilities + first * n : NULL;
    float *gradient = e->gradient ? e->gradient + first * n : NULL;
    const float *cotangents = e->gradient ? e->cotangents + first * e->cotangent_stride : NULL;
    const int32_t *labels = e->labels + first;
    ck_turned_exponentials(&t, x, n, ck_min(CK_TURNED_ROWS, end - first));
    for (int64_t k = 0; k < n; k++) {
      float *values = t.values + k * t.lanes;
      CK_VECTORIZE for (int64_t r = 0; r < t.lanes; r++) { values[r] /= t.sums[r]; }
      if (probabilities) {
        CK_VECTORIZE for (int64_t r = 0; r < t.rows; r++) { probabilities[t.offsets[r] + k] = values[r]; }
      }
      if (gradient) {
        CK_VECTORIZE for (int64_t r = 0; r < t.rows; r++) {
          const float target = labels[r] == k ? values[r] - 1.0f : values[r];
          gradient[t.offsets[r] + k] = target * cotangents[r * e->cotangent_stride];
        }
      }
    }
    if (!e->losses) continue;
    float *losses = e->losses + first;
    CK_VECTORIZE for (int64_t r = 0; r < t.rows; r++) {
      losses[r] = ck_log(t.sums[r]) - (x[t.offsets[r] + labels[r]] - t.tops[r]);
    }
  }
}

// The row is computed where it is wanted last: gradient = (probabilities - one hot of the label) * cotangent.
CK_CLONES static void ck_cross_entropy_rows(const ck_cross_entropy *e, int64_t begin, int64_t end) {
  const int64_t n = e->classes;
  if (n <= CK_FEW) {
    ck_cross_entropy_turned(e, begin, end);
    return;
  }
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
