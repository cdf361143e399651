/// Recurrent cells over whole sequences.
#ifndef CK_RECURRENCE_H
#define CK_RECURRENCE_H

#include <stdint.h>

enum ck_cell { CK_CELL_TANH, CK_CELL_RELU, CK_CELL_LSTM, CK_CELL_GRU };

/// One layer in one direction. Gates lie side by side: input, forget, candidate, output for an LSTM; reset, update,
/// candidate for a GRU, whose kept gates have the recurrent part of the candidate as a fourth.
typedef struct {
  int32_t cell, is_reversed, workers;
  int64_t batch, time, units;
  /// `[batch, time, gates * units]`, what comes from outside, biases included.
  const float *inputs;
  /// `[batch, units]`; the cell state is an LSTM's, else NULL.
  const float *hidden, *cell_state;
  /// `[units, gates * units]`
  const float *weights;
  /// `[units]`, the recurrent bias of a GRU's candidate, else NULL.
  const float *bias;
  /// `[batch]`, the number of steps after which a sequence's state stays as it is; NULL when all are whole.
  const int32_t *lengths;
  /// `[batch, time, units]`, and of the kept gates `[batch, time, kept * units]`. Those not wanted are NULL; the
  /// gradient reads them.
  float *outputs, *cells, *gates;
  /// `ck_recurrence_scratch` floats.
  float *scratch;
} ck_recurrence;

/// The floats of scratch memory that a recurrence, or its gradient, needs.
int64_t ck_recurrence_scratch(const ck_recurrence *recurrence, int32_t is_gradient);
int32_t ck_run_recurrence(const void *context);

/// Back through time: the cotangents of a recurrence's inputs and initial state. Those that are NULL are not given or
/// not wanted.
typedef struct {
  ck_recurrence forward;
  const float *output_cotangent, *cell_cotangent, *gate_cotangent;
  /// Of the inputs; and of what a GRU's weights contribute, which differs from it in the candidate.
  float *input_cotangent, *recurrent_cotangent;
  float *hidden_cotangent, *cell_state_cotangent;
  /// The hidden state before each step, `[batch, time, units]`.
  float *previous;
} ck_recurrence_gradient;

int32_t ck_run_recurrence_gradient(const void *context);

#endif
