// Written by 'make loops': the loops of the workloads of chainrule-bench, of each activation and of each optimizer,
// as lists of instructions, then of results. See compiled_loops.c.

// backward of dense1
#define CK_LOOP_1(I, R) \
  I(v0, LESS, s0, a0, s0) I(v1, SELECT, v0, a1, s0) R(0, v1)

// update of optimizer/dense3/weight
#define CK_LOOP_2(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, MULTIPLY_ADD, a1, s1, v0) I(v2, MULTIPLY, a0, a0, a0) I(v3, MULTIPLY, v2, s2, v2) \
  I(v4, MULTIPLY_ADD, a2, s3, v3) I(v5, MULTIPLY, v1, s4, v1) I(v6, SQUARE_ROOT, v4, v4, v4) \
  I(v7, MULTIPLY_ADD, v6, s5, s6) I(v8, DIVIDE, v5, v7, v5) I(v9, SUBTRACT, a3, v8, a3) R(0, v1) R(1, v4) R(2, v9)

// update of optimizer/sequential1/dense3/weight
#define CK_LOOP_3(I, R) \
  I(v0, MULTIPLY_ADD, a0, s0, a1) I(v1, SUBTRACT_PRODUCT, v0, s1, a2) R(0, v0) R(1, v1)

// forward of residual1
#define CK_LOOP_4(I, R) \
  I(v0, ADD, a0, a1, a0) I(v1, RELU, v0, v0, v0) R(0, v1)

// update of optimizer/dense1/weight
#define CK_LOOP_5(I, R) \
  I(v0, MULTIPLY, s0, a0, s0) I(v1, ADD, v0, v0, v0) I(v2, ADD, v1, a1, v1) I(v3, MULTIPLY_ADD, a2, s1, v2) \
  I(v4, SUBTRACT_PRODUCT, v3, s2, a0) R(0, v3) R(1, v4)

// backward of residual8
#define CK_LOOP_6(I, R) \
  I(v0, ADD, a0, a1, a0) I(v1, LESS, s0, a2, s0) I(v2, SELECT, v1, v0, s0) R(0, v2)

// forward of transformerBlock1/dense1
#define CK_LOOP_7(I, R) \
  I(v0, CLAMP, a0, s0, s1) I(v1, CLAMP, a0, s0, s2) I(v2, MULTIPLY, v1, s3, v1) I(v3, ERROR_FUNCTION, v2, v2, v2) \
  I(v4, MULTIPLY_ADD, s4, v3, s4) I(v5, MULTIPLY, v0, v4, v0) R(0, v4) R(1, v5)

// update of optimizer/transformerBlock4/dense2/weight
#define CK_LOOP_8(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, MULTIPLY_ADD, a1, s1, v0) I(v2, MULTIPLY, a0, a0, a0) I(v3, MULTIPLY, v2, s2, v2) \
  I(v4, MULTIPLY_ADD, a2, s3, v3) I(v5, MULTIPLY, v1, s4, v1) I(v6, SQUARE_ROOT, v4, v4, v4) \
  I(v7, MULTIPLY_ADD, v6, s5, s6) I(v8, DIVIDE, v5, v7, v5) I(v9, MULTIPLY_SUBTRACT, a3, s7, v8) R(0, v1) R(1, v4) \
  R(2, v9)

// backward of transformerBlock4/dense1
#define CK_LOOP_9(I, R) \
  I(v0, MULTIPLY, a0, a1, a0) I(v1, CLAMP, a2, s0, s1) I(v2, MULTIPLY, a0, v1, a0) I(v3, MULTIPLY, v2, s2, v2) \
  I(v4, CLAMP, a2, s0, s3) I(v5, MULTIPLY, v4, s4, v4) I(v6, MULTIPLY, v5, v5, v5) I(v7, NEGATE, v6, v6, v6) \
  I(v8, EXP, v7, v7, v7) I(v9, MULTIPLY, s5, v8, s5) I(v10, MULTIPLY, v3, v9, v3) I(v11, MULTIPLY, v10, s4, v10) \
  I(v12, LESS, s3, a2, s3) I(v13, SELECT, v12, s6, v11) I(v14, LESS, a2, s0, a2) I(v15, SELECT, v14, s6, v13) \
  I(v16, SELECT, v14, s6, v0) I(v17, ADD, v15, v16, v15) R(0, v17)

