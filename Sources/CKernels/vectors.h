#ifndef CK_VECTORS_H
#define CK_VECTORS_H

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

#endif
