/// What the files that create oneDNN's primitives share. They are the only ones that know its API.
#ifndef CK_PRIMITIVE_H
#define CK_PRIMITIVE_H

#include "CKernels.h"
#include <dnnl.h>

#if DNNL_VERSION_MAJOR != 2
#error "Chainrule is written for oneDNN 2 (Debian 12: libdnnl-dev)"
#endif

/// NULL when oneDNN cannot start.
dnnl_engine_t ck_engine(void);

/// An empty primitive for so many threads; NULL when there is no engine or no memory.
ck_primitive *ck_primitive_new(int32_t threads);
/// Where oneDNN's order of implementations is not the fastest: the beginning of the name of a worse one, which it
/// offers first, and that of a better one, which comes second.
typedef struct {
  const char *worse, *better;
} ck_preference;

/// Creates the primitive from a descriptor of its operation, with scratch memory from outside. `attributes` and
/// `preference` may be NULL; `hint` is the forward primitive of a backward one, or NULL. Returns whether oneDNN has it.
int ck_primitive_create(
  ck_primitive *primitive, const void *operation, dnnl_primitive_attr_t attributes, const ck_primitive *hint,
  const ck_preference *preference);
/// The layout that a created primitive wants for one of oneDNN's arguments.
const dnnl_memory_desc_t *ck_primitive_layout(const ck_primitive *primitive, int dnnl_argument);
/// Declares an argument: what oneDNN calls it, and how it lies in plain memory.
void ck_primitive_declare(
  ck_primitive *primitive, enum ck_argument argument, int dnnl_argument, const dnnl_memory_desc_t *plain);

/// Describes float32 memory; row-major where `strides` is NULL. Returns whether that is possible.
int ck_describe(dnnl_memory_desc_t *description, int32_t rank, const int64_t *extents, const int64_t *strides);
/// Describes `[batch, spatial..., channels]` in row-major order; oneDNN names its axes batch, channels, spatial.
int ck_describe_channels_last(
  dnnl_memory_desc_t *description, int32_t rank, int64_t batch, const int64_t *spatial, int64_t channels);
/// Where elements are of type bfloat16, in the same order.
void ck_make_bfloat16(dnnl_memory_desc_t *description);
/// The same shape in whatever layout a primitive likes best.
dnnl_memory_desc_t ck_any_layout(const dnnl_memory_desc_t *description);

#endif
