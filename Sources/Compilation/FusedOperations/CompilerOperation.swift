@_exported import Operations
@_exported import ReferenceBackend

/// An operation that only the compiler makes, after differentiation: it has no derivative and is never read back.
public protocol CompilerOperation: Operation {
  /// What it does, for printed programs.
  var summary: String { get }
}

extension CompilerOperation {
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    throw NotDifferentiable(Self.name, because: "it is made by the compiler, after differentiation")
  }

  public static var samples: [OperationSample] { [] }

  public init(from decoder: any Decoder) throws {
    throw DecodingError.dataCorrupted(.init(
      codingPath: decoder.codingPath, debugDescription: "\(Self.name) is made by the compiler and cannot be read"))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(summary)
  }
}
