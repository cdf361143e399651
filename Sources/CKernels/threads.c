#include "CKernels.h"
#include "vectors.h"

#if defined(__linux__)

// The stable entry points of libgomp, which oneDNN runs on: a second pool would fight it over the cores.
extern void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern void omp_set_num_threads(int threads);

typedef struct {
  void (*body)(int32_t, int32_t, void *);
  void *data;
} ck_task;

static void ck_enter(void *opaque) {
  const ck_task *task = opaque;
  task->body(omp_get_thread_num(), omp_get_num_threads(), task->data);
}

void ck_parallel(int32_t workers, void (*body)(int32_t, int32_t, void *), void *data) {
  if (workers <= 1) {
    body(0, 1, data);
    return;
  }
  ck_task task = {body, data};
  GOMP_parallel(ck_enter, &task, (unsigned)workers, 0);
}

void ck_set_threads(int32_t threads) { omp_set_num_threads(threads); }

#else

#include <dispatch/dispatch.h>

typedef struct {
  void (*body)(int32_t, int32_t, void *);
  int32_t workers;
  void *data;
} ck_task;

static void ck_enter(void *opaque, size_t worker) {
  const ck_task *task = opaque;
  task->body((int32_t)worker, task->workers, task->data);
}

void ck_parallel(int32_t workers, void (*body)(int32_t, int32_t, void *), void *data) {
  if (workers <= 1) {
    body(0, 1, data);
    return;
  }
  ck_task task = {body, workers, data};
  dispatch_apply_f((size_t)workers, DISPATCH_APPLY_AUTO, &task, ck_enter);
}

// oneDNN's own pool keeps its default size there.
void ck_set_threads(int32_t threads) { (void)threads; }

#endif
