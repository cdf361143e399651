/// The same elements in the same row-major order, under another shape.
public struct Reshape: Operation {
  public static let name = "reshape"
  /// The shape of the result, of as many elements as the operand.
  public let shape: Shape

  /// The operand must have as many elements as `shape`, which is checked when it is appended.
  public init(to shape: Shape) { self.shape = shape }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == 1 else { throw ShapeError("takes 1 operand, not \(operands.count)") }
    guard shape.isValid, operands[0].count == shape.count else {
      let count = shape.isValid ? "has \(shape.count)" : "is not valid"
      throw ShapeError("\(operands[0].shape) has \(operands[0].count) elements, but \(shape) \(count)")
    }
    return [TensorType(shape, operands[0].elementType)]
  }

  /// The cotangent, back in the operand's shape.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    [step.cotangent.reshaped(to: step.operands[0].shape)]
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    [ShapedArray(shape: shape, unchecked: operands[0].scalars)]
  }

  public static var samples: [OperationSample] {
    [
      OperationSample(Reshape(to: [3, 2]), [ShapedArray(shape: [2, 3], unchecked: [1, 2, 3, 4, 5, 6])]),
      OperationSample(Reshape(to: []), [ShapedArray([5])]),
      OperationSample(Reshape(to: [0, 4]), [ShapedArray(shape: [0], unchecked: [])]),
    ]
  }
}

extension Tensor {
  /// The same elements under another shape with as many.
  public func reshaped(to shape: Shape) -> Tensor {
    shape == self.shape ? self : .apply(Reshape(to: shape), to: self)
  }

  /// Joins all axes from `axis` on into one: `[batch, height, width]` becomes `[batch, height * width]`.
  public func flattened(fromAxis axis: Int = 0) -> Tensor {
    guard axis >= 0, axis <= rank else { return failing("flatten", "there is no axis \(axis) in shape \(shape)") }
    return reshaped(to: Shape(shape.dimensions[..<axis] + [shape.dimensions[axis...].reduce(1, *)]))
  }
}
