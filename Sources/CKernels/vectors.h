#ifndef CK_VECTORS_H
#define CK_VECTORS_H

#include <stdint.h>

// A loop marked so is compiled once for each kind of vector unit and chosen when the program starts: Swift packages
// cannot pass -march, which would bar them as dependencies.
#if defined(__x86_64__) && defined(__linux__)
#define CK_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_CLONES
#endif

#define CK_INLINE static inline __attribute__((always_inline))

// The iterations are independent: sources and destination are the same place or do not overlap.
#define CK_VECTORIZE _Pragma("clang loop vectorize(assume_safety) interleave(enable)")

static inline int64_t ck_min(int64_t a, int64_t b) { return a < b ? a : b; }

/// The part of `count` items, dealt out in multiples of `grain`, that falls to one worker.
static inline void ck_share(
  int64_t count, int64_t grain, int32_t worker, int32_t workers, int64_t *begin, int64_t *end) {
  int64_t grains = (count + grain - 1) / grain;
  *begin = ck_min(count, grains * worker / workers * grain);
  *end = ck_min(count, grains * (worker + 1) / workers * grain);
}

/// Lets the calling thread take subnormal numbers for zeros, if that is wanted, until the mode that it returns is set
/// again by `ck_end_loop`. A moment that decays ends there, where each multiplication costs a hundred times as much.
static inline uint64_t ck_begin_loop(int32_t flushes_subnormals) {
#if defined(__x86_64__)
  const uint32_t mode = __builtin_ia32_stmxcsr();
  if (flushes_subnormals) __builtin_ia32_ldmxcsr(mode | 0x8040);
  return mode;
#elif defined(__aarch64__)
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  if (flushes_subnormals) __asm__ volatile("msr fpcr, %0" : : "r"(mode | 1 << 24));
  return mode;
#else
  (void)flushes_subnormals;
  return 0;
#endif
}

static inline void ck_end_loop(uint64_t mode) {
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr((uint32_t)mode);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(mode));
#endif
}

#endif
