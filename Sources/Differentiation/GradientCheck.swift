import ReferenceBackend

/// The gradient of a scalar function by central differences, without any chain rule.
///
/// Two central differences, of a step and of half of it, are extrapolated to a step of zero (Richardson), which leaves
/// an error in the order of `step⁴`. The step grows with coordinates above 10,000, which could not resolve it
/// otherwise.
///
/// - Complexity: four evaluations of the function an element.
public func numericGradient(
  at point: [ShapedArray<Double>], step: Double = 2e-3, of function: ([ShapedArray<Double>]) throws -> Double
) rethrows -> [ShapedArray<Double>] {
  var moved = point
  return try point.indices.map { argument in
    var gradient = point[argument]
    for index in gradient.scalars.indices {
      let center = point[argument].scalars[index]
      let step = step * max(1, center.magnitude / 10_000)
      func slope(_ distance: Double) throws -> Double {
        moved[argument].scalars[index] = center + distance
        let above = try function(moved)
        moved[argument].scalars[index] = center - distance
        return (above - (try function(moved))) / (2 * distance)
      }
      gradient.scalars[index] = (4 * (try slope(step / 2)) - (try slope(step))) / 3
      moved[argument].scalars[index] = center
    }
    return gradient
  }
}

/// How well the chain rule and central differences agree.
public struct GradientCheck: Sendable, CustomStringConvertible {
  /// What the chain rule gives for each argument.
  public let gradient: [ShapedArray<Double>]
  /// What central differences give.
  public let numeric: [ShapedArray<Double>]

  /// The largest difference of two elements, relative to the larger of them where that exceeds 1.
  public var largestError: Double {
    let pairs = zip(gradient.flatMap(\.scalars), numeric.flatMap(\.scalars))
    return pairs.reduce(0) { largest, pair in
      let error = (pair.0 - pair.1).magnitude / max(1, pair.0.magnitude, pair.1.magnitude)
      // A NaN must not pass for a small error.
      return error.isNaN ? .infinity : max(largest, error)
    }
  }

  public var description: String {
    "largest error \(largestError): \(gradient) by the chain rule, \(numeric) numerically"
  }
}

/// Compares the gradient of a function with central differences.
///
/// The function may return any shape: what is differentiated is its sum, weighted with fixed pseudo-random numbers, so
/// that one comparison covers every element. With order 2 the gradient itself, weighted in the same way, is the
/// function that is differentiated; and so on.
///
/// - Throws: `GraphError` or `NotDifferentiable`, or when the order is not positive.
public func checkGradient(
  at point: [ShapedArray<Double>], order: Int = 1, of function: ([Tensor]) throws -> Tensor
) throws -> GradientCheck {
  guard order >= 1 else {
    throw GraphError(operation: "checkGradient", message: "the order must be positive, but is \(order)")
  }
  let trace = try Trace(point) { arguments in
    var scalar = projection([try function(arguments)], seed: 0)
    for order in 1..<order {
      scalar = projection(try gradients(of: scalar, withRespectTo: arguments), seed: UInt64(order))
    }
    return scalar
  }
  let gradient = try gradients(of: trace.output, withRespectTo: trace.arguments)
  return GradientCheck(
    gradient: try trace.evaluate(gradient),
    numeric: try numericGradient(at: point) { try trace.moved(to: $0).evaluate([trace.output])[0].scalars[0] })
}

/// The sum of all elements, each weighted with a number from -1 to 1.
private func projection(_ tensors: [Tensor], seed: UInt64) -> Tensor {
  let terms = tensors.enumerated().map { index, tensor in
    let philox = Philox(seed: seed, stream: UInt32(index))
    let weights = (0..<tensor.shape.count).map { 2 * unitInterval(philox.word(index: $0, step: 0)) - 1 }
    return (tensor * tensor.graph.constant(ShapedArray(shape: tensor.shape, unchecked: weights))).sum()
  }
  return terms.dropFirst().reduce(terms[0], +)
}
