#include "primitive.h"
#include "vectors.h"
#include <math.h>
#include <string.h>

static ck_primitive *create(
  const ck_average_pool_shape *shape, const dnnl_memory_desc_t *input, const dnnl_memory_desc_t *output,
  const ck_primitive *hint) {
  const ck_window *window = &shape->window;
  const dnnl_alg_kind_t kind =
    shape->counts_padding ? dnnl_pooling_avg_include_padding : dnnl_pooling_avg_exclude_padding;
  dnnl_dims_t dilations;
  for (int32_t axis = 0; axis < window->rank; axis++) dilations[axis] = window->dilations[axis] - 1;
  ck_primitive *pool = ck_primitive_new(shape->threads);
  dnnl_pooling_v2_desc_t description;
  const dnnl_status_t status = hint
    ? dnnl_pooling_v2_backward_desc_init(
        &description, kind, input, output, window->strides, window->extents, dilations, window->low, window->high)
    : dnnl_pooling_v2_forward_desc_init(
        &description, dnnl_forward_training, kind, input, output, window->strides, window->extents, dilations,
        window->low, window->high);
  if (pool && status == dnnl_success && ck_primitive_create(pool, &description, NULL, hint, NULL)) return pool;
  ck_primitive_destroy(pool);
  return NULL;
}

ck_primitive *ck_average_pool_create(const ck_average_pool_shape *shape) {
  const ck_window *window = &shape->window;
  dnnl_memory_desc_t input, output;
  if (!ck_describe_channels_last(&input, window->rank, shape->batch, window->inputs, shape->channels)
      || !ck_describe_channels_last(&output, window->rank, shape->batch, window->outputs, shape->channels)) {
    return NULL;
  }
  ck_primitive *pool = create(shape, &input, &output, NULL);
  const int is_back = shape->direction == CK_BACKWARD_DATA;
  if (pool && is_back) {
    ck_primitive *forward = pool;
    pool = create(shape, &input, &output, forward);
    ck_primitive_destroy(forward);
  }
  if (!pool) return NULL;
  ck_primitive_declare(pool, CK_SOURCE, is_back ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC, &input);
  ck_primitive_declare(pool, CK_DESTINATION, is_back ? DNNL_ARG_DIFF_DST : DNNL_ARG_DST, &output);
  return pool;
}

// Max pooling is our own: what limits it is memory, and oneDNN keeps the positions in a form of its own, which no other
// operation could read.

/// A row of results for one tap of the window: those from `first` to `last` see the tap. The tap of result 0 is the
/// element `place` among the spatial ones of the example, which may lie before the row.
typedef struct {
  const float *example;
  float *values;
  int32_t *positions;
  int64_t place, first, last;
} ck_tap;

/// Takes a candidate where it is larger than the value so far, or the first; a NaN is larger than any number.
CK_INLINE void ck_take(float *value, int32_t *position, float candidate, int32_t place, int has_positions) {
  const int is_larger =
    (has_positions && *position < 0) | ((*value == *value) & !(candidate <= *value));
  *value = is_larger ? candidate : *value;
  if (has_positions) *position = is_larger ? place : *position;
}

CK_INLINE void ck_take_row(const ck_max_pool *pool, const ck_tap *tap, int has_positions) {
  const int64_t channels = pool->channels, stride = pool->window.strides[2];
  float *values = tap->values;
  int32_t *positions = tap->positions;
  if (pool->offsets) {
    // With few channels the row is one loop, along which tables say where to read.
    const float *example = tap->example;
    const int32_t *offsets = pool->offsets, *steps = pool->steps;
    const int32_t place = (int32_t)tap->place, start = place * (int32_t)channels;
    CK_VECTORIZE for (int64_t k = tap->first * channels; k < tap->last * channels; k++) {
      ck_take(
        values + k, has_positions ? positions + k : NULL, example[start + offsets[k]], place + steps[k], has_positions);
    }
    return;
  }
  for (int64_t result = tap->first; result < tap->last; result++) {
    const int64_t place = tap->place + result * stride, to = result * channels;
    const float *from = tap->example + place * channels;
    CK_VECTORIZE for (int64_t k = 0; k < channels; k++) {
      ck_take(
        values + to + k, has_positions ? positions + to + k : NULL, from[k], (int32_t)place, has_positions);
    }
  }
}

