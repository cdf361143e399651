#ifndef CK_RECURRENCE_CELLS_H
#define CK_RECURRENCE_CELLS_H

// What each kind of cell does in one step with one row of units, forward and backward.

#include "vectors.h"

/// The loops over the units of one row.
#define CK_UNITS _Pragma("clang loop vectorize(assume_safety) vectorize_width(16)") for (int64_t u = 0; u < n; u++)

// MARK: Gates as fractions

// Two gates share one division, which takes as long as ten multiplications: a / b and c / d are both products with
// 1 / (b d).

typedef struct { float top, bottom; } ck_fraction;

/// tanh x = x P(x^2) / Q(x^2) up to 9, beyond which it is 1: minimax of the relative error, by reweighted least squares
/// of P - Q tanh(x) / x; within 4e-7.
CK_INLINE ck_fraction ck_tanh_fraction(float x) {
  x = x > 9.0f ? 9.0f : x;
  x = x < -9.0f ? -9.0f : x;
  const float s = x * x;
  float p = 1.335463055e-08f;
  p = p * s + 2.060905785e-05f;
  p = p * s + 3.495586551e-03f;
  p = p * s + 1.338102429e-01f;
  p = p * s + 9.999999795e-01f;
  float q = 7.776545007e-07f;
  q = q * s + 3.285632302e-04f;
  q = q * s + 2.587697612e-02f;
  q = q * s + 4.671433988e-01f;
  q = q * s + 1.0f;
  return (ck_fraction){x * p, q};
}

/// 1 / (1 + e^-x) = (1 + tanh(x / 2)) / 2; within 1e-7 of it, which for gates is as good as relatively.
CK_INLINE ck_fraction ck_sigmoid_fraction(float x) {
  const ck_fraction t = ck_tanh_fraction(0.5f * x);
  return (ck_fraction){0.5f * (t.bottom + t.top), t.bottom};
}

CK_INLINE float ck_quotient(ck_fraction f) { return f.top / f.bottom; }

// MARK: Forward, one row at one step

typedef struct {
  /// What comes from outside, and what comes from the state.
  const float *input, *product;
  float *hidden, *cell;
  /// Where the row is kept; never NULL here.
  float *gates;
} ck_forward_row;

CK_INLINE void ck_lstm_row(const ck_forward_row *w, int64_t n) {
  const float *x = w->input, *p = w->product;
  float *h = w->hidden, *c = w->cell, *gates = w->gates;
  CK_UNITS {
    const ck_fraction i = ck_sigmoid_fraction(x[u] + p[u]), f = ck_sigmoid_fraction(x[n + u] + p[n + u]);
    const ck_fraction g = ck_tanh_fraction(x[2 * n + u] + p[2 * n + u]);
    const ck_fraction o = ck_sigmoid_fraction(x[3 * n + u] + p[3 * n + u]);
    const float first = 1.0f / (i.bottom * f.bottom), second = 1.0f / (g.bottom * o.bottom);
    const float in = i.top * f.bottom * first, forget = f.top * i.bottom * first;
    const float candidate = g.top * o.bottom * second, out = o.top * g.bottom * second;
    const float cell = forget * c[u] + in * candidate;
    gates[u] = in;
    gates[n + u] = forget;
    gates[2 * n + u] = candidate;
    gates[3 * n + u] = out;
    c[u] = cell;
    h[u] = out * ck_quotient(ck_tanh_fraction(cell));
  }
}

CK_INLINE void ck_gru_row(const ck_forward_row *w, const float *bias, int64_t n) {
  const float *x = w->input, *p = w->product;
  float *h = w->hidden, *gates = w->gates;
  CK_UNITS {
    const ck_fraction r = ck_sigmoid_fraction(x[u] + p[u]), z = ck_sigmoid_fraction(x[n + u] + p[n + u]);
    const float both = 1.0f / (r.bottom * z.bottom), recurrent = p[2 * n + u] + bias[u];
    const float reset = r.top * z.bottom * both, update = z.top * r.bottom * both;
    const float candidate = ck_quotient(ck_tanh_fraction(x[2 * n + u] + reset * recurrent));
    gates[u] = reset;
    gates[n + u] = update;
    gates[2 * n + u] = candidate;
    gates[3 * n + u] = recurrent;
    h[u] = candidate + update * (h[u] - candidate);
  }
}

