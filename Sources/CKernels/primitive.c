#include "primitive.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  int dnnl_argument;
  dnnl_memory_desc_t plain, wanted;
} ck_declaration;

struct ck_primitive {
  dnnl_primitive_desc_t descriptor;
  dnnl_primitive_t primitive;
  int32_t threads, argument_count;
  ck_declaration declarations[CK_ARGUMENT_COUNT];
  dnnl_exec_arg_t arguments[CK_ARGUMENT_COUNT];
};

static dnnl_engine_t engine;
static dnnl_stream_t stream;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start(void) {
  if (dnnl_engine_create(&engine, dnnl_cpu, 0) != dnnl_success) engine = NULL;
  if (engine && dnnl_stream_create(&stream, engine, dnnl_stream_default_flags) != dnnl_success) engine = NULL;
}

void ck_library_version(int32_t version[3]) {
  const dnnl_version_t *known = dnnl_version();
  version[0] = known->major;
  version[1] = known->minor;
  version[2] = known->patch;
}

dnnl_engine_t ck_engine(void) {
  pthread_once(&once, start);
  return engine;
}

ck_primitive *ck_primitive_new(int32_t threads) {
  ck_primitive *primitive = ck_engine() ? calloc(1, sizeof *primitive) : NULL;
  if (primitive) primitive->threads = threads;
  return primitive;
}

static int has_prefix(const_dnnl_primitive_desc_t descriptor, const char *prefix) {
  const char *name = "";
  dnnl_primitive_desc_query(descriptor, dnnl_query_impl_info_str, 0, &name);
  return strncmp(name, prefix, strlen(prefix)) == 0;
}

/// oneDNN's first implementation, or its second where the first is called `worse...` and the second `better...`.
static dnnl_primitive_desc_t choose(
  const void *operation, dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t hint,
  const ck_preference *preference) {
  dnnl_primitive_desc_iterator_t iterator;
  if (dnnl_primitive_desc_iterator_create(&iterator, operation, attributes, engine, hint) != dnnl_success) return NULL;
  dnnl_primitive_desc_t chosen = dnnl_primitive_desc_iterator_fetch(iterator);
  if (preference && has_prefix(chosen, preference->worse)
      && dnnl_primitive_desc_iterator_next(iterator) == dnnl_success) {
    dnnl_primitive_desc_t second = dnnl_primitive_desc_iterator_fetch(iterator);
    const int is_better = second && has_prefix(second, preference->better);
    dnnl_primitive_desc_destroy(is_better ? chosen : second);
    if (is_better) chosen = second;
  }
  dnnl_primitive_desc_iterator_destroy(iterator);
  return chosen;
}

int ck_primitive_create(
  ck_primitive *primitive, const void *operation, dnnl_primitive_attr_t attributes, const ck_primitive *hint,
  const ck_preference *preference) {
  dnnl_primitive_attr_t own = NULL;
  if (!attributes) {
    if (dnnl_primitive_attr_create(&own) != dnnl_success) return 0;
    attributes = own;
  }
  // What oneDNN prepares depends on the number of threads.
  ck_set_threads(primitive->threads);
  if (dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user) == dnnl_success) {
    primitive->descriptor = choose(operation, attributes, hint ? hint->descriptor : NULL, preference);
  }
  const int fits = primitive->descriptor
    && dnnl_primitive_create(&primitive->primitive, primitive->descriptor) == dnnl_success;
  if (own) dnnl_primitive_attr_destroy(own);
  if (!fits) return 0;
  const dnnl_memory_desc_t *scratch = dnnl_primitive_desc_query_md(primitive->descriptor, dnnl_query_scratchpad_md, 0);
  ck_primitive_declare(primitive, CK_SCRATCH, DNNL_ARG_SCRATCHPAD, scratch);
  return 1;
}

const dnnl_memory_desc_t *ck_primitive_layout(const ck_primitive *primitive, int dnnl_argument) {
  return dnnl_primitive_desc_query_md(primitive->descriptor, dnnl_query_exec_arg_md, dnnl_argument);
}

void ck_primitive_declare(
  ck_primitive *primitive, enum ck_argument argument, int dnnl_argument, const dnnl_memory_desc_t *plain) {
  const dnnl_memory_desc_t *wanted = ck_primitive_layout(primitive, dnnl_argument);
  primitive->declarations[argument] = (ck_declaration){
    .dnnl_argument = dnnl_argument, .plain = *plain, .wanted = wanted && wanted->ndims > 0 ? *wanted : *plain};
}

int ck_describe(dnnl_memory_desc_t *description, int32_t rank, const int64_t *extents, const int64_t *strides) {
  dnnl_dims_t dims, steps;
  int64_t dense = 1;
  for (int32_t axis = rank - 1; axis >= 0; axis--) {
    dims[axis] = extents[axis];
    steps[axis] = strides ? strides[axis] : dense;
    dense *= extents[axis];
  }
  return dnnl_memory_desc_init_by_strides(description, rank, dims, dnnl_f32, steps) == dnnl_success;
}

int ck_describe_channels_last(
  dnnl_memory_desc_t *description, int32_t rank, int64_t batch, const int64_t *spatial, int64_t channels) {
  int64_t extents[5] = {batch, channels}, strides[5] = {0, 1}, distance = channels;
  for (int32_t axis = rank - 1; axis >= 0; axis--) {
    extents[axis + 2] = spatial[axis];
    strides[axis + 2] = distance;
    distance *= spatial[axis];
  }
  strides[0] = distance;
  return ck_describe(description, rank + 2, extents, strides);
}