CK_CLONES static void ck_take_values(const ck_max_pool *pool, const ck_tap *tap) { ck_take_row(pool, tap, 0); }
CK_CLONES static void ck_take_both(const ck_max_pool *pool, const ck_tap *tap) { ck_take_row(pool, tap, 1); }

/// The results along an axis of which the tap at a distance from the start of their windows lies within the input.
static void ck_visible(const ck_window *window, int32_t axis, int64_t tap, int64_t *first, int64_t *last) {
  const int64_t stride = window->strides[axis], start = tap * window->dilations[axis] - window->low[axis];
  const int64_t room = window->inputs[axis] - 1 - start;
  *first = start < 0 ? (-start + stride - 1) / stride : 0;
  *last = room < 0 ? 0 : ck_min(window->outputs[axis], room / stride + 1);
}

/// `to = max(to, from)`; a NaN is larger than any number.
CK_INLINE void ck_join(float *to, const float *from, int64_t count) {
  CK_VECTORIZE for (int64_t k = 0; k < count; k++) { to[k] = from[k] > to[k] || from[k] != from[k] ? from[k] : to[k]; }
}

static int64_t ck_padded_width(const ck_window *w) {
  return (w->outputs[2] - 1) * w->strides[2] + (w->extents[2] - 1) * w->dilations[2] + 1;
}

int64_t ck_max_pool_scratch(const ck_max_pool *pool) {
  return 2 * pool->workers * (pool->channels * ck_padded_width(&pool->window) + CK_POOLED_CHANNELS);
}

/// Where there is scratch memory: the rows that a window sees are joined first, with the padding, then the taps along
/// the row, and what windows begin with is picked out last.
CK_CLONES static void ck_max_pool_joined(
  const ck_max_pool *pool, int64_t example, int64_t depth, int64_t row, float *joined) {
  const ck_window *w = &pool->window;
  const int64_t channels = pool->channels, width = ck_padded_width(w), count = w->inputs[2] * channels;
  const int64_t seen = ck_min(w->inputs[2], width - w->low[2]) * channels;
  const float *source = pool->source + example * w->inputs[0] * w->inputs[1] * count;
  CK_VECTORIZE for (int64_t k = 0; k < width * channels; k++) { joined[k] = -INFINITY; }
  for (int64_t a = 0; a < w->extents[0]; a++) {
    const int64_t plane = depth * w->strides[0] - w->low[0] + a * w->dilations[0];
    for (int64_t b = 0; b < w->extents[1]; b++) {
      const int64_t line = row * w->strides[1] - w->low[1] + b * w->dilations[1];
      if (plane < 0 || plane >= w->inputs[0] || line < 0 || line >= w->inputs[1]) continue;
      ck_join(joined + w->low[2] * channels, source + (plane * w->inputs[1] + line) * count, seen);
    }
  }
  float *largest = joined + width * channels + CK_POOLED_CHANNELS;
  const int64_t starts = ((w->outputs[2] - 1) * w->strides[2] + 1) * channels;
  memcpy(largest, joined, (size_t)starts * sizeof(float));
  for (int64_t c = 1; c < w->extents[2]; c++) ck_join(largest, joined + c * w->dilations[2] * channels, starts);
  float *values = pool->values + ((example * w->outputs[0] + depth) * w->outputs[1] + row) * w->outputs[2] * channels;
  for (int64_t left = w->outputs[2]; left > 0; left--, values += channels, largest += w->strides[2] * channels) {
    // The most that a result can have, whatever it has: what is too much is written over by the next one.
    if (left * channels >= CK_POOLED_CHANNELS) memcpy(values, largest, CK_POOLED_CHANNELS * sizeof(float));
    else memcpy(values, largest, (size_t)channels * sizeof(float));
  }
}

