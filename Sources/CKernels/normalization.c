#include "normalization.h"

int64_t ck_normalization_scratch(const ck_normalization *n) { return 12 * ck_lane_count(n) * n->workers; }

typedef struct {
  const ck_normalization *normalization;
  void (*part)(const ck_normalization *, int32_t);
} ck_normalization_task;

// Parts are as many as there were to be workers, however many there are: sums do not depend on that.
static void ck_normalization_share(int32_t worker, int32_t workers, void *opaque) {
  const ck_normalization_task *task = opaque;
  for (int32_t part = worker; part < task->normalization->workers; part += workers) {
    task->part(task->normalization, part);
  }
}

void ck_normalization_parts(const ck_normalization *n, void (*part)(const ck_normalization *, int32_t)) {
  ck_normalization_task task = {n, part};
  ck_parallel(n->workers, ck_normalization_share, &task);
}

// MARK: Means and squares

/// Joins the mean and the sum of squared deviations of `added` elements to those of `count`.
///
/// Source: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances" (1979).
CK_INLINE void ck_join(
  float *mean, float *squares, const float *more, const float *more_squares, int64_t lanes, float count, float added) {
  const float share = added / (count + added), weight = count * share;
  CK_VECTORIZE for (int64_t l = 0; l < lanes; l++) {
    const float distance = more[l] - mean[l];
    mean[l] += distance * share;
    squares[l] += more_squares[l] + distance * distance * weight;
  }
}

/// The mean (0 unless centered) of each lane over `rows` rows, and the sum of squares of the distances from it.
CK_INLINE void ck_lane_moments(
  const float *x, int64_t rows, int64_t lanes, int is_centered, float *mean, float *squares, ck_lanes s) {
  for (int64_t l = 0; l < lanes; l++) mean[l] = squares[l] = s.sums[l] = 0.0f;
  for (int64_t row = 0; row < rows; row += CK_BLOCK_ROWS) {
    const int64_t count = ck_min(CK_BLOCK_ROWS, rows - row);
    const float *block = x + row * lanes;
    for (int64_t l = 0; l < lanes; l++) s.deviations[l] = 0.0f;
    if (is_centered) {
      for (int64_t l = 0; l < lanes; l++) s.sums[l] = 0.0f;
      for (int64_t k = 0; k < count; k++) {
        CK_VECTORIZE for (int64_t l = 0; l < lanes; l++) { s.sums[l] += block[k * lanes + l]; }
      }
      CK_VECTORIZE for (int64_t l = 0; l < lanes; l++) { s.sums[l] /= (float)count; }
    }
    for (int64_t k = 0; k < count; k++) {
      CK_VECTORIZE for (int64_t l = 0; l < lanes; l++) {
        const float distance = block[k * lanes + l] - s.sums[l];
        s.deviations[l] += distance * distance;
      }
    }
    ck_join(mean, squares, s.sums, s.deviations, lanes, (float)row, (float)count);
  }
}

/// Joins `parts` lists of `columns` means and squares, each over `count` elements, to the first.
CK_INLINE void ck_fold_moments(float *mean, float *squares, int64_t parts, int64_t columns, float count) {
  for (int64_t part = 1; part < parts; part++) {
    ck_join(mean, squares, mean + part * columns, squares + part * columns, columns, count * (float)part, count);
  }
}

/// Column by column, over `rows` rows; results in `s.totals` and `s.squares`.
CK_INLINE void ck_column_moments(const ck_normalization *n, const float *x, int64_t rows, ck_lanes s) {
  const int64_t columns = n->groups * n->inner, lanes = ck_lane_count(n), parts = lanes / columns;
  const int64_t full = rows / parts, rest = rows % parts;
  ck_lane_moments(x, full, lanes, n->is_centered, s.totals, s.squares, s);
  if (full > 0) ck_fold_moments(s.totals, s.squares, parts, columns, (float)full);
  if (rest == 0) return;
  ck_lane_moments(x + full * lanes, rest, columns, n->is_centered, s.first, s.second, s);
  ck_join(s.totals, s.squares, s.first, s.second, columns, (float)(full * parts), (float)rest);
}

// MARK: Forward

