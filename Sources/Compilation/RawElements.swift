import Operations

extension UnsafeRawPointer {
  /// The elements of a tensor in memory, as numbers.
  public func floats(_ type: TensorType) -> [Float] {
    (0..<type.count).map { index in
      switch type.elementType {
      case .float32: load(fromByteOffset: index * 4, as: Float.self)
      case .int32: Float(load(fromByteOffset: index * 4, as: Int32.self))
      case .bool: load(fromByteOffset: index, as: UInt8.self) == 0 ? 0 : 1
      case .bfloat16: bfloat16(at: index)
      }
    }
  }

  /// The elements as the reference holds them.
  public func doubles(_ type: TensorType) -> ShapedArray<Double> {
    ShapedArray(
      shape: type.shape,
      unchecked: (0..<type.count).map { index in
        switch type.elementType {
        case .float32: Double(load(fromByteOffset: index * 4, as: Float.self))
        case .int32: Double(load(fromByteOffset: index * 4, as: Int32.self))
        case .bool: load(fromByteOffset: index, as: UInt8.self) == 0 ? 0 : 1
        case .bfloat16: Double(bfloat16(at: index))
        }
      })
  }

  private func bfloat16(at index: Int) -> Float {
    Float(bitPattern: UInt32(load(fromByteOffset: index * 2, as: UInt16.self)) << 16)
  }
}

extension UnsafeMutableRawPointer {
  /// The elements of a tensor in memory, as numbers.
  public func floats(_ type: TensorType) -> [Float] { UnsafeRawPointer(self).floats(type) }

  /// Writes numbers as elements of a type; what an integer cannot hold is clamped, and NaN becomes 0.
  public func store<Scalar: BinaryFloatingPoint>(_ scalars: [Scalar], as elementType: ElementType) {
    for (index, scalar) in scalars.enumerated() {
      switch elementType {
      case .float32: storeBytes(of: Float(scalar), toByteOffset: index * 4, as: Float.self)
      case .int32:
        let bounded = scalar.isNaN ? 0 : min(max(Double(scalar), Double(Int32.min)), Double(Int32.max))
        storeBytes(of: Int32(bounded), toByteOffset: index * 4, as: Int32.self)
      case .bool: storeBytes(of: scalar != 0 ? 1 : 0, toByteOffset: index, as: UInt8.self)
      case .bfloat16:
        let upperHalf = UInt16(truncatingIfNeeded: Float(Double(scalar).roundedToBfloat16).bitPattern >> 16)
        storeBytes(of: upperHalf, toByteOffset: index * 2, as: UInt16.self)
      }
    }
  }
}