static void ck_max_pool_row(const ck_max_pool *pool, int64_t example, int64_t depth, int64_t row) {
  const ck_window *w = &pool->window;
  const int64_t length = w->outputs[2] * pool->channels;
  const int64_t offset = ((example * w->outputs[0] + depth) * w->outputs[1] + row) * length;
  ck_tap tap = {
    .example = pool->source + example * w->inputs[0] * w->inputs[1] * w->inputs[2] * pool->channels,
    .values = pool->values + offset, .positions = pool->positions ? pool->positions + offset : NULL};
  for (int64_t k = 0; k < length; k++) tap.values[k] = -INFINITY;
  if (tap.positions) memset(tap.positions, -1, (size_t)length * sizeof(int32_t));
  for (int64_t a = 0; a < w->extents[0]; a++) {
    const int64_t plane = depth * w->strides[0] - w->low[0] + a * w->dilations[0];
    for (int64_t b = 0; b < w->extents[1]; b++) {
      const int64_t line = row * w->strides[1] - w->low[1] + b * w->dilations[1];
      if (plane < 0 || plane >= w->inputs[0] || line < 0 || line >= w->inputs[1]) continue;
      for (int64_t c = 0; c < w->extents[2]; c++) {
        ck_visible(w, 2, c, &tap.first, &tap.last);
        tap.place = (plane * w->inputs[1] + line) * w->inputs[2] + c * w->dilations[2] - w->low[2];
        if (tap.positions) ck_take_both(pool, &tap);
        else ck_take_values(pool, &tap);
      }
    }
  }
}

static void ck_max_pool_share(int32_t worker, int32_t workers, void *opaque) {
  const ck_max_pool *pool = opaque;
  const int64_t depths = pool->window.outputs[0], rows = pool->window.outputs[1];
  int64_t begin, end;
  ck_share(pool->batch * depths * rows, 1, worker, workers, &begin, &end);
  for (int64_t k = begin; k < end; k++) {
    const int64_t example = k / rows / depths, depth = k / rows % depths, row = k % rows;
    if (pool->scratch) {
      float *joined = pool->scratch + worker * (ck_max_pool_scratch(pool) / pool->workers);
      ck_max_pool_joined(pool, example, depth, row, joined);
    } else {
      ck_max_pool_row(pool, example, depth, row);
    }
  }
}

int32_t ck_run_max_pool(const void *context) {
  const ck_max_pool *pool = context;
  ck_parallel(pool->workers, ck_max_pool_share, (void *)pool);
  return CK_OK;
}

// Checked beforehand in one fast loop, so that the scattered one need not.
CK_CLONES static int ck_positions_fit(const ck_positions *p) {
  uint32_t largest = 0;
  for (int64_t k = 0; k < p->batch * p->count * p->channels; k++) {
    const uint32_t position = (uint32_t)p->positions[k];
    largest = position > largest ? position : largest;
  }
  return largest < p->places;
}

static void ck_scatter_positions_share(int32_t worker, int32_t workers, void *opaque) {
  const ck_positions *p = opaque;
  const int64_t channels = p->channels, size = p->places * channels;
  int64_t begin, end;
  ck_share(p->batch, 1, worker, workers, &begin, &end);
  memset(p->destination + begin * size, 0, (size_t)((end - begin) * size) * sizeof(float));
  for (int64_t example = begin; example < end; example++) {
    float *sums = p->destination + example * size;
    for (int64_t k = example * p->count; k < (example + 1) * p->count; k++) {
      const float *from = p->source + k * channels;
      const int32_t *positions = p->positions + k * channels;
      for (int64_t c = 0; c < channels; c++) sums[positions[c] * channels + c] += from[c];
    }
  }
}

static void ck_gather_positions_share(int32_t worker, int32_t workers, void *opaque) {
  const ck_positions *p = opaque;
  const int64_t channels = p->channels;
  int64_t begin, end;
  ck_share(p->batch * p->count, 1, worker, workers, &begin, &end);
  for (int64_t k = begin; k < end; k++) {
    const float *table = p->source + k / p->count * p->places * channels;
    const int32_t *positions = p->positions + k * channels;
    for (int64_t c = 0; c < channels; c++) p->destination[k * channels + c] = table[positions[c] * channels + c];
  }
}

int32_t ck_run_scatter_positions(const void *context) {
  const ck_positions *p = context;
  if (!ck_positions_fit(p)) return CK_INDEX_OUT_OF_RANGE;
  ck_parallel(p->workers, ck_scatter_positions_share, (void *)p);
  return CK_OK;
}

int32_t ck_run_gather_positions(const void *context) {
  const ck_positions *p = context;
  if (!ck_positions_fit(p)) return CK_INDEX_OUT_OF_RANGE;
  ck_parallel(p->workers, ck_gather_positions_share, (void *)p);
  return CK_OK;
}
