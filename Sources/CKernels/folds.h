#ifndef CK_FOLDS_H
#define CK_FOLDS_H

#include "vectors.h"
#include <math.h>

// Sums are taken over lanes and then over the lanes' totals, which both vectorises and loses fewer digits than one
// running total.
#define CK_LANES 16

#define CK_FOLD(name, start, statement)                                                                                \
  CK_INLINE float ck_fold_##name(const float *x, int64_t n) {                                                          \
    float lanes[CK_LANES];                                                                                             \
    for (int l = 0; l < CK_LANES; l++) lanes[l] = start;                                                               \
    int64_t k = 0;                                                                                                     \
    for (; k + CK_LANES <= n; k += CK_LANES) {                                                                         \
      for (int l = 0; l < CK_LANES; l++) { float total = lanes[l], y = x[k + l]; statement; lanes[l] = total; }        \
    }                                                                                                                  \
    float total = start;                                                                                               \
    for (int l = 0; l < CK_LANES; l++) { float y = lanes[l]; statement; }                                              \
    for (; k < n; k++) { float y = x[k]; statement; }                                                                  \
    return total;                                                                                                      \
  }                                                                                                                    \
  CK_INLINE void ck_columns_##name(float *totals, const float *x, int64_t extent, int64_t stride, int64_t n) {         \
    for (int64_t i = 0; i < n; i++) totals[i] = start;                                                                 \
    for (int64_t k = 0; k < extent; k++) {                                                                             \
      const float *row = x + k * stride;                                                                               \
      CK_VECTORIZE for (int64_t i = 0; i < n; i++) {                                                                   \
        float total = totals[i], y = row[i];                                                                           \
        statement;                                                                                                     \
        totals[i] = total;                                                                                             \
      }                                                                                                                \
    }                                                                                                                  \
  }

CK_FOLD(sum, 0.0f, total += y)
CK_FOLD(product, 1.0f, total *= y)
CK_FOLD(maximum, -INFINITY, total = y > total || y != y ? y : total)
CK_FOLD(minimum, INFINITY, total = y < total || y != y ? y : total)

#endif