// update of optimizer/weight
#define CK_LOOP_10(I, R) \
  I(v0, ADD, a0, a1, a0) I(v1, MULTIPLY, v0, s0, v0) I(v2, MULTIPLY_ADD, a2, s1, v1) I(v3, MULTIPLY, v0, v0, v0) \
  I(v4, MULTIPLY, v3, s2, v3) I(v5, MULTIPLY_ADD, a3, s3, v4) I(v6, MULTIPLY, v2, s4, v2) \
  I(v7, SQUARE_ROOT, v5, v5, v5) I(v8, MULTIPLY_ADD, v7, s5, s6) I(v9, DIVIDE, v6, v8, v6) \
  I(v10, MULTIPLY_SUBTRACT, a4, s7, v9) R(0, v2) R(1, v5) R(2, v10)

// update of optimizer/dense2/weight
#define CK_LOOP_11(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, MULTIPLY, a1, s0, a1) I(v2, SUBTRACT_PRODUCT, v0, s1, a2) \
  I(v3, SUBTRACT_PRODUCT, v1, s1, a3) R(0, v2) R(1, v3)

// update of optimizer/dense3/weight
#define CK_LOOP_12(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, SUBTRACT_PRODUCT, v0, s1, a1) R(0, v1)

// update of optimizer/dense2/weight
#define CK_LOOP_13(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, MULTIPLY, a1, s0, a1) I(v2, MULTIPLY_ADD, a2, s1, v0) \
  I(v3, SUBTRACT_PRODUCT, v2, s2, a3) I(v4, MULTIPLY_ADD, a4, s1, v1) I(v5, SUBTRACT_PRODUCT, v4, s2, a5) R(0, v2) \
  R(1, v3) R(2, v4) R(3, v5)

// update of optimizer/dense3/weight
#define CK_LOOP_14(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, MULTIPLY_ADD, a1, s1, v0) I(v2, SUBTRACT_PRODUCT, v1, s2, a2) R(0, v1) R(1, v2)

// update of optimizer/dense3/weight
#define CK_LOOP_15(I, R) \
  I(v0, MULTIPLY_ADD, a0, s0, a1) I(v1, MULTIPLY_ADD, v0, s0, a1) I(v2, SUBTRACT_PRODUCT, v1, s1, a2) R(0, v0) \
  R(1, v2)

// update of optimizer/dense2/weight
#define CK_LOOP_16(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, MULTIPLY, a1, s0, a1) I(v2, MULTIPLY_ADD, a2, s1, v0) \
  I(v3, MULTIPLY_ADD, v2, s1, v0) I(v4, SUBTRACT_PRODUCT, v3, s2, a3) I(v5, MULTIPLY_ADD, a4, s1, v1) \
  I(v6, MULTIPLY_ADD, v5, s1, v1) I(v7, SUBTRACT_PRODUCT, v6, s2, a5) R(0, v2) R(1, v4) R(2, v5) R(3, v7)

// update of optimizer/dense3/weight
#define CK_LOOP_17(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, MULTIPLY_ADD, a1, s1, v0) I(v2, MULTIPLY_ADD, v1, s1, v0) \
  I(v3, SUBTRACT_PRODUCT, v2, s2, a2) R(0, v1) R(1, v3)

// update of optimizer/dense2/weight
#define CK_LOOP_18(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, MULTIPLY, a1, s0, a1) I(v2, MULTIPLY, v0, s1, v0) I(v3, MULTIPLY_ADD, a2, s2, v2) \
  I(v4, MULTIPLY, v0, v0, v0) I(v5, MULTIPLY, v4, s3, v4) I(v6, MULTIPLY_ADD, a3, s4, v5) I(v7, MULTIPLY, v3, s5, v3) \
  I(v8, SQUARE_ROOT, v6, v6, v6) I(v9, MULTIPLY_ADD, v8, s6, s7) I(v10, DIVIDE, v7, v9, v7) \
  I(v11, SUBTRACT, a4, v10, a4) I(v12, MULTIPLY, v1, s1, v1) I(v13, MULTIPLY_ADD, a5, s2, v12) \
  I(v14, MULTIPLY, v1, v1, v1) I(v15, MULTIPLY, v14, s3, v14) I(v16, MULTIPLY_ADD, a6, s4, v15) \
  I(v17, MULTIPLY, v13, s5, v13) I(v18, SQUARE_ROOT, v16, v16, v16) I(v19, MULTIPLY_ADD, v18, s6, s7) \
  I(v20, DIVIDE, v17, v19, v17) I(v21, SUBTRACT, a7, v20, a7) R(0, v3) R(1, v6) R(2, v11) R(3, v13) R(4, v16) \
  R(5, v21)

