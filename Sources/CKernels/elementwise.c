#include "CKernels.h"
#include "expressions.h"
#include "vectors.h"

typedef union {
  void *any;
  float *f;
  int32_t *i;
  uint32_t *u;
} ck_lane;

#define CK_EACH(statement)                                                                                             \
  {                                                                                                                    \
    CK_VECTORIZE for (int64_t k = 0; k < n; k++) { statement; }                                                        \
    break;                                                                                                             \
  }
#define CK_UNARY_CASE(name, expression)                                                                                \
  case CK_##name: CK_EACH(float x = a.f[k]; d.f[k] = expression)
#define CK_BINARY_CASE(name, expression)                                                                               \
  case CK_##name: CK_EACH(float x = a.f[k]; float y = b.f[k]; d.f[k] = expression)
#define CK_TERNARY_CASE(name, expression)                                                                              \
  case CK_##name: CK_EACH(float x = a.f[k]; float y = b.f[k]; float z = c.f[k]; d.f[k] = expression)
#define CK_I(expression) CK_EACH(uint32_t x = a.u[k]; d.u[k] = (uint32_t)(expression))
#define CK_II(expression) CK_EACH(int32_t x = a.i[k]; int32_t y = b.i[k]; d.i[k] = expression)
#define CK_II_TRUTH(expression) CK_EACH(int32_t x = a.i[k]; int32_t y = b.i[k]; d.f[k] = (expression) ? 1.0f : 0.0f)

// The rare arguments that the vector code cannot reduce are done again, one by one.
static void ck_repair_trigonometric(float (*function)(float), const float *x, float *y, int64_t n) {
  for (int64_t k = 0; k < n; k++) {
    if (!(fabsf(x[k]) <= CK_TRIGONOMETRIC_LIMIT)) y[k] = function(x[k]);
  }
}

static int64_t ck_count_beyond(const float *x, int64_t n, float limit) {
  int64_t count = 0;
  for (int64_t k = 0; k < n; k++) count += !(ck_abs(x[k]) <= limit);
  return count;
}

#define CK_TRIGONOMETRIC(shift, function)                                                                              \
  {                                                                                                                    \
    float original[CK_BLOCK];                                                                                          \
    int64_t beyond = ck_count_beyond(a.f, n, CK_TRIGONOMETRIC_LIMIT);                                                  \
    if (beyond) memcpy(original, a.f, (size_t)n * sizeof(float));                                                      \
    CK_VECTORIZE for (int64_t k = 0; k < n; k++) { d.f[k] = ck_sine_of_quadrant(a.f[k], shift); }                      \
    if (beyond) ck_repair_trigonometric(function, original, d.f, n);                                                   \
    break;                                                                                                             \
  }

/// Runs one instruction over `n <= CK_BLOCK` elements. A destination may be one of its operands.
CK_CLONES static void ck_execute(uint16_t opcode, ck_lane d, ck_lane a, ck_lane b, ck_lane c, int64_t n) {
  switch (opcode) {
    CK_UNARY_EXPRESSIONS(CK_UNARY_CASE)
    CK_BINARY_EXPRESSIONS(CK_BINARY_CASE)
    CK_TERNARY_EXPRESSIONS(CK_TERNARY_CASE)
    case CK_POWER:
      for (int64_t k = 0; k < n; k++) d.f[k] = powf(a.f[k], b.f[k]);
      break;
    case CK_SINE: CK_TRIGONOMETRIC(0, sinf)
    case CK_COSINE: CK_TRIGONOMETRIC(1, cosf)
    case CK_COPY: CK_EACH(d.u[k] = a.u[k])
    // Unsigned arithmetic wraps; signed would be undefined.
    case CK_ADD_INT: CK_EACH(d.u[k] = a.u[k] + b.u[k])
    case CK_SUBTRACT_INT: CK_EACH(d.u[k] = a.u[k] - b.u[k])
    case CK_MULTIPLY_INT: CK_EACH(d.u[k] = a.u[k] * b.u[k])
    case CK_NEGATE_INT: CK_I(0u - x)
    case CK_ABSOLUTE_INT: CK_I((int32_t)x < 0 ? 0u - x : x)
    case CK_SIGN_INT: CK_EACH(int32_t x = a.i[k]; d.i[k] = (x > 0) - (x < 0))
    case CK_MINIMUM_INT: CK_II(x < y ? x : y)
    case CK_MAXIMUM_INT: CK_II(x > y ? x : y)
    case CK_LESS_INT: CK_II_TRUTH(x < y)
    case CK_LESS_OR_EQUAL_INT: CK_II_TRUTH(x <= y)
    case CK_EQUAL_INT: CK_II_TRUTH(x == y)
    case CK_NOT_EQUAL_INT: CK_II_TRUTH(x != y)
    case CK_NOT_ZERO_INT: CK_EACH(d.f[k] = a.i[k] != 0 ? 1.0f : 0.0f)
    case CK_INT_TO_FLOAT: CK_EACH(d.f[k] = (float)a.i[k])
    case CK_FLOAT_TO_INT:
      CK_EACH(float x = a.f[k]; float y = x >= 2147483648.0f || x <= -2147483648.0f || x != x ? 0.0f : x;
              int32_t inside = (int32_t)y; int32_t outside = x > 0.0f ? INT32_MAX : (x < 0.0f ? INT32_MIN : 0);
              d.i[k] = y == x ? inside : outside)
    default: break;
  }
}

