import ReferenceBackend

// The calculus for users: functions of tensors, differentiated and evaluated at points, in Float64 on the reference
// interpreter. A function is traced once; it must use only the tensors that it is given, and constants.

/// A function at a point, with the way back: its value, and what turns a cotangent of the value (of its shape) into the
/// cotangents of the arguments.
///
/// ```swift
/// let (value, pullback) = try valueWithPullback(at: [x, y]) { $0[0] * sin($0[1]) }
/// let cotangents = try pullback(value.map { _ in 1 })
/// ```
/// - Throws: what `function` throws, `GraphError` for shapes that do not fit, `NotDifferentiable`.
public func valueWithPullback(
  at point: [ShapedArray<Double>], of function: ([Tensor]) throws -> Tensor
) throws -> (
  value: ShapedArray<Double>, pullback: (ShapedArray<Double>) throws -> [ShapedArray<Double>]
) {
  let trace = try Trace(point, function)
  let seed = trace.graph.input("cotangent", trace.output.type)
  let cotangents = try cotangents(of: trace.output, withRespectTo: trace.arguments, seed: seed)
  let results = zip(trace.arguments, cotangents).map { $1 ?? $0.constantLike(0) }
  let value = try trace.evaluate([trace.output])[0]
  return (value, { cotangent in try trace.evaluate(results, with: ["cotangent": cotangent]) })
}

/// The value of a scalar function of several arrays, and its gradient with respect to each.
/// - Throws: what `function` throws, `GraphError` for shapes that do not fit, `NotDifferentiable`.
public func valueWithGradient(
  at point: [ShapedArray<Double>], of function: ([Tensor]) throws -> Tensor
) throws -> (value: Double, gradient: [ShapedArray<Double>]) {
  let trace = try Trace(point, function)
  let results = try trace.evaluate([trace.output] + gradients(of: trace.output, withRespectTo: trace.arguments))
  return (results[0].scalars[0], Array(results.dropFirst()))
}

/// The gradient of a scalar function of several arrays with respect to each.
public func gradient(
  at point: [ShapedArray<Double>], of function: ([Tensor]) throws -> Tensor
) throws -> [ShapedArray<Double>] {
  try valueWithGradient(at: point, of: function).gradient
}

// MARK: One array

/// A function of one array at a point, with the way back; see `valueWithPullback(at:of:)` of several arrays.
public func valueWithPullback(
  at x: ShapedArray<Double>, of function: (Tensor) throws -> Tensor
) throws -> (value: ShapedArray<Double>, pullback: (ShapedArray<Double>) throws -> ShapedArray<Double>) {
  let (value, pullback) = try valueWithPullback(at: [x]) { try function($0[0]) }
  return (value, { try pullback($0)[0] })
}

/// The value of a scalar function of one array, and its gradient.
public func valueWithGradient(
  at x: ShapedArray<Double>, of function: (Tensor) throws -> Tensor
) throws -> (value: Double, gradient: ShapedArray<Double>) {
  let (value, gradient) = try valueWithGradient(at: [x]) { try function($0[0]) }
  return (value, gradient[0])
}

/// The gradient of a scalar function of one array.
public func gradient(
  at x: ShapedArray<Double>, of function: (Tensor) throws -> Tensor
) throws -> ShapedArray<Double> {
  try valueWithGradient(at: x, of: function).gradient
}

// MARK: A vector

/// The value of a scalar function of a vector, and its gradient; the function is given a tensor of shape `[x.count]`.
public func valueWithGradient(
  at x: [Double], of function: (Tensor) throws -> Tensor
) throws -> (value: Double, gradient: [Double]) {
  let (value, gradient) = try valueWithGradient(at: ShapedArray(x), of: function)
  return (value, gradient.scalars)
}

/// The gradient of a scalar function of a vector; the function is given a tensor of shape `[x.count]`.
public func gradient(at x: [Double], of function: (Tensor) throws -> Tensor) throws -> [Double] {
  try valueWithGradient(at: x, of: function).gradient
}

/// A function of a vector at a point, with the way back from a cotangent as long as its value, in row-major order.
public func valueWithPullback(
  at x: [Double], of function: (Tensor) throws -> Tensor
) throws -> (value: [Double], pullback: ([Double]) throws -> [Double]) {
  let (value, pullback) = try valueWithPullback(at: ShapedArray(x), of: function)
  return (value.scalars, { try pullback(ShapedArray(shape: value.shape, scalars: $0)).scalars })
}

