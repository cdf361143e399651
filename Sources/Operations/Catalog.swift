/// Every operation that there is, in the order of the folders. Tests, printing and parsing, and the documentation's
/// table go through this list.
public enum Catalog {
  /// A new operation adds itself here.
  public static let operations: [any Operation.Type] = [
    Input.self, Variable.self, Constant.self,
    // Convolution
    Convolve.self, ConvolutionInputGradient.self, ConvolutionWeightGradient.self, MaxPool.self,
    ScatterPositions.self, GatherPositions.self, AveragePool.self, AveragePoolGradient.self,
    // Elementwise
    Add.self, Subtract.self, Multiply.self, Divide.self, Negate.self, Power.self, Exp.self, Log.self, SquareRoot.self,
    Reciprocal.self, Sine.self, Cosine.self, Tanh.self, Sigmoid.self, ReLU.self, Softplus.self, ErrorFunction.self,
    AbsoluteValue.self, Sign.self, Minimum.self, Maximum.self, Clamp.self, Compare.self, Select.self, Floor.self,
    Step.self, Cast.self, StopGradient.self,
    // Attention
    ScaledDotProductAttention.self, AttentionGradient.self,
    // Indexing
    Gather.self, ScatterAdd.self, OneHot.self,
    // Layout
    Broadcast.self, Reshape.self, Transpose.self, Slice.self, Concatenate.self, Pad.self, Barrier.self,
    // Linear
    MatrixMultiply.self,
    // Normalization
    Softmax.self, LogSoftmax.self, SoftmaxCrossEntropy.self, Normalization.self, NormalizationGradient.self,
    // Random
    RandomUniform.self, RandomNormal.self, DropoutMask.self,
    // Recurrence
    Recurrence.self, RecurrenceGradient.self,
    // Reduction
    ReduceSum.self, ReduceMean.self, ReduceMaximum.self, ReduceMinimum.self, ReduceProduct.self, LogSumExp.self,
    ArgumentMaximum.self,
  ]
}

extension Graph {
  /// Reads what `text` writes, with the operations of the catalog.
  /// - Throws: `GraphParseError`, which names the line.
  public convenience init(parsing text: String) throws {
    try self.init(parsing: text, catalog: Catalog.operations)
  }
}

/// Any operation of the catalog in a Codable type: `{"name": "reshape", "attributes": {"shape": [2, 3]}}`.
public struct CodableOperation: Codable, Sendable {
  /// The operation.
  public let operation: any Operation

  /// Wraps an operation; only one of the catalog can be decoded again.
  public init(_ operation: any Operation) { self.operation = operation }

  private enum Key: CodingKey { case name, attributes }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let name = try values.decode(String.self, forKey: .name)
    guard let type = Catalog.operations.first(where: { $0.name == name }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .name, in: values, debugDescription: "there is no operation '\(name)'")
    }
    operation = try type.init(from: values.superDecoder(forKey: .attributes))
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(operation.name, forKey: .name)
    try operation.encode(to: values.superEncoder(forKey: .attributes))
  }
}
