#include "CKernels.h"
#include <dnnl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// The one place that knows oneDNN's API.
#if DNNL_VERSION_MAJOR != 2
#error "Chainrule is written for oneDNN 2 (Debian 12: libdnnl-dev)"
#endif

struct ck_matmul {
  dnnl_primitive_desc_t descriptor;
  dnnl_primitive_t primitive;
  dnnl_memory_desc_t left, right, bias, destination, scale;
  int32_t has_bias, has_scale, threads, argument_count;
  dnnl_exec_arg_t arguments[6];
};

static dnnl_engine_t ck_engine;
static dnnl_stream_t ck_stream;
static pthread_once_t ck_once = PTHREAD_ONCE_INIT;

static void ck_start(void) {
  if (dnnl_engine_create(&ck_engine, dnnl_cpu, 0) != dnnl_success) ck_engine = NULL;
  if (ck_engine && dnnl_stream_create(&ck_stream, ck_engine, dnnl_stream_default_flags) != dnnl_success) ck_engine = NULL;
}

static int ck_describe(dnnl_memory_desc_t *md, int32_t rank, const int64_t *extents, const int64_t *strides) {
  dnnl_dims_t dims, steps;
  int64_t dense = 1;
  for (int32_t axis = rank - 1; axis >= 0; axis--) {
    dims[axis] = extents[axis];
    steps[axis] = strides ? strides[axis] : dense;
    dense *= extents[axis];
  }
  return dnnl_memory_desc_init_by_strides(md, rank, dims, dnnl_f32, steps) == dnnl_success;
}

static int ck_set_attributes(dnnl_primitive_attr_t attributes, const ck_matmul_shape *shape) {
  if (dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user) != dnnl_success) return 0;
  const float runtime = DNNL_RUNTIME_F32_VAL, *scale = shape->has_runtime_scale ? &runtime : &shape->scale;
  if (shape->has_runtime_scale || shape->scale != 1.0f) {
    if (dnnl_primitive_attr_set_output_scales(attributes, 1, 0, scale) != dnnl_success) return 0;
  }
  dnnl_post_ops_t post_ops;
  if (dnnl_post_ops_create(&post_ops) != dnnl_success) return 0;
  int fits = 1;
  if (shape->accumulates) fits &= dnnl_post_ops_append_sum(post_ops, 1.0f) == dnnl_success;
  if (shape->has_relu) fits &= dnnl_post_ops_append_eltwise(post_ops, 1.0f, dnnl_eltwise_relu, 0, 0) == dnnl_success;
  fits &= dnnl_primitive_attr_set_post_ops(attributes, post_ops) == dnnl_success;
  dnnl_post_ops_destroy(post_ops);
  return fits;
}

ck_matmul *ck_matmul_create(const ck_matmul_shape *shape) {
  pthread_once(&ck_once, ck_start);
  if (!ck_engine) return NULL;
  ck_matmul *product = calloc(1, sizeof *product);
  if (!product) return NULL;
  product->has_bias = shape->has_bias;
  product->has_scale = shape->has_runtime_scale;
  product->threads = shape->threads;
  int64_t bias_extents[CK_MAX_RANK], one = 1;
  for (int32_t axis = 0; axis < shape->rank; axis++) bias_extents[axis] = 1;
  bias_extents[shape->rank - 1] = shape->destination_extents[shape->rank - 1];
  ck_set_threads(shape->threads);
  dnnl_matmul_desc_t description;
  dnnl_primitive_attr_t attributes = NULL;
  const int fits = ck_describe(&product->left, shape->rank, shape->left_extents, shape->left_strides)
    && ck_describe(&product->right, shape->rank, shape->right_extents, shape->right_strides)
    && ck_describe(&product->destination, shape->rank, shape->destination_extents, NULL)
    && ck_describe(&product->bias, shape->rank, bias_extents, NULL) && ck_describe(&product->scale, 1, &one, NULL)
    && dnnl_matmul_desc_init(
         &description, &product->left, &product->right, shape->has_bias ? &product->bias : NULL, &product->destination)
      == dnnl_success
    && dnnl_primitive_attr_create(&attributes) == dnnl_success && ck_set_attributes(attributes, shape)
    && dnnl_primitive_desc_create(&product->descriptor, &description, attributes, ck_engine, NULL) == dnnl_success
    && dnnl_primitive_create(&product->primitive, product->descriptor) == dnnl_success;
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  if (!fits) {
    ck_matmul_destroy(product);
    return NULL;
  }
  return product;
}

size_t ck_matmul_scratch_bytes(const ck_matmul *product) {
  return dnnl_memory_desc_get_size(dnnl_primitive_desc_query_md(product->descriptor, dnnl_query_scratchpad_md, 0));
}

const char *ck_matmul_implementation(const ck_matmul *product) {
  const char *name = "unknown";
  dnnl_primitive_desc_query(product->descriptor, dnnl_query_impl_info_str, 0, &name);
  return name;
}

static int ck_attach(ck_matmul *product, int argument, const dnnl_memory_desc_t *md, const void *data) {
  dnnl_memory_t memory;
  if (dnnl_memory_create(&memory, md, ck_engine, (void *)data) != dnnl_success) return 0;
  product->arguments[product->argument_count++] = (dnnl_exec_arg_t){argument, memory};
  return 1;
}

int32_t ck_matmul_bind(
  ck_matmul *product, const float *left, const float *right, const float *bias, const float *scale, float *destination,
  void *scratch) {
  // Bound once: what runs refers to these arguments.
  if (product->argument_count > 0) return CK_LIBRARY_FAILED;
  const dnnl_memory_desc_t *scratchpad = dnnl_primitive_desc_query_md(product->descriptor, dnnl_query_scratchpad_md, 0);
  const int bound = ck_attach(product, DNNL_ARG_SRC, &product->left, left)
    && ck_attach(product, DNNL_ARG_WEIGHTS, &product->right, right)
    && ck_attach(product, DNNL_ARG_DST, &product->destination, destination)
    && ck_attach(product, DNNL_ARG_SCRATCHPAD, scratchpad, scratch)
    && (!product->has_bias || ck_attach(product, DNNL_ARG_BIAS, &product->bias, bias))
    && (!product->has_scale || ck_attach(product, DNNL_ARG_ATTR_OUTPUT_SCALES, &product->scale, scale));
  return bound ? CK_OK : CK_LIBRARY_FAILED;
}

int32_t ck_run_matmul(const void *context) {
  const ck_matmul *product = context;
  ck_set_threads(product->threads);
  const dnnl_status_t status =
    dnnl_primitive_execute(product->primitive, ck_stream, product->argument_count, product->arguments);
  return status == dnnl_success ? CK_OK : CK_LIBRARY_FAILED;
}

void ck_matmul_destroy(ck_matmul *product) {
  if (!product) return;
  for (int32_t k = 0; k < product->argument_count; k++) dnnl_memory_destroy(product->arguments[k].memory);
  if (product->primitive) dnnl_primitive_destroy(product->primitive);
  if (product->descriptor) dnnl_primitive_desc_destroy(product->descriptor);
  free(product);
}