// MARK: One number

/// The value and the slope of a function of one number.
public func valueWithGradient(
  at x: Double, of function: (Tensor) throws -> Tensor
) throws -> (value: Double, gradient: Double) {
  let (value, gradient) = try valueWithGradient(at: ShapedArray(scalar: x), of: function)
  return (value, gradient.scalars[0])
}

/// The slope of a function of one number.
///
/// ```swift
/// let slope = try gradient(at: 3.0) { x in x * x + sin(x) }
/// ```
public func gradient(at x: Double, of function: (Tensor) throws -> Tensor) throws -> Double {
  try valueWithGradient(at: x, of: function).gradient
}

/// The value of a function of one number, and the linear map from a cotangent of the value to that of the number.
public func valueWithPullback(
  at x: Double, of function: (Tensor) throws -> Tensor
) throws -> (value: Double, pullback: (Double) -> Double) {
  let (value, slope) = try valueWithGradient(at: x, of: function)
  return (value, { $0 * slope })
}

/// The derivative of any order of a function of one number; order 0 is the function itself.
/// - Throws: `GraphError` when the order is negative or the function gives anything but one number.
public func derivative(
  of function: (Tensor) throws -> Tensor, order: Int = 1, at x: Double
) throws -> Double {
  guard order >= 0 else {
    throw GraphError(operation: "derivative", message: "the order must not be negative, but is \(order)")
  }
  let trace = try Trace([ShapedArray(scalar: x)]) { arguments in
    var result = try function(arguments[0])
    for _ in 0..<order { result = try gradients(of: result, withRespectTo: arguments)[0] }
    return result
  }
  guard trace.output.shape.count == 1 else {
    throw GraphError(
      operation: "derivative", operands: [trace.output.type], message: "the function must give one number")
  }
  return try trace.evaluate([trace.output])[0].scalars[0]
}

// MARK: Two and three numbers

/// The value of a function of two numbers, and its partial derivatives.
public func valueWithGradient(
  at x: Double, _ y: Double, of function: (Tensor, Tensor) throws -> Tensor
) throws -> (value: Double, gradient: (Double, Double)) {
  let point = [x, y].map { ShapedArray(scalar: $0) }
  let (value, gradient) = try valueWithGradient(at: point) { try function($0[0], $0[1]) }
  return (value, (gradient[0].scalars[0], gradient[1].scalars[0]))
}

/// The partial derivatives of a function of two numbers.
public func gradient(
  at x: Double, _ y: Double, of function: (Tensor, Tensor) throws -> Tensor
) throws -> (Double, Double) {
  try valueWithGradient(at: x, y, of: function).gradient
}

/// The value of a function of two numbers, and the linear map from its cotangent to theirs.
public func valueWithPullback(
  at x: Double, _ y: Double, of function: (Tensor, Tensor) throws -> Tensor
) throws -> (value: Double, pullback: (Double) -> (Double, Double)) {
  let (value, slopes) = try valueWithGradient(at: x, y, of: function)
  return (value, { ($0 * slopes.0, $0 * slopes.1) })
}

/// The value of a function of three numbers, and its partial derivatives.
public func valueWithGradient(
  at x: Double, _ y: Double, _ z: Double, of function: (Tensor, Tensor, Tensor) throws -> Tensor
) throws -> (value: Double, gradient: (Double, Double, Double)) {
  let point = [x, y, z].map { ShapedArray(scalar: $0) }
  let (value, gradient) = try valueWithGradient(at: point) { try function($0[0], $0[1], $0[2]) }
  return (value, (gradient[0].scalars[0], gradient[1].scalars[0], gradient[2].scalars[0]))
}

/// The partial derivatives of a function of three numbers.
public func gradient(
  at x: Double, _ y: Double, _ z: Double, of function: (Tensor, Tensor, Tensor) throws -> Tensor
) throws -> (Double, Double, Double) {
  try valueWithGradient(at: x, y, z, of: function).gradient
}

/// The value of a function of three numbers, and the linear map from its cotangent to theirs.
public func valueWithPullback(
  at x: Double, _ y: Double, _ z: Double, of function: (Tensor, Tensor, Tensor) throws -> Tensor
) throws -> (value: Double, pullback: (Double) -> (Double, Double, Double)) {
  let (value, slopes) = try valueWithGradient(at: x, y, z, of: function)
  return (value, { ($0 * slopes.0, $0 * slopes.1, $0 * slopes.2) })
}