// update of optimizer/dense3/weight
#define CK_LOOP_19(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, MULTIPLY, v0, s1, v0) I(v2, MULTIPLY_ADD, a1, s2, v1) I(v3, MULTIPLY, v0, v0, v0) \
  I(v4, MULTIPLY, v3, s3, v3) I(v5, MULTIPLY_ADD, a2, s4, v4) I(v6, MULTIPLY, v2, s5, v2) \
  I(v7, SQUARE_ROOT, v5, v5, v5) I(v8, MULTIPLY_ADD, v7, s6, s7) I(v9, DIVIDE, v6, v8, v6) \
  I(v10, SUBTRACT, a3, v9, a3) R(0, v2) R(1, v5) R(2, v10)

// update of optimizer/dense2/weight
#define CK_LOOP_20(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, MULTIPLY, a1, s0, a1) I(v2, MULTIPLY, v0, s1, v0) I(v3, MULTIPLY_ADD, a2, s2, v2) \
  I(v4, MULTIPLY, v0, v0, v0) I(v5, MULTIPLY, v4, s3, v4) I(v6, MULTIPLY_ADD, a3, s4, v5) I(v7, MULTIPLY, v3, s5, v3) \
  I(v8, SQUARE_ROOT, v6, v6, v6) I(v9, MULTIPLY_ADD, v8, s6, s7) I(v10, DIVIDE, v7, v9, v7) \
  I(v11, MULTIPLY_SUBTRACT, a4, s8, v10) I(v12, MULTIPLY, v1, s1, v1) I(v13, MULTIPLY_ADD, a5, s2, v12) \
  I(v14, MULTIPLY, v1, v1, v1) I(v15, MULTIPLY, v14, s3, v14) I(v16, MULTIPLY_ADD, a6, s4, v15) \
  I(v17, MULTIPLY, v13, s5, v13) I(v18, SQUARE_ROOT, v16, v16, v16) I(v19, MULTIPLY_ADD, v18, s6, s7) \
  I(v20, DIVIDE, v17, v19, v17) I(v21, MULTIPLY_SUBTRACT, a7, s8, v20) R(0, v3) R(1, v6) R(2, v11) R(3, v13) \
  R(4, v16) R(5, v21)

// update of optimizer/dense3/weight
#define CK_LOOP_21(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, MULTIPLY, v0, s1, v0) I(v2, MULTIPLY_ADD, a1, s2, v1) I(v3, MULTIPLY, v0, v0, v0) \
  I(v4, MULTIPLY, v3, s3, v3) I(v5, MULTIPLY_ADD, a2, s4, v4) I(v6, MULTIPLY, v2, s5, v2) \
  I(v7, SQUARE_ROOT, v5, v5, v5) I(v8, MULTIPLY_ADD, v7, s6, s7) I(v9, DIVIDE, v6, v8, v6) \
  I(v10, MULTIPLY_SUBTRACT, a3, s8, v9) R(0, v2) R(1, v5) R(2, v10)

// update of optimizer/dense3/weight
#define CK_LOOP_22(I, R) \
  I(v0, MULTIPLY, a0, a0, a0) I(v1, MULTIPLY, v0, s0, v0) I(v2, MULTIPLY_ADD, a1, s1, v1) \
  I(v3, SQUARE_ROOT, v2, v2, v2) I(v4, ADD, v3, s2, v3) I(v5, DIVIDE, a0, v4, a0) I(v6, SUBTRACT_PRODUCT, v5, s0, a2) \
  R(0, v2) R(1, v6)

