#ifndef C_MEASURES_H
#define C_MEASURES_H

#include <stdint.h>

/// Blocks of memory that the process has asked for since it began: those that oneDNN and the C++ and OpenMP libraries
/// under it asked for, and all others. Both are -1 where calls of malloc cannot be counted: with C libraries other than
/// glibc.
typedef struct {
  int64_t own, library;
} cm_allocations;

cm_allocations cm_allocation_counts(void);

/// Call `body` with its context. Their names are what callgrind is told to count the instructions of
/// (--toggle-collect=cm_while_running).
void cm_while_running(void (*body)(void *), void *context);
void cm_while_compiling(void (*body)(void *), void *context);

/// a = b + s c for `count` numbers: what the memory's bandwidth is measured with.
/// Source: McCalpin, "STREAM: sustainable memory bandwidth in high performance computers".
void cm_triad(float *a, const float *b, const float *c, float s, int64_t count);
/// a = b for `count` numbers.
void cm_copy(float *a, const float *b, int64_t count);

#endif