// Strides count elements, so that they stay.
void ck_make_bfloat16(dnnl_memory_desc_t *description) { description->data_type = dnnl_bf16; }

dnnl_memory_desc_t ck_any_layout(const dnnl_memory_desc_t *description) {
  dnnl_memory_desc_t any;
  dnnl_memory_desc_init_by_tag(
    &any, description->ndims, description->dims, description->data_type, dnnl_format_tag_any);
  return any;
}

size_t ck_primitive_scratch_bytes(const ck_primitive *primitive) {
  return ck_primitive_argument_bytes(primitive, CK_SCRATCH);
}

const char *ck_primitive_implementation(const ck_primitive *primitive) {
  const char *name = "unknown";
  dnnl_primitive_desc_query(primitive->descriptor, dnnl_query_impl_info_str, 0, &name);
  return name;
}

size_t ck_primitive_argument_bytes(const ck_primitive *primitive, int32_t argument) {
  return dnnl_memory_desc_get_size(&primitive->declarations[argument].wanted);
}

int32_t ck_primitive_wants_layout(const ck_primitive *primitive, int32_t argument) {
  const ck_declaration *declaration = &primitive->declarations[argument];
  return !dnnl_memory_desc_equal(&declaration->plain, &declaration->wanted);
}

int32_t ck_primitive_bind(ck_primitive *primitive, int32_t argument, const void *data) {
  const ck_declaration *declaration = &primitive->declarations[argument];
  // Bound once: what runs refers to these arguments.
  for (int32_t k = 0; k < primitive->argument_count; k++) {
    if (primitive->arguments[k].arg == declaration->dnnl_argument) return CK_LIBRARY_FAILED;
  }
  dnnl_memory_t memory;
  if (declaration->dnnl_argument == 0
      || dnnl_memory_create(&memory, &declaration->wanted, engine, (void *)data) != dnnl_success) {
    return CK_LIBRARY_FAILED;
  }
  primitive->arguments[primitive->argument_count++] = (dnnl_exec_arg_t){declaration->dnnl_argument, memory};
  return CK_OK;
}

int32_t ck_run_primitive(const void *context) {
  const ck_primitive *primitive = context;
  ck_set_threads(primitive->threads);
  const dnnl_status_t status =
    dnnl_primitive_execute(primitive->primitive, stream, primitive->argument_count, primitive->arguments);
  return status == dnnl_success ? CK_OK : CK_LIBRARY_FAILED;
}

void ck_primitive_destroy(ck_primitive *primitive) {
  if (!primitive) return;
  for (int32_t k = 0; k < primitive->argument_count; k++) dnnl_memory_destroy(primitive->arguments[k].memory);
  if (primitive->primitive) dnnl_primitive_destroy(primitive->primitive);
  if (primitive->descriptor) dnnl_primitive_desc_destroy(primitive->descriptor);
  free(primitive);
}

/// Copies from one layout, and one type of elements, to another.
static ck_primitive *create_reorder(
  const dnnl_memory_desc_t *source, const dnnl_memory_desc_t *destination, int32_t threads) {
  ck_primitive *reorder = ck_primitive_new(threads);
  if (!reorder) return NULL;
  dnnl_primitive_attr_t attributes = NULL;
  ck_set_threads(threads);
  const int fits = dnnl_primitive_attr_create(&attributes) == dnnl_success
    && dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user) == dnnl_success
    && dnnl_reorder_primitive_desc_create(&reorder->descriptor, source, engine, destination, engine, attributes)
      == dnnl_success
    && dnnl_primitive_create(&reorder->primitive, reorder->descriptor) == dnnl_success;
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  if (!fits) {
    ck_primitive_destroy(reorder);
    return NULL;
  }
  ck_primitive_declare(reorder, CK_SOURCE, DNNL_ARG_FROM, source);
  ck_primitive_declare(reorder, CK_DESTINATION, DNNL_ARG_TO, destination);
  ck_primitive_declare(
    reorder, CK_SCRATCH, DNNL_ARG_SCRATCHPAD,
    dnnl_primitive_desc_query_md(reorder->descriptor, dnnl_query_scratchpad_md, 0));
  return reorder;
}

ck_primitive *ck_reorder_create(const ck_primitive *primitive, int32_t argument, int32_t is_back, int32_t threads) {
  const ck_declaration *declaration = &primitive->declarations[argument];
  return is_back ? create_reorder(&declaration->wanted, &declaration->plain, threads)
                 : create_reorder(&declaration->plain, &declaration->wanted, threads);
}

ck_primitive *ck_rounding_create(int64_t count, int32_t threads) {
  dnnl_memory_desc_t source, destination;
  if (!ck_describe(&source, 1, &count, NULL)) return NULL;
  destination = source;
  ck_make_bfloat16(&destination);
  return create_reorder(&source, &destination, threads);
}

enum ck_support ck_bfloat16_support(void) {
  const unsigned has = (unsigned)dnnl_get_effective_cpu_isa();
  if ((has & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16) return CK_SUPPORTED;
  return (has & dnnl_cpu_isa_avx512_core) == dnnl_cpu_isa_avx512_core ? CK_EMULATED : CK_UNSUPPORTED;
}