// update of optimizer/dense2/weight
#define CK_LOOP_23(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, MULTIPLY, a1, s0, a1) I(v2, MULTIPLY, v0, v0, v0) I(v3, MULTIPLY, v2, s1, v2) \
  I(v4, MULTIPLY_ADD, a2, s2, v3) I(v5, SQUARE_ROOT, v4, v4, v4) I(v6, ADD, v5, s3, v5) I(v7, DIVIDE, v0, v6, v0) \
  I(v8, SUBTRACT_PRODUCT, v7, s1, a3) I(v9, MULTIPLY, v1, v1, v1) I(v10, MULTIPLY, v9, s1, v9) \
  I(v11, MULTIPLY_ADD, a4, s2, v10) I(v12, SQUARE_ROOT, v11, v11, v11) I(v13, ADD, v12, s3, v12) \
  I(v14, DIVIDE, v1, v13, v1) I(v15, SUBTRACT_PRODUCT, v14, s1, a5) R(0, v4) R(1, v8) R(2, v11) R(3, v15)

// update of optimizer/dense3/weight
#define CK_LOOP_24(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, MULTIPLY, v0, v0, v0) I(v2, MULTIPLY, v1, s1, v1) I(v3, MULTIPLY_ADD, a1, s2, v2) \
  I(v4, SQUARE_ROOT, v3, v3, v3) I(v5, ADD, v4, s3, v4) I(v6, DIVIDE, v0, v5, v0) I(v7, SUBTRACT_PRODUCT, v6, s1, a2) \
  R(0, v3) R(1, v7)

// update of optimizer/dense3/weight
#define CK_LOOP_25(I, R) \
  I(v0, MULTIPLY, a0, a0, a0) I(v1, MULTIPLY, v0, s0, v0) I(v2, MULTIPLY_ADD, a1, s1, v1) \
  I(v3, SQUARE_ROOT, v2, v2, v2) I(v4, ADD, v3, s2, v3) I(v5, DIVIDE, a0, v4, a0) I(v6, MULTIPLY_ADD, a2, s3, v5) \
  I(v7, SUBTRACT_PRODUCT, v6, s0, a3) R(0, v2) R(1, v6) R(2, v7)

// update of optimizer/dense2/weight
#define CK_LOOP_26(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, MULTIPLY, a1, s0, a1) I(v2, MULTIPLY, v0, v0, v0) I(v3, MULTIPLY, v2, s1, v2) \
  I(v4, MULTIPLY_ADD, a2, s2, v3) I(v5, SQUARE_ROOT, v4, v4, v4) I(v6, ADD, v5, s3, v5) I(v7, DIVIDE, v0, v6, v0) \
  I(v8, MULTIPLY_ADD, a3, s4, v7) I(v9, SUBTRACT_PRODUCT, v8, s1, a4) I(v10, MULTIPLY, v1, v1, v1) \
  I(v11, MULTIPLY, v10, s1, v10) I(v12, MULTIPLY_ADD, a5, s2, v11) I(v13, SQUARE_ROOT, v12, v12, v12) \
  I(v14, ADD, v13, s3, v13) I(v15, DIVIDE, v1, v14, v1) I(v16, MULTIPLY_ADD, a6, s4, v15) \
  I(v17, SUBTRACT_PRODUCT, v16, s1, a7) R(0, v4) R(1, v8) R(2, v9) R(3, v12) R(4, v16) R(5, v17)

// update of optimizer/dense3/weight
#define CK_LOOP_27(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, MULTIPLY, v0, v0, v0) I(v2, MULTIPLY, v1, s1, v1) I(v3, MULTIPLY_ADD, a1, s2, v2) \
  I(v4, SQUARE_ROOT, v3, v3, v3) I(v5, ADD, v4, s3, v4) I(v6, DIVIDE, v0, v5, v0) I(v7, MULTIPLY_ADD, a2, s4, v6) \
  I(v8, SUBTRACT_PRODUCT, v7, s1, a3) R(0, v3) R(1, v7) R(2, v8)

