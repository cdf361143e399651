#include "CKernels.h"
#include "vectors.h"
#include <string.h>

static int ck_indices_fit(const ck_indexing *context) {
  for (int64_t k = 0; k < context->index_count; k++) {
    if (context->indices[k] < 0 || context->indices[k] >= context->extent) return 0;
  }
  return 1;
}

static void ck_gather_share(int32_t worker, int32_t workers, void *opaque) {
  const ck_indexing *gather = opaque;
  const size_t row = (size_t)gather->inner * (size_t)gather->element_bytes;
  int64_t begin, end;
  ck_share(gather->outer * gather->index_count, 1, worker, workers, &begin, &end);
  for (int64_t k = begin; k < end; k++) {
    const int64_t outer = k / gather->index_count, index = gather->indices[k % gather->index_count];
    memcpy(
      (char *)gather->destination + (size_t)k * row,
      (const char *)gather->table + (size_t)(outer * gather->extent + index) * row, row);
  }
}

int32_t ck_run_gather(const void *context) {
  const ck_indexing *gather = context;
  if (!ck_indices_fit(gather)) return CK_INDEX_OUT_OF_RANGE;
  ck_parallel(gather->workers, ck_gather_share, (void *)gather);
  return CK_OK;
}

// Each worker adds up a range of the inner axis, so that no two write to one place and the order of sums is fixed.
CK_CLONES static void ck_add_rows(const ck_indexing *scatter, int64_t begin, int64_t end) {
  const float *updates = scatter->table;
  float *sums = scatter->destination;
  for (int64_t outer = 0; outer < scatter->outer; outer++) {
    for (int64_t k = 0; k < scatter->index_count; k++) {
      float *to = sums + (outer * scatter->extent + scatter->indices[k]) * scatter->inner;
      const float *from = updates + (outer * scatter->index_count + k) * scatter->inner;
      CK_VECTORIZE for (int64_t i = begin; i < end; i++) { to[i] += from[i]; }
    }
  }
}

static void ck_scatter_share(int32_t worker, int32_t workers, void *opaque) {
  const ck_indexing *scatter = opaque;
  int64_t begin, end;
  ck_share(scatter->inner, 16, worker, workers, &begin, &end);
  ck_add_rows(scatter, begin, end);
}

int32_t ck_run_scatter_add(const void *context) {
  const ck_indexing *scatter = context;
  if (!ck_indices_fit(scatter)) return CK_INDEX_OUT_OF_RANGE;
  memset(scatter->destination, 0, (size_t)(scatter->outer * scatter->extent * scatter->inner) * sizeof(float));
  ck_parallel(scatter->workers, ck_scatter_share, (void *)scatter);
  return CK_OK;
}

int32_t ck_run_one_hot(const void *context) {
  const ck_one_hot *one_hot = context;
  memset(one_hot->destination, 0, (size_t)(one_hot->count * one_hot->depth) * sizeof(float));
  for (int64_t k = 0; k < one_hot->count; k++) {
    const int32_t index = one_hot->indices[k];
    if (index >= 0 && index < one_hot->depth) one_hot->destination[k * one_hot->depth + index] = 1.0f;
  }
  return CK_OK;
}
