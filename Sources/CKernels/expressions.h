#ifndef CK_EXPRESSIONS_H
#define CK_EXPRESSIONS_H

// What elementwise operations on floats compute of x, y and z, for the loops that interpret and those that are
// compiled. Truth values are 0.0 and 1.0.

#include "functions.h"

#define CK_UNARY_EXPRESSIONS(X)                                                                                        \
  X(NEGATE, -x)                                                                                                        \
  X(EXP, ck_exp(x))                                                                                                    \
  X(LOG, ck_log(x))                                                                                                    \
  X(SQUARE_ROOT, __builtin_elementwise_sqrt(x))                                                                        \
  X(RECIPROCAL, 1.0f / x)                                                                                              \
  X(TANH, ck_tanh(x))                                                                                                  \
  X(SIGMOID, ck_sigmoid(x))                                                                                            \
  X(RELU, x < 0.0f ? 0.0f : x)                                                                                         \
  X(SOFTPLUS, ck_softplus(x))                                                                                          \
  X(ERROR_FUNCTION, ck_erf(x))                                                                                         \
  X(ABSOLUTE, ck_abs(x))                                                                                               \
  X(SIGN, x > 0.0f ? 1.0f : (x < 0.0f ? -1.0f : x))                                                                    \
  X(FLOOR, __builtin_floorf(x))                                                                                        \
  X(STEP, x > 0.0f ? 1.0f : 0.0f)                                                                                      \
  X(NOT_ZERO, x != 0.0f ? 1.0f : 0.0f)

#define CK_BINARY_EXPRESSIONS(X)                                                                                       \
  X(ADD, x + y)                                                                                                        \
  X(SUBTRACT, x - y)                                                                                                   \
  X(MULTIPLY, x * y)                                                                                                   \
  X(DIVIDE, x / y)                                                                                                     \
  X(MINIMUM, x < y || x != x ? x : y)                                                                                  \
  X(MAXIMUM, x > y || x != x ? x : y)                                                                                  \
  X(LESS, x < y ? 1.0f : 0.0f)                                                                                         \
  X(LESS_OR_EQUAL, x <= y ? 1.0f : 0.0f)                                                                               \
  X(EQUAL, x == y ? 1.0f : 0.0f)                                                                                       \
  X(NOT_EQUAL, x != y ? 1.0f : 0.0f)

#define CK_TERNARY_EXPRESSIONS(X)                                                                                      \
  X(CLAMP, x < y ? y : (x > z ? z : x))                                                                                \
  X(MULTIPLY_ADD, x * y + z)                                                                                           \
  X(MULTIPLY_SUBTRACT, x * y - z)                                                                                      \
  X(SUBTRACT_PRODUCT, z - x * y)                                                                                       \
  X(SELECT, x != 0.0f ? y : z)

#endif
