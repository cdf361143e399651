#include "normalization.h"

/// Sums of cotangents and of their products with the distance from the mean, column by column, over the rows of one
/// outer position; results in `s.totals` and `s.squares`.
CK_INLINE void ck_column_sums_of_products(
  const ck_normalization *n, int64_t outer, int64_t begin, int64_t end, ck_lanes s) {
  const int64_t columns = n->groups * n->inner, lanes = ck_lane_count(n);
  for (int64_t l = 0; l < columns; l++) s.center[l] = n->is_centered ? n->mean[outer * n->groups + l / n->inner] : 0.0f;
  ck_repeat(s.center, columns, lanes);
  for (int64_t l = 0; l < lanes; l++) s.totals[l] = s.squares[l] = 0.0f;
  for (int64_t block = begin * columns; block < end * columns; block += CK_BLOCK_ROWS * lanes) {
    const int64_t stop = ck_min(block + CK_BLOCK_ROWS * lanes, end * columns);
    for (int64_t l = 0; l < lanes; l++) s.sums[l] = s.deviations[l] = 0.0f;
    for (int64_t start = block; start < stop; start += lanes) {
      const int64_t count = ck_min(lanes, stop - start);
      const float *x = n->source + start, *g = n->cotangent + start, *y = n->output ? n->output + start : NULL;
      if (y) {
        CK_VECTORIZE for (int64_t l = 0; l < count; l++) {
          const float cotangent = y[l] > 0.0f ? g[l] : 0.0f;
          s.sums[l] += cotangent;
          s.deviations[l] += cotangent * (x[l] - s.center[l]);
        }
      } else {
        CK_VECTORIZE for (int64_t l = 0; l < count; l++) {
          s.sums[l] += g[l];
          s.deviations[l] += g[l] * (x[l] - s.center[l]);
        }
      }
    }
    CK_VECTORIZE for (int64_t l = 0; l < lanes; l++) {
      s.totals[l] += s.sums[l];
      s.squares[l] += s.deviations[l];
    }
  }
  for (int64_t l = columns; l < lanes; l++) {
    s.totals[l % columns] += s.totals[l];
    s.squares[l % columns] += s.squares[l];
  }
}

/// From the sums over the rows of one outer position, what each lane's cotangent is made of; the part of the scale's
/// and the shift's cotangents is added to `s.third` and `s.fourth`.
CK_INLINE void ck_finish_sums(const ck_normalization *n, int64_t outer, ck_lanes s) {
  const float count = (float)(n->rows * n->inner);
  for (int64_t group = 0; group < n->groups; group++) {
    const int64_t start = group * n->inner;
    const float reciprocal = 1.0f / sqrtf(n->variance[outer * n->groups + group] + n->epsilon);
    CK_VECTORIZE for (int64_t k = start; k < start + n->inner; k++) {
      const float slope = s.squares[k] * reciprocal;
      s.third[k] += slope;
      s.fourth[k] += s.totals[k];
      s.first[k] = s.totals[k] * n->scale[k];
      s.second[k] = slope * n->scale[k];
    }
    const float mean = n->is_centered ? ck_sum(s.first + start, n->inner) / count : 0.0f;
    const float slope = ck_sum(s.second + start, n->inner) / count;
    CK_VECTORIZE for (int64_t k = start; k < start + n->inner; k++) {
      s.factor[k] = reciprocal * n->scale[k];
      s.slope[k] = reciprocal * reciprocal * slope;
      s.offset[k] = reciprocal * mean;
    }
  }
  const int64_t columns = n->groups * n->inner, lanes = ck_lane_count(n);
  ck_repeat(s.factor, columns, lanes);
  ck_repeat(s.slope, columns, lanes);
  ck_repeat(s.offset, columns, lanes);
}