CK_INLINE void ck_simple_row(const ck_forward_row *w, int32_t is_tanh, int64_t n) {
  const float *x = w->input, *p = w->product;
  float *h = w->hidden;
  if (is_tanh) {
    CK_UNITS { h[u] = ck_quotient(ck_tanh_fraction(x[u] + p[u])); }
  } else {
    CK_UNITS { const float y = x[u] + p[u]; h[u] = y > 0.0f || y != y ? y : 0.0f; }
  }
}

// MARK: Backward, one row at one step

typedef struct {
  const float *gates, *cell, *previous_cell, *output, *previous_output;
  /// May be NULL.
  const float *cell_cotangent, *gate_cotangent;
  /// The cotangent of the row's hidden state; on return, the part of the previous state's that does not go through the
  /// weights.
  float *hidden;
  /// The cotangent of the cell state after the step, and on return before it.
  float *carried_cell;
  /// Of the inputs, and of the product with the weights.
  float *input, *product;
} ck_backward_row;

CK_INLINE void ck_lstm_row_gradient(const ck_backward_row *w, int64_t n) {
  const float *g = w->gates, *c = w->cell, *before = w->previous_cell;
  float *h = w->hidden, *carried = w->carried_cell, *x = w->input, *p = w->product;
  CK_UNITS {
    const float in = g[u], forget = g[n + u], candidate = g[2 * n + u], out = g[3 * n + u];
    const float level = ck_quotient(ck_tanh_fraction(c[u]));
    const float cell = carried[u] + h[u] * out * (1.0f - level * level);
    const float di = cell * candidate * in * (1.0f - in), df = cell * before[u] * forget * (1.0f - forget);
    const float dg = cell * in * (1.0f - candidate * candidate), dout = h[u] * level * out * (1.0f - out);
    x[u] = di;
    x[n + u] = df;
    x[2 * n + u] = dg;
    x[3 * n + u] = dout;
    p[u] = di;
    p[n + u] = df;
    p[2 * n + u] = dg;
    p[3 * n + u] = dout;
    carried[u] = cell * forget;
    h[u] = 0.0f;
  }
  if (!w->gate_cotangent) return;
  const float *d = w->gate_cotangent;
  for (int64_t k = 0; k < 4 * n; k++) {
    x[k] += d[k] * (k / n == 2 ? 1.0f - g[k] * g[k] : g[k] * (1.0f - g[k]));
    p[k] = x[k];
  }
}

CK_INLINE void ck_gru_row_gradient(const ck_backward_row *w, int64_t n) {
  const float *g = w->gates, *before = w->previous_output, *d = w->gate_cotangent;
  float *h = w->hidden, *x = w->input, *p = w->product;
  const float given = d ? 1.0f : 0.0f;
  // Read where nothing is given, and multiplied by 0.
  if (!d) d = g;
  CK_UNITS {
    const float reset = g[u], update = g[n + u], candidate = g[2 * n + u], recurrent = g[3 * n + u];
    const float dn = (h[u] * (1.0f - update) + given * d[2 * n + u]) * (1.0f - candidate * candidate);
    const float dz = (h[u] * (before[u] - candidate) + given * d[n + u]) * update * (1.0f - update);
    const float dr = (dn * recurrent + given * d[u]) * reset * (1.0f - reset);
    x[u] = dr;
    x[n + u] = dz;
    x[2 * n + u] = dn;
    p[u] = dr;
    p[n + u] = dz;
    p[2 * n + u] = dn * reset + given * d[3 * n + u];
    h[u] = h[u] * update;
  }
}

CK_INLINE void ck_simple_row_gradient(const ck_backward_row *w, int32_t is_tanh, int64_t n) {
  const float *y = w->output;
  float *h = w->hidden, *x = w->input, *p = w->product;
  CK_UNITS {
    // Chosen rather than multiplied by 0, which would make a NaN of an infinite cotangent.
    const float cotangent = is_tanh ? h[u] * (1.0f - y[u] * y[u]) : (y[u] > 0.0f ? h[u] : 0.0f);
    x[u] = cotangent;
    p[u] = cotangent;
    h[u] = 0.0f;
  }
}

#endif