// update of optimizer/dense3/weight
#define CK_LOOP_28(I, R) \
  I(v0, MULTIPLY, a0, a0, a0) I(v1, MULTIPLY, v0, s0, v0) I(v2, MULTIPLY_ADD, a1, s1, v1) I(v3, MULTIPLY, a0, s0, a0) \
  I(v4, MULTIPLY_ADD, a2, s1, v3) I(v5, SUBTRACT_PRODUCT, v4, v4, v2) I(v6, MULTIPLY, v2, s2, v2) \
  I(v7, MAXIMUM, v5, v6, v5) I(v8, SQUARE_ROOT, v7, v7, v7) I(v9, ADD, v8, s3, v8) I(v10, DIVIDE, a0, v9, a0) \
  I(v11, SUBTRACT_PRODUCT, v10, s0, a3) R(0, v2) R(1, v4) R(2, v11)

// update of optimizer/dense2/weight
#define CK_LOOP_29(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, MULTIPLY, a1, s0, a1) I(v2, MULTIPLY, v0, v0, v0) I(v3, MULTIPLY, v2, s1, v2) \
  I(v4, MULTIPLY_ADD, a2, s2, v3) I(v5, MULTIPLY, v0, s1, v0) I(v6, MULTIPLY_ADD, a3, s2, v5) \
  I(v7, SUBTRACT_PRODUCT, v6, v6, v4) I(v8, MULTIPLY, v4, s3, v4) I(v9, MAXIMUM, v7, v8, v7) \
  I(v10, SQUARE_ROOT, v9, v9, v9) I(v11, ADD, v10, s4, v10) I(v12, DIVIDE, v0, v11, v0) \
  I(v13, SUBTRACT_PRODUCT, v12, s1, a4) I(v14, MULTIPLY, v1, v1, v1) I(v15, MULTIPLY, v14, s1, v14) \
  I(v16, MULTIPLY_ADD, a5, s2, v15) I(v17, MULTIPLY, v1, s1, v1) I(v18, MULTIPLY_ADD, a6, s2, v17) \
  I(v19, SUBTRACT_PRODUCT, v18, v18, v16) I(v20, MULTIPLY, v16, s3, v16) I(v21, MAXIMUM, v19, v20, v19) \
  I(v22, SQUARE_ROOT, v21, v21, v21) I(v23, ADD, v22, s4, v22) I(v24, DIVIDE, v1, v23, v1) \
  I(v25, SUBTRACT_PRODUCT, v24, s1, a7) R(0, v4) R(1, v6) R(2, v13) R(3, v16) R(4, v18) R(5, v25)

// update of optimizer/dense3/weight
#define CK_LOOP_30(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, MULTIPLY, v0, v0, v0) I(v2, MULTIPLY, v1, s1, v1) I(v3, MULTIPLY_ADD, a1, s2, v2) \
  I(v4, MULTIPLY, v0, s1, v0) I(v5, MULTIPLY_ADD, a2, s2, v4) I(v6, SUBTRACT_PRODUCT, v5, v5, v3) \
  I(v7, MULTIPLY, v3, s3, v3) I(v8, MAXIMUM, v6, v7, v6) I(v9, SQUARE_ROOT, v8, v8, v8) I(v10, ADD, v9, s4, v9) \
  I(v11, DIVIDE, v0, v10, v0) I(v12, SUBTRACT_PRODUCT, v11, s1, a3) R(0, v3) R(1, v5) R(2, v12)

// update of optimizer/dense3/weight
#define CK_LOOP_31(I, R) \
  I(v0, MULTIPLY_ADD, a0, a0, a1) I(v1, MULTIPLY, a0, s0, a0) I(v2, SQUARE_ROOT, v0, v0, v0) I(v3, ADD, v2, s1, v2) \
  I(v4, DIVIDE, v1, v3, v1) I(v5, SUBTRACT, a2, v4, a2) R(0, v0) R(1, v5)

// update of optimizer/dense2/weight
#define CK_LOOP_32(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, MULTIPLY, a1, s0, a1) I(v2, MULTIPLY_ADD, v0, v0, a2) I(v3, MULTIPLY, v0, s1, v0) \
  I(v4, SQUARE_ROOT, v2, v2, v2) I(v5, ADD, v4, s2, v4) I(v6, DIVIDE, v3, v5, v3) I(v7, SUBTRACT, a3, v6, a3) \
  I(v8, MULTIPLY_ADD, v1, v1, a4) I(v9, MULTIPLY, v1, s1, v1) I(v10, SQUARE_ROOT, v8, v8, v8) \
  I(v11, ADD, v10, s2, v10) I(v12, DIVIDE, v9, v11, v9) I(v13, SUBTRACT, a5, v12, a5) R(0, v2) R(1, v7) R(2, v8) \
  R(3, v13)

