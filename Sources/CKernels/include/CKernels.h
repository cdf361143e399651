/// The few loops that need the machine's widest vectors, and the shim around oneDNN.
///
/// Every kernel is a function of one context, prepared once when a program is built, and returns 0 or one of
/// `ck_status`. Nothing here allocates while a program runs.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#define CK_MAX_RANK 8
/// The number of elements that a fused chain keeps in the first-level cache at a time.
#define CK_BLOCK 512

typedef int32_t (*ck_function)(const void *context);

enum ck_status { CK_OK = 0, CK_INDEX_OUT_OF_RANGE = 1, CK_LIBRARY_FAILED = 2, CK_CALLBACK_FAILED = 3 };

// MARK: Threads

/// Calls `body(worker, workers, data)` once for each worker, on the thread pool that oneDNN uses as well.
void ck_parallel(int32_t workers, void (*body)(int32_t worker, int32_t workers, void *data), void *data);
/// Sets how many threads oneDNN may use for what the calling thread prepares or runs next.
void ck_set_threads(int32_t threads);

// MARK: Elementwise chains

enum ck_opcode {
  CK_ADD, CK_SUBTRACT, CK_MULTIPLY, CK_DIVIDE, CK_NEGATE, CK_POWER, CK_EXP, CK_LOG, CK_SQUARE_ROOT, CK_RECIPROCAL,
  CK_SINE, CK_COSINE, CK_TANH, CK_SIGMOID, CK_RELU, CK_SOFTPLUS, CK_ERROR_FUNCTION, CK_ABSOLUTE, CK_SIGN, CK_MINIMUM,
  CK_MAXIMUM, CK_CLAMP, CK_MULTIPLY_ADD, CK_MULTIPLY_SUBTRACT, CK_SUBTRACT_PRODUCT, CK_LESS, CK_LESS_OR_EQUAL, CK_EQUAL,
  CK_NOT_EQUAL, CK_SELECT, CK_FLOOR, CK_STEP, CK_COPY, CK_NOT_ZERO,
  CK_ADD_INT, CK_SUBTRACT_INT, CK_MULTIPLY_INT, CK_NEGATE_INT, CK_ABSOLUTE_INT, CK_SIGN_INT, CK_MINIMUM_INT,
  CK_MAXIMUM_INT, CK_LESS_INT, CK_LESS_OR_EQUAL_INT, CK_EQUAL_INT, CK_NOT_EQUAL_INT, CK_NOT_ZERO_INT, CK_INT_TO_FLOAT,
  CK_FLOAT_TO_INT
};

/// `slot[destination] = opcode(slot[a], slot[b], slot[c])`. Truth values are 0.0 and 1.0 inside a chain.
typedef struct {
  uint16_t opcode, destination, a, b, c;
} ck_instruction;

enum ck_source_kind { CK_DIRECT, CK_CONSTANT, CK_SCALAR, CK_STRIDED };

typedef struct {
  int32_t kind;
  /// Whether the elements are bytes that hold 0 or 1.
  int32_t is_bool;
  uint16_t slot;
  /// The bits of a constant.
  uint32_t bits;
  const void *data;
  /// The distance in elements along each axis of the loop, for a strided source.
  int64_t strides[CK_MAX_RANK];
} ck_source;

typedef struct {
  uint16_t slot;
  int32_t is_bool;
  /// Whether instructions write to the destination itself rather than to a register that is stored afterwards.
  int32_t is_direct;
  void *data;
} ck_sink;

typedef struct {
  int64_t count;
  int32_t rank;
  int32_t workers;
  int64_t extents[CK_MAX_RANK];
  int32_t source_count, sink_count, instruction_count, slot_count;
  /// Whether subnormal numbers count as zeros.
  int32_t flushes_subnormals;
  const ck_source *sources;
  const ck_sink *sinks;
  const ck_instruction *instructions;
  /// `workers * slot_count * CK_BLOCK` floats.
  float *registers;
} ck_elementwise;

int32_t ck_run_elementwise(const void *context);

// MARK: Compiled elementwise chains

// Values of a chain that is compiled ahead: arrays and scalars in the order in which they are first read, then what the
// instructions compute, in their order. An instruction's destination is left 0.
#define CK_MOST_ARRAYS 8
#define CK_MOST_SCALARS 16
#define CK_MOST_VALUES 32
#define CK_MOST_RESULTS 6
enum { CK_FIRST_SCALAR = CK_MOST_ARRAYS, CK_FIRST_VALUE = CK_MOST_ARRAYS + CK_MOST_SCALARS };

