#include "CMeasures.h"

#include <string.h>

__attribute__((noinline)) void cm_while_running(void (*body)(void *), void *context) { body(context); }

__attribute__((noinline)) void cm_while_compiling(void (*body)(void *), void *context) { body(context); }

void cm_triad(float *restrict a, const float *restrict b, const float *restrict c, float s, int64_t count) {
  for (int64_t k = 0; k < count; k++) a[k] = b[k] + s * c[k];
}

void cm_copy(float *restrict a, const float *restrict b, int64_t count) {
  memcpy(a, b, (size_t)count * sizeof *a);
}
