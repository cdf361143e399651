#include "primitive.h"

/// oneDNN's order is [groups,] outputs, inputs, kernel; ours is [kernel..., inputs, groups x outputs].
static int describe_weights(dnnl_memory_desc_t *description, const ck_convolution_shape *shape) {
  const int64_t inputs = shape->input_channels / shape->groups, outputs = shape->output_channels / shape->groups;
  const int32_t grouped = shape->groups > 1 ? 1 : 0, rank = shape->window.rank;
  int64_t extents[6] = {shape->groups}, strides[6] = {outputs}, distance = shape->output_channels * inputs;
  extents[grouped] = outputs;
  strides[grouped] = 1;
  extents[grouped + 1] = inputs;
  strides[grouped + 1] = shape->output_channels;
  for (int32_t axis = rank - 1; axis >= 0; axis--) {
    extents[grouped + 2 + axis] = shape->window.extents[axis];
    strides[grouped + 2 + axis] = distance;
    distance *= shape->window.extents[axis];
  }
  return ck_describe(description, grouped + 2 + rank, extents, strides);
}

typedef struct {
  dnnl_memory_desc_t input, weights, bias, output;
} ck_layouts;

/// Gives what is multiplied elements of bfloat16: all but what comes out.
static void round_factors(ck_layouts *layouts, int32_t direction) {
  if (direction != CK_BACKWARD_DATA) ck_make_bfloat16(&layouts->input);
  if (direction != CK_BACKWARD_WEIGHTS) ck_make_bfloat16(&layouts->weights);
  if (direction != CK_FORWARD) ck_make_bfloat16(&layouts->output);
}

static dnnl_status_t describe(
  dnnl_convolution_desc_t *description, const ck_convolution_shape *shape, const ck_layouts *layouts,
  dnnl_prop_kind_t kind) {
  const ck_window *window = &shape->window;
  // oneDNN's dilation is the number of elements that lie between neighbours.
  dnnl_dims_t dilations;
  for (int32_t axis = 0; axis < window->rank; axis++) dilations[axis] = window->dilations[axis] - 1;
  const dnnl_memory_desc_t weights = ck_any_layout(&layouts->weights);
  const dnnl_memory_desc_t *bias = shape->has_bias ? &layouts->bias : NULL;
  switch (shape->direction) {
    case CK_FORWARD:
      return dnnl_dilated_convolution_forward_desc_init(
        description, kind, dnnl_convolution_direct, &layouts->input, &weights, bias, &layouts->output, window->strides,
        dilations, window->low, window->high);
    case CK_BACKWARD_DATA:
      return dnnl_dilated_convolution_backward_data_desc_init(
        description, dnnl_convolution_direct, &layouts->input, &weights, &layouts->output, window->strides, dilations,
        window->low, window->high);
    default:
      return dnnl_dilated_convolution_backward_weights_desc_init(
        description, dnnl_convolution_direct, &layouts->input, &weights, bias, &layouts->output, window->strides,
        dilations, window->low, window->high);
  }
}

// With few channels, oneDNN's direct convolution is faster than that by small products, which it offers first: measured
// 330 us to 460 for 1 channel, 180 to 240 for 6, 1,640 to 1,790 for 32, and the other way round for 64.
static const ck_preference few_channels = {"brgconv", "jit:avx512"};

/// Derivatives are made with the convolution that they are of as a hint.
static ck_primitive *create(const ck_convolution_shape *shape, const ck_layouts *layouts, const ck_primitive *hint) {
  ck_primitive *convolution = ck_primitive_new(shape->threads);
  dnnl_convolution_desc_t description;
  const int fits = convolution
    && describe(&description, shape, layouts, dnnl_forward_training) == dnnl_success
    && ck_primitive_create(
      convolution, &description, NULL, hint, shape->input_channels < 64 && !shape->is_bfloat16 ? &few_channels : NULL);
  if (fits) return convolution;
  ck_primitive_destroy(convolution);
  return NULL;
}

ck_primitive *ck_convolution_create(const ck_convolution_shape *shape) {
  const ck_window *window = &shape->window;
  ck_layouts layouts;
  if (!ck_describe_channels_last(
        &layouts.input, window->rank, shape->batch, window->inputs, shape->input_channels)
      || !ck_describe_channels_last(
        &layouts.output, window->rank, shape->batch, window->outputs, shape->output_channels)
      || !describe_weights(&layouts.weights, shape) || !ck_describe(&layouts.bias, 1, &shape->output_channels, NULL)) {
    return NULL;
  }
  const int is_data = shape->direction == CK_BACKWARD_DATA, is_weights = shape->direction == CK_BACKWARD_WEIGHTS;
  ck_primitive *hint = NULL;
  if (is_data || is_weights) {
    ck_convolution_shape forward = *shape;
    ck_layouts plain = layouts;
    forward.direction = CK_FORWARD;
    forward.has_bias = 0;
    if (shape->is_bfloat16) round_factors(&plain, CK_FORWARD);
    hint = create(&forward, &plain, NULL);
    if (!hint) return NULL;
  }
  if (shape->is_bfloat16) round_factors(&layouts, shape->direction);
  ck_primitive *convolution = create(shape, &layouts, hint);
  ck_primitive_destroy(hint);
  if (!convolution) return NULL;
  ck_primitive_declare(convolution, CK_SOURCE, is_data ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC, &layouts.input);
  ck_primitive_declare(
    convolution, CK_WEIGHTS, is_weights ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS, &layouts.weights);
  ck_primitive_declare(
    convolution, CK_DESTINATION, is_data || is_weights ? DNNL_ARG_DIFF_DST : DNNL_ARG_DST, &layouts.output);
  if (shape->has_bias) {
    ck_primitive_declare(convolution, CK_BIAS, is_weights ? DNNL_ARG_DIFF_BIAS : DNNL_ARG_BIAS, &layouts.bias);
  }
  return convolution;
}
