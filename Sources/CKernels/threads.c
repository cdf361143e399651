#include "CKernels.h"
#include "vectors.h"

#if defined(__linux__)

#include <pthread.h>
#include <unistd.h>

// The stable entry points of libgomp, which oneDNN runs on: a second pool would fight it over the cores.
extern void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern int omp_get_num_procs(void);
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

static void ck_do_nothing(void *nothing) { (void)nothing; }

static void *ck_rest(void *nothing) {
  GOMP_parallel(ck_do_nothing, nothing, (unsigned)omp_get_num_procs() + 1, 0);
  for (;;) pause();
  return nothing;
}

// libgomp's threads wait for each other by spinning, for tens of milliseconds while it believes that each has a processor
// of its own. Where other processes run, they have not, and each wait then lasts as long as another process's turn: a
// hundredfold slowdown. A second team, which sleeps for ever, makes libgomp count more threads than processors; it then
// spins for some tens of microseconds, which suffices between kernels.
static void ck_yield_to_others(void) {
  pthread_t thread;
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_create(&thread, &attributes, ck_rest, NULL);
  pthread_attr_destroy(&attributes);
}

void ck_set_threads(int32_t threads) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  if (threads > 1) pthread_once(&once, ck_yield_to_others);
  omp_set_num_threads(threads);
}

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