typedef struct {
  int64_t count;
  int32_t workers;
  int32_t flushes_subnormals;
  /// As `ck_find_loop` finds it.
  int32_t loop;
  /// CK_MOST_ARRAYS, CK_MOST_SCALARS and CK_MOST_RESULTS of them, all readable; those beyond what the loop has do not
  /// matter.
  const float *const *arrays, *const *scalars;
  float *const *results;
} ck_compiled_loop;

/// The number of the compiled loop of these instructions and results, which are values of the chain; -1 if there is
/// none.
int32_t ck_find_loop(
  const ck_instruction *instructions, int32_t instruction_count, const uint16_t *results, int32_t result_count);
int32_t ck_run_compiled_loop(const void *context);
/// The name of an opcode that may stand in compiled loops; NULL for others.
const char *ck_opcode_name(uint16_t opcode);

// MARK: Small products

/// `destination[rows, columns] = factor * left * right + bias + added`, of strided factors.
typedef struct {
  int64_t rows, columns, inner;
  /// The distances in elements from row to row and along the inner extent, and along that and from column to column;
  /// one of each pair is 1.
  int64_t left_row, left_inner, right_inner, right_column;
  float factor;
  const float *left, *right;
  /// Another factor, a row that is added to each row, and a matrix, which may be the destination; NULL for none.
  const float *scale, *bias, *added;
  float *destination;
  /// `ck_direct_product_scratch` floats.
  float *scratch;
} ck_direct_product;

int64_t ck_direct_product_scratch(const ck_direct_product *product);
int32_t ck_run_direct_product(const void *context);

// MARK: Moving elements

/// Copies a strided array to a strided place; strides in elements of `element_bytes` (1 or 4).
typedef struct {
  int32_t rank, element_bytes, workers;
  int64_t extents[CK_MAX_RANK], source_strides[CK_MAX_RANK], destination_strides[CK_MAX_RANK];
  const void *source;
  void *destination;
} ck_copy;

int32_t ck_run_copy(const void *context);

/// Fills `count` elements with the same bits.
typedef struct {
  int64_t count;
  int32_t element_bytes;
  uint32_t bits;
  void *destination;
} ck_fill;

int32_t ck_run_fill(const void *context);

/// Views the table as `[outer, extent, inner]` and takes rows along the middle axis, or adds them up there.
typedef struct {
  int64_t outer, extent, inner, index_count;
  int32_t element_bytes, workers;
  const void *table;
  const int32_t *indices;
  void *destination;
} ck_indexing;

int32_t ck_run_gather(const void *context);
int32_t ck_run_scatter_add(const void *context);

typedef struct {
  int64_t count, depth;
  const int32_t *indices;
  float *destination;
} ck_one_hot;

int32_t ck_run_one_hot(const void *context);

// MARK: Reductions of [outer, extent, inner] along the middle axis

enum ck_reduction {
  CK_SUM, CK_MEAN, CK_REDUCE_MAXIMUM, CK_REDUCE_MINIMUM, CK_PRODUCT, CK_LOG_SUM_EXP, CK_ARGUMENT_MAXIMUM
};

typedef struct {
  int64_t outer, extent, inner;
  int32_t kind, workers;
  const float *source;
  void *destination;
} ck_reduce;

int32_t ck_run_reduce(const void *context);

// MARK: Softmax over [outer, extent, inner] along the middle axis

typedef struct {
  int64_t outer, extent, inner;
  int32_t is_log, workers;
  const float *source;
  float *destination;
} ck_softmax;

int32_t ck_run_softmax(const void *context);

/// Losses and probabilities of rows of logits against labels; with `gradient`, also (or instead) the cotangent of the
/// logits for the given cotangents of the losses. Destinations that are NULL are not wanted.
typedef struct {
  int64_t rows, classes;
  int32_t workers;
  const float *logits;
  const int32_t *labels;
  const float *cotangents;
  /// 0 when one cotangent serves every row, else 1.
  int64_t cotangent_stride;
  float *losses, *probabilities, *gradient;
} ck_cross_entropy;

