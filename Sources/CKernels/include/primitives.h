/// The shim around oneDNN: each family of primitives has a function that creates one, and all are bound, run and
/// destroyed alike.
#ifndef CK_PRIMITIVES_H
#define CK_PRIMITIVES_H

#include "CKernels.h"

/// oneDNN's version: major, minor and patch.
void ck_library_version(int32_t version[3]);

/// One oneDNN primitive with its memory.
typedef struct ck_primitive ck_primitive;

/// What a primitive reads or writes.
enum ck_argument {
  CK_SCRATCH, CK_SOURCE, CK_WEIGHTS, CK_BIAS, CK_DESTINATION, CK_OUTPUT_SCALE, CK_ARGUMENT_COUNT
};

/// The scratch memory that it needs while it runs.
size_t ck_primitive_scratch_bytes(const ck_primitive *primitive);
/// The name of oneDNN's implementation.
const char *ck_primitive_implementation(const ck_primitive *primitive);
/// The size of an argument in the layout that the primitive wants.
size_t ck_primitive_argument_bytes(const ck_primitive *primitive, int32_t argument);
/// Whether the primitive wants an argument in a layout that is not the plain, row-major one.
int32_t ck_primitive_wants_layout(const ck_primitive *primitive, int32_t argument);
/// Sets where an argument lies; once for each argument that the primitive has.
/// Returns 0 when oneDNN accepted it.
int32_t ck_primitive_bind(ck_primitive *primitive, int32_t argument, const void *data);
int32_t ck_run_primitive(const void *primitive);
void ck_primitive_destroy(ck_primitive *primitive);

/// Rewrites an argument from the plain layout to the one that the primitive wants, or back: from CK_SOURCE to
/// CK_DESTINATION. NULL when oneDNN cannot.
ck_primitive *ck_reorder_create(const ck_primitive *primitive, int32_t argument, int32_t is_back, int32_t threads);

/// Rounds the numbers of CK_SOURCE to bfloat16 in CK_DESTINATION. NULL when oneDNN cannot.
ck_primitive *ck_rounding_create(int64_t count, int32_t threads);

/// Whether the processor can do something: not at all, in more steps than it takes others, or by an instruction.
enum ck_support { CK_UNSUPPORTED, CK_EMULATED, CK_SUPPORTED };
/// Whether oneDNN multiplies numbers of type bfloat16 here.
enum ck_support ck_bfloat16_support(void);

/// `destination[b] = scale * op(left[b]) op(right[b]) + bias`, then ReLU, or added to the destination. The left
/// operand is CK_SOURCE, the right one CK_WEIGHTS, both of bfloat16 or neither; CK_OUTPUT_SCALE holds a scale that is
/// known only when it runs.
typedef struct {
  int32_t rank;
  int64_t left_extents[CK_MAX_RANK], right_extents[CK_MAX_RANK], destination_extents[CK_MAX_RANK];
  int64_t left_strides[CK_MAX_RANK], right_strides[CK_MAX_RANK];
  int32_t has_bias, accumulates, has_runtime_scale, is_bfloat16;
  /// Whether to take the implementation that packs both factors, where oneDNN has it.
  int32_t packs;
  float scale;
  int32_t threads;
} ck_matmul_shape;

/// NULL when oneDNN has no such product.
ck_primitive *ck_matmul_create(const ck_matmul_shape *shape);

enum ck_direction { CK_FORWARD, CK_BACKWARD_DATA, CK_BACKWARD_WEIGHTS };

/// A convolution or a derivative of one. CK_SOURCE is the input `[batch, inputs, input channels]`, CK_WEIGHTS the
/// weights `[kernel, input channels / groups, output channels]`, CK_DESTINATION the output `[batch, outputs, output
/// channels]`, each the derivative by it where that is what is computed. Forward, a bias and then ReLU may follow;
/// backward by the weights, CK_BIAS is the derivative by the bias. What is multiplied may be of bfloat16.
typedef struct {
  ck_window window;
  int64_t batch, groups, input_channels, output_channels;
  int32_t direction, has_bias, is_bfloat16, threads;
} ck_convolution_shape;

/// NULL when oneDNN has no such convolution.
ck_primitive *ck_convolution_create(const ck_convolution_shape *shape);

/// Average pooling of CK_SOURCE `[batch, inputs, channels]` to CK_DESTINATION `[batch, outputs, channels]`, or backward
/// from one's derivative to the other's.
typedef struct {
  ck_window window;
  int64_t batch, channels;
  int32_t direction, counts_padding, threads;
} ck_average_pool_shape;

/// NULL when oneDNN has no such pooling.
ck_primitive *ck_average_pool_create(const ck_average_pool_shape *shape);

#endif