// update of optimizer/dense3/weight
#define CK_LOOP_33(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, MULTIPLY_ADD, v0, v0, a1) I(v2, MULTIPLY, v0, s1, v0) \
  I(v3, SQUARE_ROOT, v1, v1, v1) I(v4, ADD, v3, s2, v3) I(v5, DIVIDE, v2, v4, v2) I(v6, SUBTRACT, a2, v5, a2) \
  R(0, v1) R(1, v6)

// backward of dense2
#define CK_LOOP_34(I, R) \
  I(v0, SUBTRACT, s0, a0, s0) I(v1, MULTIPLY, a0, v0, a0) I(v2, MULTIPLY, a1, v1, a1) R(0, v2)

// backward of dense2
#define CK_LOOP_35(I, R) \
  I(v0, SUBTRACT_PRODUCT, a0, a0, s0) I(v1, MULTIPLY, a1, v0, a1) R(0, v1)

// backward of dense2
#define CK_LOOP_36(I, R) \
  I(v0, SIGMOID, a0, a0, a0) I(v1, MULTIPLY, a1, v0, a1) R(0, v1)

// forward of dense1
#define CK_LOOP_37(I, R) \
  I(v0, CLAMP, a0, s0, s1) I(v1, CLAMP, a0, s0, s2) I(v2, MULTIPLY, s3, v1, s3) I(v3, MULTIPLY, v2, v1, v2) \
  I(v4, MULTIPLY_ADD, v3, v1, v1) I(v5, MULTIPLY, v4, s4, v4) I(v6, SIGMOID, v5, v5, v5) I(v7, MULTIPLY, v0, v6, v0) \
  R(0, v6) R(1, v7)

// backward of dense2
#define CK_LOOP_38(I, R) \
  I(v0, MULTIPLY, a0, a1, a0) I(v1, CLAMP, a2, s0, s1) I(v2, MULTIPLY, a0, v1, a0) I(v3, SUBTRACT, s2, a1, s2) \
  I(v4, MULTIPLY, a1, v3, a1) I(v5, MULTIPLY, v2, v4, v2) I(v6, MULTIPLY, v5, s3, v5) I(v7, CLAMP, a2, s0, s4) \
  I(v8, MULTIPLY, v6, v7, v6) I(v9, MULTIPLY, s5, v7, s5) I(v10, MULTIPLY, v9, v7, v9) \
  I(v11, MULTIPLY_ADD, v6, v10, v6) I(v12, MULTIPLY, v8, v7, v8) I(v13, MULTIPLY_ADD, v8, v9, v11) \
  I(v14, MULTIPLY_ADD, v12, s5, v13) I(v15, LESS, s4, a2, s4) I(v16, SELECT, v15, s6, v14) I(v17, LESS, a2, s0, a2) \
  I(v18, SELECT, v17, s6, v16) I(v19, SELECT, v17, s6, v0) I(v20, ADD, v18, v19, v18) R(0, v20)

// forward of dense1
#define CK_LOOP_39(I, R) \
  I(v0, CLAMP, a0, s0, s1) I(v1, CLAMP, a0, s0, s2) I(v2, SIGMOID, v1, v1, v1) I(v3, MULTIPLY, v0, v2, v0) R(0, v2) \
  R(1, v3)

// backward of dense2
#define CK_LOOP_40(I, R) \
  I(v0, MULTIPLY, a0, a1, a0) I(v1, CLAMP, a2, s0, s1) I(v2, MULTIPLY, a0, v1, a0) I(v3, SUBTRACT, s2, a1, s2) \
  I(v4, MULTIPLY, a1, v3, a1) I(v5, MULTIPLY, v2, v4, v2) I(v6, LESS, s3, a2, s3) I(v7, SELECT, v6, s4, v5) \
  I(v8, LESS, a2, s0, a2) I(v9, SELECT, v8, s4, v7) I(v10, SELECT, v8, s4, v0) I(v11, ADD, v9, v10, v9) R(0, v11)

