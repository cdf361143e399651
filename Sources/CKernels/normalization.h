/// What normalisation and its gradient share.
#ifndef CK_NORMALIZATION_H
#define CK_NORMALIZATION_H

#include "CKernels.h"
#include "folds.h"
#include "vectors.h"
#include <math.h>

// Rows of few columns are taken several at a time, as one row of up to so many lanes, so that loops over columns fill
// vectors and do not wait for the sums of the row before.
#define CK_WIDTH 256
// Rows that are summed before their sum joins that of the others, so that the rounding error grows with the number of
// blocks rather than of rows; they also stay in the first-level cache between the two looks at them.
#define CK_BLOCK_ROWS 16

static inline int64_t ck_lane_count(const ck_normalization *n) {
  const int64_t columns = n->groups * n->inner, rows = columns >= CK_WIDTH ? 1 : CK_WIDTH / columns;
  return columns * ck_min(rows, n->rows);
}

/// What a worker needs: 12 rows of lanes.
typedef struct {
  float *totals, *squares, *sums, *deviations, *factor, *center, *slope, *offset, *first, *second, *third, *fourth;
} ck_lanes;

static inline ck_lanes ck_worker_lanes(const ck_normalization *n, int32_t worker) {
  const int64_t lanes = ck_lane_count(n);
  float *s = n->scratch + 12 * lanes * worker;
  return (ck_lanes){
    s, s + lanes, s + 2 * lanes, s + 3 * lanes, s + 4 * lanes, s + 5 * lanes, s + 6 * lanes, s + 7 * lanes,
    s + 8 * lanes, s + 9 * lanes, s + 10 * lanes, s + 11 * lanes};
}

CK_INLINE float ck_sum(const float *x, int64_t count) {
  return count == 1 ? x[0] : ck_fold_sum(x, count);
}

CK_INLINE void ck_repeat(float *x, int64_t columns, int64_t lanes) {
  for (int64_t l = columns; l < lanes; l++) x[l] = x[l - columns];
}

/// Calls `part(normalization, k)` for every k below the number of workers, shared between the threads that there are.
void ck_normalization_parts(const ck_normalization *n, void (*part)(const ck_normalization *, int32_t));

/// Whether each row has moments of its own, as in layer normalisation.
static inline int ck_is_by_row(const ck_normalization *n) {
  return n->rows == 1 && n->groups == 1 && n->inner > 1 && !n->output;
}

void ck_run_row_normalization(const ck_normalization *n);

/// Leaves each worker's part of the cotangents of scale and shift in its third and fourth lanes, which are to be clear
/// before.
void ck_run_row_normalization_gradient(const ck_normalization *n);

#endif
