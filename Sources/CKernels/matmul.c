#include "primitive.h"

static int set_attributes(dnnl_primitive_attr_t attributes, const ck_matmul_shape *shape) {
  const float runtime = DNNL_RUNTIME_F32_VAL, *scale = shape->has_runtime_scale ? &runtime : &shape->scale;
  if (shape->has_runtime_scale || shape->scale != 1.0f) {
    if (dnnl_primitive_attr_set_output_scales(attributes, 1, 0, scale) != dnnl_success) return 0;
  }
  dnnl_post_ops_t post_ops;
  if (dnnl_post_ops_create(&post_ops) != dnnl_success) return 0;
  int fits = 1;
  if (shape->accumulates) fits &= dnnl_post_ops_append_sum(post_ops, 1.0f) == dnnl_success;
  fits &= dnnl_primitive_attr_set_post_ops(attributes, post_ops) == dnnl_success;
  dnnl_post_ops_destroy(post_ops);
  return fits;
}

static int describe_factor(
  dnnl_memory_desc_t *description, const ck_matmul_shape *shape, const int64_t *extents, const int64_t *strides) {
  const int fits = ck_describe(description, shape->rank, extents, strides);
  if (fits && shape->is_bfloat16) ck_make_bfloat16(description);
  return fits;
}

/// Where rows of a very large left factor are columns in memory, as in the gradients of wide layers, the implementation
/// that packs both factors is faster, though it allocates.
static const ck_preference packing = {.worse = "brg:", .better = "gemm:"};

ck_primitive *ck_matmul_create(const ck_matmul_shape *shape) {
  ck_primitive *product = ck_primitive_new(shape->threads);
  if (!product) return NULL;
  int64_t bias_extents[CK_MAX_RANK], one = 1;
  for (int32_t axis = 0; axis < shape->rank; axis++) bias_extents[axis] = 1;
  bias_extents[shape->rank - 1] = shape->destination_extents[shape->rank - 1];
  dnnl_memory_desc_t left, right, bias, destination, scale;
  dnnl_matmul_desc_t description;
  dnnl_primitive_attr_t attributes = NULL;
  const int fits = describe_factor(&left, shape, shape->left_extents, shape->left_strides)
    && describe_factor(&right, shape, shape->right_extents, shape->right_strides)
    && ck_describe(&destination, shape->rank, shape->destination_extents, NULL)
    && ck_describe(&bias, shape->rank, bias_extents, NULL) && ck_describe(&scale, 1, &one, NULL)
    && dnnl_matmul_desc_init(&description, &left, &right, shape->has_bias ? &bias : NULL, &destination) == dnnl_success
    && dnnl_primitive_attr_create(&attributes) == dnnl_success && set_attributes(attributes, shape)
    && ck_primitive_create(product, &description, attributes, NULL, shape->packs ? &packing : NULL);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  if (!fits) {
    ck_primitive_destroy(product);
    return NULL;
  }
  ck_primitive_declare(product, CK_SOURCE, DNNL_ARG_SRC, &left);
  ck_primitive_declare(product, CK_WEIGHTS, DNNL_ARG_WEIGHTS, &right);
  ck_primitive_declare(product, CK_DESTINATION, DNNL_ARG_DST, &destination);
  if (shape->has_bias) ck_primitive_declare(product, CK_BIAS, DNNL_ARG_BIAS, &bias);
  if (shape->has_runtime_scale) {
    ck_primitive_declare(product, CK_OUTPUT_SCALE, DNNL_ARG_ATTR_OUTPUT_SCALES, &scale);
  }
  return product;
}