/// Reads elements `start ..< start + n` of the loop from a strided source into a register.
static void ck_load_strided(const ck_elementwise *loop, const ck_source *source, int64_t start, int64_t n, float *to) {
  int64_t position[CK_MAX_RANK], offset = 0, rest = start;
  const int32_t rank = loop->rank;
  for (int32_t axis = rank - 1; axis >= 0; axis--) {
    position[axis] = rest % loop->extents[axis];
    rest /= loop->extents[axis];
    offset += position[axis] * source->strides[axis];
  }
  const int32_t last = rank - 1;
  const int64_t step = source->strides[last];
  const uint8_t *bytes = source->data;
  const uint32_t *words = source->data;
  uint32_t *out = (uint32_t *)to;
  int64_t done = 0;
  while (done < n) {
    const int64_t run = ck_min(n - done, loop->extents[last] - position[last]);
    if (source->is_bool) {
      for (int64_t k = 0; k < run; k++) to[done + k] = (float)bytes[offset + k * step];
    } else if (step == 1) {
      memcpy(out + done, words + offset, (size_t)run * 4);
    } else if (step == 0) {
      const uint32_t word = words[offset];
      for (int64_t k = 0; k < run; k++) out[done + k] = word;
    } else {
      for (int64_t k = 0; k < run; k++) out[done + k] = words[offset + k * step];
    }
    done += run;
    position[last] += run;
    offset += run * step;
    for (int32_t axis = last; axis > 0 && position[axis] == loop->extents[axis]; axis--) {
      offset += source->strides[axis - 1] - position[axis] * source->strides[axis];
      position[axis] = 0;
      position[axis - 1]++;
    }
  }
}

static void ck_load_once(const ck_source *source, float *to, int64_t n) {
  uint32_t bits = source->bits;
  if (source->kind == CK_SCALAR) {
    if (source->is_bool) bits = ck_bits((float)*(const uint8_t *)source->data);
    else bits = *(const uint32_t *)source->data;
  }
  uint32_t *out = (uint32_t *)to;
  for (int64_t k = 0; k < n; k++) out[k] = bits;
}

static void ck_elementwise_share(int32_t worker, int32_t workers, void *opaque) {
  const ck_elementwise *loop = opaque;
  int64_t begin, end;
  ck_share(loop->count, CK_BLOCK, worker, workers, &begin, &end);
  if (begin >= end) return;
  const uint64_t mode = ck_begin_loop(loop->flushes_subnormals);
  float *registers = loop->registers + (size_t)worker * (size_t)loop->slot_count * CK_BLOCK;
  ck_lane slots[loop->slot_count];
  for (int32_t s = 0; s < loop->slot_count; s++) slots[s].f = registers + (size_t)s * CK_BLOCK;
  for (int32_t s = 0; s < loop->source_count; s++) {
    const ck_source *source = &loop->sources[s];
    if (source->kind == CK_CONSTANT || source->kind == CK_SCALAR) {
      ck_load_once(source, slots[source->slot].f, ck_min(CK_BLOCK, end - begin));
    }
  }
  for (int64_t start = begin; start < end; start += CK_BLOCK) {
    const int64_t n = ck_min(CK_BLOCK, end - start);
    for (int32_t s = 0; s < loop->source_count; s++) {
      const ck_source *source = &loop->sources[s];
      if (source->kind == CK_STRIDED) {
        ck_load_strided(loop, source, start, n, slots[source->slot].f);
      } else if (source->kind == CK_DIRECT) {
        if (source->is_bool) {
          const uint8_t *bytes = (const uint8_t *)source->data + start;
          float *to = slots[source->slot].f;
          for (int64_t k = 0; k < n; k++) to[k] = (float)bytes[k];
        } else {
          slots[source->slot].f = (float *)source->data + start;
        }
      }
    }
    for (int32_t s = 0; s < loop->sink_count; s++) {
      const ck_sink *sink = &loop->sinks[s];
      if (sink->is_direct) slots[sink->slot].f = (float *)sink->data + start;
    }
    for (int32_t i = 0; i < loop->instruction_count; i++) {
      const ck_instruction *in = &loop->instructions[i];
      ck_execute(in->opcode, slots[in->destination], slots[in->a], slots[in->b], slots[in->c], n);
    }
    for (int32_t s = 0; s < loop->sink_count; s++) {
      const ck_sink *sink = &loop->sinks[s];
      if (sink->is_direct) continue;
      const float *from = slots[sink->slot].f;
      if (sink->is_bool) {
        uint8_t *to = (uint8_t *)sink->data + start;
        for (int64_t k = 0; k < n; k++) to[k] = from[k] != 0.0f;
      } else {
        memcpy((float *)sink->data + start, from, (size_t)n * 4);
      }
    }
  }
  ck_end_loop(mode);
}

int32_t ck_run_elementwise(const void *context) {
  const ck_elementwise *loop = context;
  ck_parallel(loop->workers, ck_elementwise_share, (void *)loop);
  return CK_OK;
}
