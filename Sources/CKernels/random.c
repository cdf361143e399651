#include "CKernels.h"
#include "functions.h"
#include "vectors.h"

// Philox4x32-10, as `Tensors/Philox.swift` defines it: element i takes word i mod 4 of counter (i / 4, step).
CK_INLINE void ck_philox(uint64_t block, uint32_t step, uint32_t k0, uint32_t k1, uint32_t w[4]) {
  uint32_t c0 = (uint32_t)block, c1 = (uint32_t)(block >> 32), c2 = step, c3 = 0;
  for (int round = 0; round < 10; round++) {
    const uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
    const uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c1 = (uint32_t)p1;
    c3 = (uint32_t)p0;
    c0 = n0;
    c2 = n2;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  w[0] = c0;
  w[1] = c1;
  w[2] = c2;
  w[3] = c3;
}

CK_CLONES static void ck_random_blocks(const ck_random *r, int64_t begin, int64_t end) {
  const uint32_t step = (uint32_t)*r->step;
  for (int64_t block = begin; block < end; block += 64) {
    uint32_t words[4][64];
    float values[256];
    for (int64_t k = 0; k < 64; k++) {
      uint32_t w[4];
      ck_philox((uint64_t)(block + k), step, r->key0, r->key1, w);
      for (int j = 0; j < 4; j++) words[j][k] = w[j];
    }
    for (int64_t k = 0; k < 64; k++) {
      if (r->distribution == CK_NORMAL) {
        // Box and Muller: a pair of words makes a pair of independent normal numbers.
        for (int j = 0; j < 4; j += 2) {
          const float u1 = (float)((words[j][k] >> 8) + 1) * 0x1p-24f, u2 = (float)(words[j + 1][k] >> 8) * 0x1p-24f;
          const float radius = __builtin_elementwise_sqrt(-2.0f * ck_log(u1)), angle = 6.28318531f * u2;
          values[k * 4 + j] = radius * ck_sine_of_quadrant(angle, 1);
          values[k * 4 + j + 1] = radius * ck_sine_of_quadrant(angle, 0);
        }
      } else {
        for (int j = 0; j < 4; j++) {
          const float u = (float)(words[j][k] >> 8) * 0x1p-24f;
          values[k * 4 + j] = r->distribution == CK_UNIFORM ? u : (u >= r->threshold ? r->kept : 0.0f);
        }
      }
    }
    const int64_t n = ck_min(256, r->count - block * 4);
    memcpy(r->destination + block * 4, values, (size_t)ck_min(n, (end - block) * 4) * sizeof(float));
  }
}

static void ck_random_share(int32_t worker, int32_t workers, void *opaque) {
  const ck_random *r = opaque;
  int64_t begin, end;
  ck_share((r->count + 3) / 4, 64, worker, workers, &begin, &end);
  ck_random_blocks(r, begin, end);
}

int32_t ck_run_random(const void *context) {
  const ck_random *r = context;
  ck_parallel(r->workers, ck_random_share, (void *)r);
  return CK_OK;
}
