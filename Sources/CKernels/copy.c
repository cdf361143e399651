#include "CKernels.h"
#include "vectors.h"
#include <string.h>

// The innermost axis of a copy, in three forms that compilers know how to make fast.
#define CK_COPY_RUN(type)                                                                                              \
  static void ck_copy_run_##type(type *to, int64_t to_step, const type *from, int64_t from_step, int64_t n) {          \
    if (to_step == 1 && from_step == 1) {                                                                              \
      memcpy(to, from, (size_t)n * sizeof(type));                                                                      \
    } else if (to_step == 1 && from_step == 0) {                                                                       \
      const type value = *from;                                                                                        \
      for (int64_t k = 0; k < n; k++) to[k] = value;                                                                   \
    } else {                                                                                                           \
      for (int64_t k = 0; k < n; k++) to[k * to_step] = from[k * from_step];                                           \
    }                                                                                                                  \
  }

CK_COPY_RUN(uint8_t)
CK_COPY_RUN(uint32_t)

static void ck_copy_share(int32_t worker, int32_t workers, void *opaque) {
  const ck_copy *copy = opaque;
  const int32_t last = copy->rank - 1;
  int64_t rows = 1, begin, end;
  for (int32_t axis = 0; axis < last; axis++) rows *= copy->extents[axis];
  ck_share(rows, 1, worker, workers, &begin, &end);
  // Also when an axis is empty, by which nothing can be divided.
  if (begin >= end) return;
  int64_t position[CK_MAX_RANK] = {0}, from = 0, to = 0, rest = begin;
  for (int32_t axis = last - 1; axis >= 0; axis--) {
    position[axis] = rest % copy->extents[axis];
    rest /= copy->extents[axis];
    from += position[axis] * copy->source_strides[axis];
    to += position[axis] * copy->destination_strides[axis];
  }
  for (int64_t row = begin; row < end; row++) {
    if (copy->element_bytes == 1) {
      ck_copy_run_uint8_t(
        (uint8_t *)copy->destination + to, copy->destination_strides[last], (const uint8_t *)copy->source + from,
        copy->source_strides[last], copy->extents[last]);
    } else {
      ck_copy_run_uint32_t(
        (uint32_t *)copy->destination + to, copy->destination_strides[last], (const uint32_t *)copy->source + from,
        copy->source_strides[last], copy->extents[last]);
    }
    for (int32_t axis = last - 1; axis >= 0; axis--) {
      from += copy->source_strides[axis];
      to += copy->destination_strides[axis];
      if (++position[axis] < copy->extents[axis]) break;
      from -= copy->extents[axis] * copy->source_strides[axis];
      to -= copy->extents[axis] * copy->destination_strides[axis];
      position[axis] = 0;
    }
  }
}

int32_t ck_run_copy(const void *context) {
  const ck_copy *copy = context;
  ck_parallel(copy->workers, ck_copy_share, (void *)copy);
  return CK_OK;
}

int32_t ck_run_fill(const void *context) {
  const ck_fill *fill = context;
  if (fill->element_bytes == 1) {
    memset(fill->destination, (int)fill->bits, (size_t)fill->count);
  } else {
    uint32_t *to = fill->destination;
    for (int64_t k = 0; k < fill->count; k++) to[k] = fill->bits;
  }
  return CK_OK;
}