// forward of dense1
#define CK_LOOP_41(I, R) \
  I(v0, CLAMP, a0, s0, s1) I(v1, MULTIPLY, v0, s2, v0) I(v2, TANH, v1, v1, v1) I(v3, LESS, s1, a0, s1) \
  I(v4, MULTIPLY, v2, s3, v2) I(v5, SUBTRACT, s4, v2, s4) I(v6, DIVIDE, v4, v5, v4) I(v7, SELECT, v3, a0, v6) \
  R(0, v2) R(1, v5) R(2, v6) R(3, v7)

// backward of dense2
#define CK_LOOP_42(I, R) \
  I(v0, LESS, s0, a0, s0) I(v1, SELECT, v0, a1, s0) I(v2, SELECT, v0, s0, a1) I(v3, DIVIDE, v2, a2, v2) \
  I(v4, MULTIPLY, v3, s1, v3) I(v5, MULTIPLY_ADD, v3, a3, v4) I(v6, SUBTRACT_PRODUCT, a4, a4, s2) \
  I(v7, MULTIPLY, v5, v6, v5) I(v8, MULTIPLY, v7, s3, v7) I(v9, SELECT, v0, s0, v8) I(v10, ADD, v1, v9, v1) R(0, v10)

// forward of dense1
#define CK_LOOP_43(I, R) \
  I(v0, CLAMP, a0, s0, s1) I(v1, MULTIPLY, v0, s2, v0) I(v2, TANH, v1, v1, v1) I(v3, LESS, s1, a0, s1) \
  I(v4, MULTIPLY, v2, s3, v2) I(v5, SUBTRACT, s4, v2, s4) I(v6, DIVIDE, v4, v5, v4) I(v7, SELECT, v3, a0, v6) \
  I(v8, MULTIPLY, s5, v7, s5) R(0, v2) R(1, v5) R(2, v6) R(3, v8)

// backward of dense2
#define CK_LOOP_44(I, R) \
  I(v0, MULTIPLY, a0, s0, a0) I(v1, LESS, s1, a1, s1) I(v2, SELECT, v1, v0, s1) I(v3, SELECT, v1, s1, v0) \
  I(v4, DIVIDE, v3, a2, v3) I(v5, MULTIPLY, v4, s2, v4) I(v6, MULTIPLY_ADD, v4, a3, v5) \
  I(v7, SUBTRACT_PRODUCT, a4, a4, s3) I(v8, MULTIPLY, v6, v7, v6) I(v9, MULTIPLY, v8, s4, v8) \
  I(v10, SELECT, v1, s1, v9) I(v11, ADD, v2, v10, v2) R(0, v11)

// forward of dense1
#define CK_LOOP_45(I, R) \
  I(v0, LESS, s0, a0, s0) I(v1, MULTIPLY, s1, a0, s1) I(v2, SELECT, v0, a0, v1) R(0, v2)

// backward of dense2
#define CK_LOOP_46(I, R) \
  I(v0, LESS, s0, a0, s0) I(v1, SELECT, v0, a1, s0) I(v2, SELECT, v0, s0, a1) I(v3, MULTIPLY_ADD, v2, s1, v1) \
  R(0, v3)

// forward of dense1
#define CK_LOOP_47(I, R) \
  I(v0, DIVIDE, a0, s0, a0) I(v1, ADD, v0, s1, v0) I(v2, CLAMP, v1, s2, s3) R(0, v2)

// backward of dense2
#define CK_LOOP_48(I, R) \
  I(v0, DIVIDE, a0, s0, a0) I(v1, ADD, v0, s1, v0) I(v2, LESS, s2, v1, s2) I(v3, SELECT, v2, s3, a1) \
  I(v4, LESS, v1, s3, v1) I(v5, SELECT, v4, s3, v3) I(v6, DIVIDE, v5, s0, v5) R(0, v6)

// backward of dense2
#define CK_LOOP_49(I, R) \
  I(v0, LESS, s0, a0, s0) I(v1, SELECT, v0, s1, a1) I(v2, LESS, a0, s2, a0) I(v3, SELECT, v2, s1, v1) R(0, v3)

