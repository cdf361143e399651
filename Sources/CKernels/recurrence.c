#include "CKernels.h"
#include "recurrence_cells.h"
#include "small_product.h"
#include "vectors.h"

// Each worker takes its share of the batch through all time steps, so that no step waits for another worker.

static int64_t ck_gate_count(const ck_recurrence *r) {
  return r->cell == CK_CELL_LSTM ? 4 : r->cell == CK_CELL_GRU ? 3 : 1;
}

// MARK: A share of the batch through all steps

typedef void (*ck_product_function)(
  int64_t rows, int64_t inner, int64_t panels, const float *a, const float *b, int64_t stride, int64_t panel_stride,
  float *c);

/// Scratch memory: the weights in panels, then by row of the batch what a step works on.
typedef struct {
  float *panels, *product, *hidden, *cell, *gates;
  int64_t inner, columns;
} ck_workspace;

static ck_workspace ck_divide(const ck_recurrence *r, int32_t is_gradient) {
  const int64_t n = r->units, gates = ck_gate_count(r) * n;
  ck_workspace w = {.inner = is_gradient ? gates : n, .columns = is_gradient ? n : gates};
  w.panels = r->scratch;
  w.product = w.panels + ck_panels(w.columns) * CK_PANEL * w.inner;
  w.hidden = w.product + r->batch * ck_panels(w.columns) * CK_PANEL;
  w.cell = w.hidden + r->batch * n;
  w.gates = w.cell + r->batch * n;
  return w;
}

int64_t ck_recurrence_scratch(const ck_recurrence *recurrence, int32_t is_gradient) {
  ck_recurrence sized = *recurrence;
  sized.scratch = NULL;
  const ck_workspace w = ck_divide(&sized, is_gradient);
  return ck_panels(w.columns) * CK_PANEL * (w.inner + sized.batch) + sized.batch * 6 * sized.units;
}

/// The weights as they lie serve where there are too few products to repay packing.
static int ck_packs(const ck_recurrence *r, const ck_workspace *w) {
  return w->columns % CK_PANEL != 0 || r->batch * r->time > 16;
}

CK_INLINE int ck_rests(const ck_recurrence *r, int64_t row, int64_t t) { return r->lengths && t >= r->lengths[row]; }

static void ck_copy_floats(float *to, const float *from, int64_t count) {
  if (from) memcpy(to, from, (size_t)count * sizeof(float));
  else memset(to, 0, (size_t)count * sizeof(float));
}

/// Asks for floats that the next step reads or writes, so that they arrive while its products are computed: by row they
/// lie too far apart for the processor to guess.
CK_INLINE void ck_fetch(const float *address, int64_t count) {
  if (address) for (int64_t k = 0; k < count; k += 16) __builtin_prefetch(address + k, 0, 2);
}

CK_INLINE void ck_fetch_to_write(const float *address, int64_t count) {
  if (address) for (int64_t k = 0; k < count; k += 16) __builtin_prefetch(address + k, 1, 2);
}

CK_INLINE void ck_advance(const ck_recurrence *r, int64_t begin, int64_t end, ck_product_function multiply) {
  const int64_t n = r->units, count = ck_gate_count(r), panels = ck_panels(count * n);
  const int64_t kept = r->cell == CK_CELL_GRU ? 4 : count;
  const ck_workspace w = ck_divide(r, 0);
  const int packs = ck_packs(r, &w);
  ck_copy_floats(w.hidden + begin * n, r->hidden + begin * n, (end - begin) * n);
  ck_copy_floats(w.cell + begin * n, r->cell_state ? r->cell_state + begin * n : NULL, (end - begin) * n);
  for (int64_t step = 0; step < r->time; step++) {
    const int64_t t = r->is_reversed ? r->time - 1 - step : step;
    multiply(
      end - begin, n, panels, w.hidden + begin * n, packs ? w.panels : r->weights, packs ? CK_PANEL : count * n,
      packs ? n * CK_PANEL : CK_PANEL, w.product + begin * panels * CK_PANEL);
    for (int64_t row = begin; row < end; row++) {
      const int64_t place = row * r->time + t;
      const ck_forward_row work = {
        .input = r->inputs + place * count * n, .product = w.product + row * panels * CK_PANEL,
        .hidden = w.hidden + row * n, .cell = w.cell + row * n,
        .gates = r->gates ? r->gates + place * kept * n : w.gates + row * 4 * n};
      if (ck_rests(r, row, t)) {
        if (r->gates) ck_copy_floats(work.gates, NULL, kept * n);
      } else if (r->cell == CK_CELL_LSTM) {
        ck_lstm_row(&work, n);
      } else if (r->cell == CK_CELL_GRU) {
        ck_gru_row(&work, r->bias, n);
      } else {
        ck_simple_row(&work, r->cell == CK_CELL_TANH, n);
      }
      if (r->outputs) ck_copy_floats(r->outputs + place * n, work.hidden, n);
      if (r->cells) ck_copy_floats(r->cells + place * n, work.cell, n);
      if (step + 1 < r->time) {
        const int64_t next = place + (r->is_reversed ? -1 : 1);
        ck_fetch(r->inputs + next * count * n, count * n);
        ck_fetch_to_write(r->gates ? r->gates + next * kept * n : NULL, kept * n);
        ck_fetch_to_write(r->outputs ? r->outputs + next * n : NULL, n);
        ck_fetch_to_write(r->cells ? r->cells + next * n : NULL, n);
      }
    }
  }
}

