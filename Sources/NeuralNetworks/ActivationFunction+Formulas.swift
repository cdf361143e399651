import RealModule

/// `x` times a gate that is 0 far below zero and 1 far above.
///
/// Beyond ±800 every such gate is closed or open to the last digit, even in Float64. Held there, x neither meets an
/// infinity with a gate of 0 nor overflows within it, and the gate's slope is 0 rather than not a number.
func gated(_ x: Tensor, _ gate: (Tensor) -> Tensor) -> Tensor {
  clamp(x, from: -800, to: .infinity) * gate(clamp(x, from: -800, to: 800))
}

/// `x` where it is positive, `scale (exp(x) - 1)` elsewhere, as `scale · 2 t / (1 - t)` with `t = tanh(x/2)`, which
/// loses no digits near zero.
func elu(_ x: Tensor, scale: Double = 1) -> Tensor {
  let half = tanh(clamp(x, from: -.infinity, to: 0) * 0.5)
  return select(x .> 0, x, half * (2 * scale) / (1 - half))
}

/// `x` where it is positive, `slope · x` elsewhere.
func leakyReLU(_ x: Tensor, slope: Double) -> Tensor { select(x .> 0, x, slope * x) }

/// `x / (1 + |x|)`; infinities are as good as 1e30, where the quotient is ±1.
func softsign(_ x: Tensor) -> Tensor {
  let bounded = clamp(x, from: -1e30, to: 1e30)
  return bounded / (1 + abs(bounded))
}
