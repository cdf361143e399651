/// Compares every kernel of a running program with the reference, on the very values that the kernel was given.
final class Validator {
  private let layout: Layout
  private var operands: [ShapedArray<Double>] = []
  private var current = -1

  init(_ layout: Layout) { self.layout = layout }

  /// Remembers the operands, which the kernel may overwrite.
  func before(_ position: Int) {
    guard position != current else { return }
    current = position
    let step = layout.steps.steps[layout.schedule.order[position]]
    operands = zip(layout.buffers(position).operands, step.types.operands).map { $0.doubles($1) }
  }

  /// - Throws: `ValidationError` when a result differs by more than the rounding of Float32 explains.
  func after(_ position: Int) throws {
    let step = layout.steps.steps[layout.schedule.order[position]]
    let expected = try step.node.operation.results(of: operands, as: step.types.results)
    // Sums of n products are compared with what n roundings of the largest term can add up to.
    let terms = Double(max(1, step.prepared.cost.operations / max(1, step.types.results[0].count)))
    let operandScale = operands.reduce(1.0) { $0 * max(1, largest($1)) }
    for (result, buffer) in layout.buffers(position).results.enumerated() {
      guard let buffer else { continue }
      let actual = UnsafeRawPointer(buffer).doubles(step.types.results[result])
      let tolerance = 1e-6 * (largest(expected[result]) + operandScale * terms.squareRoot())
      for (index, (a, b)) in zip(actual.scalars, expected[result].scalars).enumerated() {
        let agrees = a == b || (a.isNaN && b.isNaN) || abs(a - b) <= tolerance
          || abs(b) > Double(Float.greatestFiniteMagnitude)
        guard agrees else {
          throw ValidationError(
            scope: layout.steps.graph.scope(of: step.node), operation: step.node.operation.name,
            implementation: step.prepared.implementation, result: result, element: index, actual: a, expected: b)
        }
      }
    }
  }

  private func largest(_ array: ShapedArray<Double>) -> Double {
    array.scalars.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
  }
}

/// A kernel computed something else than the reference.
public struct ValidationError: Error, CustomStringConvertible {
  /// The layer's path.
  public let scope: String
  /// The operation's name.
  public let operation: String
  /// The kernel that ran.
  public let implementation: String
  /// Which of the operation's results is wrong.
  public let result: Int
  /// The first element that is wrong, counted in row-major order.
  public let element: Int
  /// What the kernel computed.
  public let actual: Double
  /// What the reference computes from the same operands.
  public let expected: Double

  public var description: String {
    "\(scope.isEmpty ? "" : scope + ": ")\(operation) (\(implementation)): element \(element) of result \(result) is "
      + "\(actual), but the reference gives \(expected)"
  }
}