CK_INLINE void ck_add(float *to, const float *from, int64_t n) {
  if (from) { CK_UNITS { to[u] += from[u]; } }
}

/// A row's cotangents of the inputs at one step; `place` is where its elements begin, counted in rows.
CK_INLINE void ck_retreat_row(
  const ck_recurrence_gradient *g, const ck_workspace *w, int64_t row, int64_t t, float *input, float *product) {
  const ck_recurrence *r = &g->forward;
  const int64_t n = r->units, count = ck_gate_count(r), kept = r->cell == CK_CELL_GRU ? 4 : count;
  const int64_t place = row * r->time + t, previous = t + (r->is_reversed ? 1 : -1);
  const int is_first = previous < 0 || previous >= r->time;
  const float *before = is_first ? r->hidden + row * n : r->outputs + (row * r->time + previous) * n;
  float *hidden = w->hidden + row * n, *cell = w->cell + row * n;
  if (g->previous) ck_copy_floats(g->previous + place * n, before, n);
  ck_add(hidden, g->output_cotangent ? g->output_cotangent + place * n : NULL, n);
  ck_add(cell, g->cell_cotangent ? g->cell_cotangent + place * n : NULL, n);
  if (ck_rests(r, row, t)) {
    ck_copy_floats(input, NULL, count * n);
    ck_copy_floats(product, NULL, count * n);
    return;
  }
  const ck_backward_row work = {
    .gates = r->gates + place * kept * n, .cell = r->cells + place * n, .output = r->outputs + place * n,
    .previous_cell = is_first ? r->cell_state + row * n : r->cells + (row * r->time + previous) * n,
    .previous_output = before,
    .gate_cotangent = g->gate_cotangent ? g->gate_cotangent + place * kept * n : NULL,
    .hidden = hidden, .carried_cell = cell, .input = input, .product = product};
  if (r->cell == CK_CELL_LSTM) {
    ck_lstm_row_gradient(&work, n);
  } else if (r->cell == CK_CELL_GRU) {
    ck_gru_row_gradient(&work, n);
  } else {
    ck_simple_row_gradient(&work, r->cell == CK_CELL_TANH, n);
  }
}

CK_INLINE void ck_retreat(const ck_recurrence_gradient *g, int64_t begin, int64_t end, ck_product_function multiply) {
  const ck_recurrence *r = &g->forward;
  const int64_t n = r->units, gates = ck_gate_count(r) * n, panels = ck_panels(n);
  const ck_workspace w = ck_divide(r, 1);
  ck_copy_floats(w.hidden + begin * n, NULL, (end - begin) * n);
  ck_copy_floats(w.cell + begin * n, NULL, (end - begin) * n);
  for (int64_t step = r->time - 1; step >= 0; step--) {
    const int64_t t = r->is_reversed ? r->time - 1 - step : step;
    for (int64_t row = begin; row < end; row++) {
      const int64_t place = row * r->time + t;
      float *product = w.gates + row * gates;
      // What nothing reads is written where something else is written afterwards.
      float *input = g->input_cotangent ? g->input_cotangent + place * gates : product;
      ck_retreat_row(g, &w, row, t, input, product);
      if (g->recurrent_cotangent) ck_copy_floats(g->recurrent_cotangent + place * gates, product, gates);
      if (step > 0) {
        const int64_t next = place + (r->is_reversed ? 1 : -1);
        ck_fetch(r->gates ? r->gates + next * 4 * n : NULL, 4 * n);
        ck_fetch_to_write(g->input_cotangent ? g->input_cotangent + next * gates : NULL, gates);
        ck_fetch(g->output_cotangent ? g->output_cotangent + next * n : NULL, n);
        ck_fetch_to_write(g->previous ? g->previous + next * n : NULL, n);
      }
    }
    if (step == 0 && !g->hidden_cotangent) break;
    multiply(
      end - begin, gates, panels, w.gates + begin * gates, w.panels, CK_PANEL, gates * CK_PANEL,
      w.product + begin * panels * CK_PANEL);
    for (int64_t row = begin; row < end; row++) {
      ck_add(w.hidden + row * n, w.product + row * panels * CK_PANEL, n);
    }
  }
  if (g->hidden_cotangent) ck_copy_floats(g->hidden_cotangent + begin * n, w.hidden + begin * n, (end - begin) * n);
  if (g->cell_state_cotangent) {
    ck_copy_floats(g->cell_state_cotangent + begin * n, w.cell + begin * n, (end - begin) * n);
  }
}

