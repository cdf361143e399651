#include "CKernels.h"
#include "compiled_loops.h"
#include "expressions.h"
#include "vectors.h"

// The loops that training spends its time in, compiled ahead, so that values stay in the processor's registers from one
// instruction to the next. Each does what `ck_run_elementwise` would do, instruction by instruction, to the last bit.

#define CK_FUNCTION(name, expression)                                                                                  \
  CK_INLINE float ck_##name(float x, float y, float z) {                                                               \
    (void)x, (void)y, (void)z;                                                                                         \
    return expression;                                                                                                 \
  }
CK_UNARY_EXPRESSIONS(CK_FUNCTION)
CK_BINARY_EXPRESSIONS(CK_FUNCTION)
CK_TERNARY_EXPRESSIONS(CK_FUNCTION)

// Each list of instructions is expanded twice: as statements, in which a0, s0 and v0 are variables, and as data, in
// which they are numbers.
enum {
  a0, a1, a2, a3, a4, a5, a6, a7,
  s0 = CK_FIRST_SCALAR, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15,
  v0 = CK_FIRST_VALUE, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18, v19, v20, v21,
  v22, v23, v24, v25, v26, v27, v28, v29, v30, v31
};

#define CK_EACH_ARRAY(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)
#define CK_EACH_SCALAR(X) CK_EACH_ARRAY(X) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#define CK_EACH_RESULT(X) X(0) X(1) X(2) X(3) X(4) X(5)

#define CK_UNUSED __attribute__((unused))
#define CK_ARRAY(i) CK_UNUSED const float *const array##i = loop->arrays[i];
#define CK_SCALAR_VALUE(i) CK_UNUSED const float s##i = *loop->scalars[i];
#define CK_RESULT(i) CK_UNUSED float *const result##i = loop->results[i];
#define CK_ELEMENT(i) CK_UNUSED const float a##i = array##i[k];
#define CK_STATEMENT(value, name, a, b, c) const float value = ck_##name(a, b, c);
#define CK_STORE(i, value) result##i[k] = value;

#define CK_DEFINE(name)                                                                                                \
  CK_CLONES static void ck_loop_##name(const ck_compiled_loop *loop, int64_t begin, int64_t end) {                     \
    CK_EACH_ARRAY(CK_ARRAY)                                                                                            \
    CK_EACH_SCALAR(CK_SCALAR_VALUE)                                                                                    \
    CK_EACH_RESULT(CK_RESULT)                                                                                          \
    CK_VECTORIZE for (int64_t k = begin; k < end; k++) {                                                               \
      CK_EACH_ARRAY(CK_ELEMENT)                                                                                        \
      CK_LOOP_##name(CK_STATEMENT, CK_STORE)                                                                           \
    }                                                                                                                  \
  }
CK_LOOPS(CK_DEFINE)

#define CK_NOTHING(...)
#define CK_INSTRUCTION(value, name, a, b, c) {CK_##name, 0, a, b, c},
#define CK_VALUE(i, value) value,
#define CK_LISTS(name)                                                                                                 \
  static const ck_instruction ck_instructions_##name[] = {CK_LOOP_##name(CK_INSTRUCTION, CK_NOTHING)};                 \
  static const uint16_t ck_results_##name[] = {CK_LOOP_##name(CK_NOTHING, CK_VALUE)};
CK_LOOPS(CK_LISTS)

typedef struct {
  int32_t instruction_count, result_count;
  const ck_instruction *instructions;
  const uint16_t *results;
  void (*run)(const ck_compiled_loop *loop, int64_t begin, int64_t end);
} ck_loop;

#define CK_LENGTH(list) (int32_t)(sizeof list / sizeof list[0])
#define CK_ENTRY(name)                                                                                                 \
  {CK_LENGTH(ck_instructions_##name), CK_LENGTH(ck_results_##name), ck_instructions_##name, ck_results_##name,         \
   ck_loop_##name},
static const ck_loop ck_loops[] = {CK_LOOPS(CK_ENTRY)};

int32_t ck_find_loop(
  const ck_instruction *instructions, int32_t instruction_count, const uint16_t *results, int32_t result_count) {
  for (int32_t i = 0; i < CK_LENGTH(ck_loops); i++) {
    const ck_loop *loop = &ck_loops[i];
    if (loop->instruction_count == instruction_count && loop->result_count == result_count
        && memcmp(loop->instructions, instructions, (size_t)instruction_count * sizeof *instructions) == 0
        && memcmp(loop->results, results, (size_t)result_count * sizeof *results) == 0) {
      return i;
    }
  }
  return -1;
}

static void ck_compiled_share(int32_t worker, int32_t workers, void *opaque) {
  const ck_compiled_loop *loop = opaque;
  int64_t begin, end;
  ck_share(loop->count, CK_BLOCK, worker, workers, &begin, &end);
  if (begin >= end) return;
  const uint64_t mode = ck_begin_loop(loop->flushes_subnormals);
  ck_loops[loop->loop].run(loop, begin, end);
  ck_end_loop(mode);
}

int32_t ck_run_compiled_loop(const void *context) {
  const ck_compiled_loop *loop = context;
  ck_parallel(loop->workers, ck_compiled_share, (void *)loop);
  return CK_OK;
}

const char *ck_opcode_name(uint16_t opcode) {
  switch (opcode) {
#define CK_NAME(name, expression) case CK_##name: return #name;
    CK_UNARY_EXPRESSIONS(CK_NAME)
    CK_BINARY_EXPRESSIONS(CK_NAME)
    CK_TERNARY_EXPRESSIONS(CK_NAME)
    default: return NULL;
  }
}