CK_INLINE void ck_apply_gradient(const ck_normalization *n, int64_t begin, int64_t end, ck_lanes s) {
  const int64_t columns = n->groups * n->inner, lanes = ck_lane_count(n);
  for (int64_t start = begin * columns; start < end * columns; start += lanes) {
    const int64_t count = ck_min(lanes, end * columns - start);
    const float *x = n->source + start, *g = n->cotangent + start, *y = n->output ? n->output + start : NULL;
    float *d = n->destination + start;
    if (y) {
      CK_VECTORIZE for (int64_t l = 0; l < count; l++) {
        const float cotangent = y[l] > 0.0f ? g[l] : 0.0f;
        d[l] = cotangent * s.factor[l] - (x[l] - s.center[l]) * s.slope[l] - s.offset[l];
      }
    } else {
      CK_VECTORIZE for (int64_t l = 0; l < count; l++) {
        d[l] = g[l] * s.factor[l] - (x[l] - s.center[l]) * s.slope[l] - s.offset[l];
      }
    }
  }
}

CK_INLINE void ck_clear_cotangents(const ck_normalization *n, ck_lanes s) {
  for (int64_t k = 0; k < n->groups * n->inner; k++) s.third[k] = s.fourth[k] = 0.0f;
}

CK_INLINE void ck_store_cotangents(const ck_normalization *n, ck_lanes s) {
  for (int64_t k = 0; k < n->groups * n->inner; k++) {
    if (n->scale_cotangent) n->scale_cotangent[k] = s.third[k];
    if (n->shift_cotangent) n->shift_cotangent[k] = s.fourth[k];
  }
}

CK_CLONES static void ck_sums_of_rows(const ck_normalization *n, int32_t worker) {
  int64_t begin, end;
  ck_share(n->rows, 1, worker, n->workers, &begin, &end);
  ck_column_sums_of_products(n, 0, begin, end, ck_worker_lanes(n, worker));
}

CK_CLONES static void ck_add_workers(const ck_normalization *n) {
  const ck_lanes first = ck_worker_lanes(n, 0);
  for (int32_t worker = 1; worker < n->workers; worker++) {
    const ck_lanes s = ck_worker_lanes(n, worker);
    for (int64_t k = 0; k < n->groups * n->inner; k++) {
      first.totals[k] += s.totals[k];
      first.squares[k] += s.squares[k];
    }
  }
  ck_clear_cotangents(n, first);
  ck_finish_sums(n, 0, first);
  ck_store_cotangents(n, first);
}

CK_CLONES static void ck_apply_gradient_to_rows(const ck_normalization *n, int32_t worker) {
  int64_t begin, end;
  ck_share(n->rows, 1, worker, n->workers, &begin, &end);
  ck_apply_gradient(n, begin, end, ck_worker_lanes(n, 0));
}

CK_CLONES static void ck_gradient_of_outer(const ck_normalization *n, int32_t worker) {
  const ck_lanes s = ck_worker_lanes(n, worker);
  int64_t begin, end;
  ck_share(n->outer, 1, worker, n->workers, &begin, &end);
  ck_clear_cotangents(n, s);
  for (int64_t outer = begin; outer < end; outer++) {
    const int64_t first = outer * n->rows;
    ck_column_sums_of_products(n, outer, first, first + n->rows, s);
    ck_finish_sums(n, outer, s);
    if (n->destination) ck_apply_gradient(n, first, first + n->rows, s);
  }
}

static void ck_add_cotangents(const ck_normalization *n) {
  const ck_lanes first = ck_worker_lanes(n, 0);
  for (int32_t worker = 1; worker < n->workers; worker++) {
    const ck_lanes s = ck_worker_lanes(n, worker);
    for (int64_t k = 0; k < n->groups * n->inner; k++) {
      first.third[k] += s.third[k];
      first.fourth[k] += s.fourth[k];
    }
  }
  ck_store_cotangents(n, first);
}

int32_t ck_run_normalization_gradient(const void *context) {
  const ck_normalization *n = context;
  if (ck_is_by_row(n)) {
    for (int32_t worker = 0; worker < n->workers; worker++) ck_clear_cotangents(n, ck_worker_lanes(n, worker));
    ck_run_row_normalization_gradient(n);
    ck_add_cotangents(n);
    return CK_OK;
  }
  if (n->outer != 1) {
    ck_normalization_parts(n, ck_gradient_of_outer);
    ck_add_cotangents(n);
    return CK_OK;
  }
  ck_normalization_parts(n, ck_sums_of_rows);
  ck_add_workers(n);
  if (n->destination) ck_normalization_parts(n, ck_apply_gradient_to_rows);
  return CK_OK;
}