/// From the moments of columns, those of the groups and what each lane is to be multiplied by.
CK_INLINE void ck_finish_moments(const ck_normalization *n, int64_t outer, ck_lanes from, ck_lanes s) {
  const float inner = (float)n->inner, rows = (float)n->rows;
  for (int64_t group = 0; group < n->groups; group++) {
    const int64_t start = group * n->inner;
    const float mean = ck_sum(from.totals + start, n->inner) / inner;
    CK_VECTORIZE for (int64_t k = 0; k < n->inner; k++) {
      const float distance = from.totals[start + k] - mean;
      s.first[k] = from.squares[start + k] + rows * distance * distance;
    }
    const float variance = ck_sum(s.first, n->inner) / (rows * inner), factor = 1.0f / sqrtf(variance + n->epsilon);
    if (n->mean) n->mean[outer * n->groups + group] = mean;
    if (n->variance) n->variance[outer * n->groups + group] = variance;
    CK_VECTORIZE for (int64_t k = 0; k < n->inner; k++) {
      s.center[start + k] = mean;
      s.factor[start + k] = factor * n->scale[start + k];
      s.offset[start + k] = n->shift[start + k];
    }
  }
  const int64_t columns = n->groups * n->inner, lanes = ck_lane_count(n);
  ck_repeat(s.center, columns, lanes);
  ck_repeat(s.factor, columns, lanes);
  ck_repeat(s.offset, columns, lanes);
}

CK_INLINE void ck_apply(const ck_normalization *n, int64_t begin, int64_t end, ck_lanes s) {
  const int64_t columns = n->groups * n->inner, lanes = ck_lane_count(n);
  for (int64_t start = begin * columns; start < end * columns; start += lanes) {
    const int64_t count = ck_min(lanes, end * columns - start);
    const float *x = n->source + start;
    float *y = n->destination + start;
    if (n->has_relu) {
      CK_VECTORIZE for (int64_t l = 0; l < count; l++) {
        const float value = (x[l] - s.center[l]) * s.factor[l] + s.offset[l];
        y[l] = value > 0.0f || value != value ? value : 0.0f;
      }
    } else {
      CK_VECTORIZE for (int64_t l = 0; l < count; l++) { y[l] = (x[l] - s.center[l]) * s.factor[l] + s.offset[l]; }
    }
  }
}

// With one group of rows, workers share the rows: first each takes the moments of its own, then it normalises them.

CK_CLONES static void ck_moments_of_rows(const ck_normalization *n, int32_t worker) {
  int64_t begin, end;
  ck_share(n->rows, 1, worker, n->workers, &begin, &end);
  ck_column_moments(n, n->source + begin * n->groups * n->inner, end - begin, ck_worker_lanes(n, worker));
}

CK_CLONES static void ck_join_workers(const ck_normalization *n) {
  const ck_lanes first = ck_worker_lanes(n, 0);
  int64_t begin, end;
  for (int32_t worker = 1; worker < n->workers; worker++) {
    const ck_lanes s = ck_worker_lanes(n, worker);
    ck_share(n->rows, 1, worker, n->workers, &begin, &end);
    if (end == begin) continue;
    ck_join(
      first.totals, first.squares, s.totals, s.squares, n->groups * n->inner, (float)begin, (float)(end - begin));
  }
  ck_finish_moments(n, 0, first, first);
}

CK_CLONES static void ck_apply_to_rows(const ck_normalization *n, int32_t worker) {
  int64_t begin, end;
  ck_share(n->rows, 1, worker, n->workers, &begin, &end);
  ck_apply(n, begin, end, ck_worker_lanes(n, 0));
}

CK_CLONES static void ck_normalize_outer(const ck_normalization *n, int32_t worker) {
  const ck_lanes s = ck_worker_lanes(n, worker);
  int64_t begin, end;
  ck_share(n->outer, 1, worker, n->workers, &begin, &end);
  for (int64_t outer = begin; outer < end; outer++) {
    ck_column_moments(n, n->source + outer * n->rows * n->groups * n->inner, n->rows, s);
    ck_finish_moments(n, outer, s, s);
    if (n->destination) ck_apply(n, outer * n->rows, (outer + 1) * n->rows, s);
  }
}

int32_t ck_run_normalization(const void *context) {
  const ck_normalization *n = context;
  if (ck_is_by_row(n)) {
    ck_run_row_normalization(n);
    return CK_OK;
  }
  if (n->outer != 1) {
    ck_normalization_parts(n, ck_normalize_outer);
    return CK_OK;
  }
  ck_normalization_parts(n, ck_moments_of_rows);
  ck_join_workers(n);
  if (n->destination) ck_normalization_parts(n, ck_apply_to_rows);
  return CK_OK;
}