// MARK: For each kind of vector unit

// Not `target_clones`: how many sums fit into the registers differs with the kind, and 512-bit vectors must be asked
// for.
#define CK_RECURRENCE(suffix, LANES, ROWS, ATTRIBUTES)                                                                 \
  CK_SMALL_PRODUCT(suffix, LANES, ROWS, ATTRIBUTES)                                                                    \
  ATTRIBUTES static void ck_advance_##suffix(const ck_recurrence *r, int64_t begin, int64_t end) {                     \
    ck_advance(r, begin, end, ck_product_##suffix);                                                                    \
  }                                                                                                                    \
  ATTRIBUTES static void ck_retreat_##suffix(const ck_recurrence_gradient *g, int64_t begin, int64_t end) {            \
    ck_retreat(g, begin, end, ck_product_##suffix);                                                                    \
  }

#if defined(__x86_64__) && defined(__linux__)
CK_RECURRENCE(wide, 16, 6, __attribute__((target("arch=x86-64-v4"), min_vector_width(512))))
CK_RECURRENCE(medium, 8, 3, __attribute__((target("arch=x86-64-v3"))))
CK_RECURRENCE(plain, 4, 3, )

#define CK_DISPATCH(function, ...)                                                                                     \
  if (__builtin_cpu_supports("x86-64-v4")) ck_##function##_wide(__VA_ARGS__);                                          \
  else if (__builtin_cpu_supports("x86-64-v3")) ck_##function##_medium(__VA_ARGS__);                                   \
  else ck_##function##_plain(__VA_ARGS__);
#else
CK_RECURRENCE(plain, 4, 6, )

#define CK_DISPATCH(function, ...) ck_##function##_plain(__VA_ARGS__);
#endif

// MARK: Running

static void ck_pack_share(const ck_recurrence *r, int32_t is_gradient, int32_t worker, int32_t workers) {
  const ck_workspace w = ck_divide(r, is_gradient);
  int64_t begin, end;
  ck_share(ck_panels(w.columns), 1, worker, workers, &begin, &end);
  if (is_gradient || ck_packs(r, &w)) ck_pack_panels(w.panels, r->weights, w.inner, w.columns, is_gradient, begin, end);
}

static void ck_pack_forward(int32_t worker, int32_t workers, void *opaque) {
  ck_pack_share(opaque, 0, worker, workers);
}

static void ck_pack_gradient(int32_t worker, int32_t workers, void *opaque) {
  ck_pack_share(&((const ck_recurrence_gradient *)opaque)->forward, 1, worker, workers);
}

static void ck_advance_share(int32_t worker, int32_t workers, void *opaque) {
  const ck_recurrence *r = opaque;
  int64_t begin, end;
  ck_share(r->batch, 1, worker, workers, &begin, &end);
  if (begin < end) { CK_DISPATCH(advance, r, begin, end) }
}

static void ck_retreat_share(int32_t worker, int32_t workers, void *opaque) {
  const ck_recurrence_gradient *g = opaque;
  int64_t begin, end;
  ck_share(g->forward.batch, 1, worker, workers, &begin, &end);
  if (begin < end) { CK_DISPATCH(retreat, g, begin, end) }
}

int32_t ck_run_recurrence(const void *context) {
  const ck_recurrence *r = context;
  ck_parallel(r->workers, ck_pack_forward, (void *)r);
  ck_parallel(r->workers, ck_advance_share, (void *)r);
  return CK_OK;
}

int32_t ck_run_recurrence_gradient(const void *context) {
  const ck_recurrence_gradient *g = context;
  ck_parallel(g->forward.workers, ck_pack_gradient, (void *)g);
  ck_parallel(g->forward.workers, ck_retreat_share, (void *)g);
  return CK_OK;
}
