import RealModule

/// `x - ln Σ e^x` along an axis: the logarithm of `Softmax`, right where that would be rounded to 0.
public struct LogSoftmax: Operation {
  public static let name = "logSoftmax"
  /// The axis along which probabilities add up to 1, counted from the front.
  public let axis: Int

  /// Takes one float32 operand; that it has the axis is checked when this is appended.
  public init(axis: Int) { self.axis = axis }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    try normalizedType(of: operands, axis: axis)
  }

  /// `x̄ = ȳ - e^y Σ ȳ`, in terms of the result.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    [step.cotangent - exp(step.results[0]) * step.cotangent.sum(alongAxes: [axis], keepsDimensions: true)]
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    [
      mapGroups(of: operands[0], axis: axis) { group in
        let largest = group.max() ?? 0
        let logarithm = Double.log(group.reduce(0) { $0 + .exp($1 - largest) })
        return group.map { ($0 - largest) - logarithm }
      }
    ]
  }

  public static var samples: [OperationSample] { normalizationSamples { LogSoftmax(axis: $0) } }
}

extension Tensor {
  /// `x - ln Σ e^x` along an axis (-1 is the last).
  public func logSoftmax(alongAxis axis: Int = -1) -> Tensor {
    .apply(LogSoftmax(axis: shape.axis(axis) ?? axis), to: self)
  }
}

/// `x - ln Σ e^x` along an axis (-1 is the last).
public func logSoftmax(_ x: Tensor, alongAxis axis: Int = -1) -> Tensor { x.logSoftmax(alongAxis: axis) }