// forward of dense1
#define CK_LOOP_50(I, R) \
  I(v0, CLAMP, a0, s0, s1) I(v1, CLAMP, a0, s0, s2) I(v2, DIVIDE, v1, s3, v1) I(v3, ADD, v2, s4, v2) \
  I(v4, CLAMP, v3, s5, s6) I(v5, MULTIPLY, v0, v4, v0) R(0, v5)

// backward of dense2
#define CK_LOOP_51(I, R) \
  I(v0, CLAMP, a0, s0, s1) I(v1, DIVIDE, v0, s2, v0) I(v2, ADD, v1, s3, v1) I(v3, CLAMP, v2, s4, s5) \
  I(v4, MULTIPLY, a1, v3, a1) I(v5, CLAMP, a0, s0, s6) I(v6, MULTIPLY, a1, v5, a1) I(v7, LESS, s5, v2, s5) \
  I(v8, SELECT, v7, s4, v6) I(v9, LESS, v2, s4, v2) I(v10, SELECT, v9, s4, v8) I(v11, DIVIDE, v10, s2, v10) \
  I(v12, LESS, s1, a0, s1) I(v13, SELECT, v12, s4, v11) I(v14, LESS, a0, s0, a0) I(v15, SELECT, v14, s4, v13) \
  I(v16, SELECT, v14, s4, v4) I(v17, ADD, v15, v16, v15) R(0, v17)

// forward of dense1
#define CK_LOOP_52(I, R) \
  I(v0, CLAMP, a0, s0, s1) I(v1, ABSOLUTE, v0, v0, v0) I(v2, ADD, s2, v1, s2) I(v3, DIVIDE, v0, v2, v0) R(0, v3)

// backward of dense2
#define CK_LOOP_53(I, R) \
  I(v0, CLAMP, a0, s0, s1) I(v1, ABSOLUTE, v0, v0, v0) I(v2, ADD, s2, v1, s2) I(v3, DIVIDE, a1, v2, a1) \
  I(v4, MULTIPLY, v3, a2, v3) I(v5, NEGATE, v4, v4, v4) I(v6, SIGN, v0, v0, v0) I(v7, MULTIPLY_ADD, v5, v6, v3) \
  I(v8, LESS, s1, a0, s1) I(v9, SELECT, v8, s3, v7) I(v10, LESS, a0, s0, a0) I(v11, SELECT, v10, s3, v9) R(0, v11)

// forward of dense1
#define CK_LOOP_54(I, R) \
  I(v0, CLAMP, a0, s0, s1) I(v1, CLAMP, a0, s0, s2) I(v2, SOFTPLUS, v1, v1, v1) I(v3, TANH, v2, v2, v2) \
  I(v4, MULTIPLY, v0, v3, v0) R(0, v3) R(1, v4)

// backward of dense2
#define CK_LOOP_55(I, R) \
  I(v0, MULTIPLY, a0, a1, a0) I(v1, CLAMP, a2, s0, s1) I(v2, MULTIPLY, a0, v1, a0) \
  I(v3, SUBTRACT_PRODUCT, a1, a1, s2) I(v4, MULTIPLY, v2, v3, v2) I(v5, CLAMP, a2, s0, s3) I(v6, SIGMOID, v5, v5, v5) \
  I(v7, MULTIPLY, v4, v6, v4) I(v8, LESS, s3, a2, s3) I(v9, SELECT, v8, s4, v7) I(v10, LESS, a2, s0, a2) \
  I(v11, SELECT, v10, s4, v9) I(v12, SELECT, v10, s4, v0) I(v13, ADD, v11, v12, v11) R(0, v13)

#define CK_LOOPS(L) \
  L(1) L(2) L(3) L(4) L(5) L(6) L(7) L(8) L(9) L(10) L(11) L(12) L(13) L(14) L(15) L(16) L(17) L(18) L(19) L(20) \
  L(21) L(22) L(23) L(24) L(25) L(26) L(27) L(28) L(29) L(30) L(31) L(32) L(33) L(34) L(35) L(36) L(37) L(38) L(39) \
  L(40) L(41) L(42) L(43) L(44) L(45) L(46) L(47) L(48) L(49) L(50) L(51) L(52) L(53) L(54) L(55)