int32_t ck_run_cross_entropy(const void *context);

// MARK: Attention

/// `output = softmax(scale q kᵀ) v` for each example and head, and the logarithms of the denominators; or, with them,
/// the cotangent of the output and the offset of each row, the gradients (see `AttentionGradient`). Of queries, keys,
/// values and their gradients, `stride` is the distance of two times in elements; heads follow one another.
typedef struct {
  int64_t batch, heads, queries, keys, channels, value_channels;
  int64_t query_stride, key_stride, value_stride;
  int32_t is_causal, workers;
  float scale;
  const float *query, *key, *value;
  /// Which keys may be attended to, `[batch, keys]`; NULL for all.
  const uint8_t *mask;
  float *output, *logarithms;
  const float *cotangent, *offset;
  /// NULL for those that are not wanted.
  float *query_gradient, *key_gradient, *value_gradient;
  /// `ck_attention_scratch` floats for each worker.
  float *scratch;
} ck_attention;

/// The floats that a worker needs, forward and backward.
int64_t ck_attention_scratch(const ck_attention *attention);
int32_t ck_run_attention(const void *context);
int32_t ck_run_attention_gradient(const void *context);

// MARK: Normalisation

/// Views x as `[outer, rows, groups, inner]`: a group of statistics runs over rows and inner, scale and shift over the
/// columns, which are groups and inner. See `Normalization` and `NormalizationGradient` for what is computed.
typedef struct {
  int64_t outer, rows, groups, inner;
  int32_t is_centered, has_relu, workers;
  float epsilon;
  const float *source, *scale, *shift;
  /// `[outer, groups]`; results of the forward pass, operands of the backward one, which may want neither result.
  float *mean, *variance;
  /// Of the backward pass: what arrives, and y where a ReLU followed, whose cotangent it then is.
  const float *cotangent, *output;
  /// y, or the cotangent of x; those that are NULL are not wanted.
  float *destination, *scale_cotangent, *shift_cotangent;
  /// `ck_normalization_scratch` floats.
  float *scratch;
} ck_normalization;

int64_t ck_normalization_scratch(const ck_normalization *normalization);
int32_t ck_run_normalization(const void *context);
int32_t ck_run_normalization_gradient(const void *context);

// MARK: Random numbers

enum ck_distribution { CK_UNIFORM, CK_NORMAL, CK_DROPOUT };

typedef struct {
  int64_t count;
  int32_t distribution, workers;
  uint32_t key0, key1;
  /// Dropout: an element is `kept` where its number is at least the threshold, a multiple of 2^-24, else 0.
  float threshold, kept;
  const int32_t *step;
  float *destination;
} ck_random;

int32_t ck_run_random(const void *context);

/// What slides over the spatial axes, of which there are `rank`, from 1 to 3.
typedef struct {
  int32_t rank;
  int64_t inputs[3], extents[3], outputs[3], strides[3], dilations[3], low[3], high[3];
} ck_window;

// MARK: Pooling of [batch, spatial..., channels]

/// The largest element of each window and, where `positions` is not NULL, its place among the spatial elements. The
/// window has three axes. For few channels, tables give for each element of a row of results the place of its window
/// along the row (`steps`), and how far it lies from the row's first element (`offsets`); otherwise they are NULL.
typedef struct {
  ck_window window;
  int64_t batch, channels;
  int32_t workers;
  const int32_t *offsets, *steps;
  const float *source;
  float *values;
  int32_t *positions;
  /// `ck_max_pool_scratch` floats, where the rows that a window sees are to be joined first, which takes at most
  /// CK_POOLED_CHANNELS, gives no positions and is faster; NULL elsewhere.
  float *scratch;
} ck_max_pool;

#define CK_POOLED_CHANNELS 16

int64_t ck_max_pool_scratch(const ck_max_pool *pool);

int32_t ck_run_max_pool(const void *context);

/// Elements `[batch, count, channels]` that have positions among `[batch, places, channels]`, to which they are added
/// (scatter) or from which they are taken (gather).
typedef struct {
  int64_t batch, count, places, channels;
  int32_t workers;
  const int32_t *positions;
  const float *source;
  float *destination;
} ck_positions;

int32_t ck_run_scatter_positions(const void *context);
int32_t ck_run_gather_positions(const void *context);

#include "primitives.h"
#include "recurrence.h"

#endif
