@_exported import Descriptions
@_exported import Differentiation

/// One part of a network, described by a value: what it computes, without the weights that it will learn.
///
/// A layer traces itself: `apply` appends nodes to the context's graph. Its description is coded by `DescriptionReader`
/// and `DescriptionWriter` as an object whose `kind` names the type; see `LayerCatalog`.
public protocol Layer: Codable, Hashable, Sendable {
  /// The word for this type in descriptions and in automatic names, in lower camel case: `dense`.
  static var kind: String { get }

  /// The layer's own name, nil for an automatic one such as `dense2`: the second dense layer of its container.
  var name: String? { get }

  /// Appends the layer's computation. Most layers have one input and one output and conform to `UnaryLayer`.
  /// - Parameters:
  ///   - inputs: each `[batch, ...]`.
  ///   - context: hands out parameters, the mode and random streams, and applies layers within this one.
  /// - Throws: `LayerError` or `GraphError`, which name the layer's path.
  func apply(_ inputs: [Tensor], in context: LayerContext) throws -> [Tensor]
}

/// A layer with one input and one output.
public protocol UnaryLayer: Layer {
  /// Appends the layer's computation.
  /// - Parameters:
  ///   - input: `[batch, ...]`.
  ///   - context: hands out parameters, the mode and random streams, and applies layers within this one.
  /// - Throws: `LayerError` or `GraphError`, which name the layer's path.
  func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor
}

extension UnaryLayer {
  /// - Throws: `LayerError` also when there is not exactly one input.
  public func apply(_ inputs: [Tensor], in context: LayerContext) throws -> [Tensor] {
    guard inputs.count == 1 else {
      throw context.error("a \(kind) layer takes one input, but was given \(inputs.count)")
    }
    return [try apply(inputs[0], in: context)]
  }
}

extension Layer {
  /// `Self.kind`, for a layer whose type is not known.
  public var kind: String { Self.kind }

  /// The parameters of the network for an input of the given type, state included, in the order in which it uses them.
  public func parameters(for input: TensorType) throws -> [Parameter] {
    let context = LayerContext(Graph(), mode: .inference)
    _ = try context.trace(self, context.graph.input("input", input))
    return context.parameters
  }

  /// The type of the network's output for an input of the given type.
  public func outputType(for input: TensorType) throws -> TensorType {
    let context = LayerContext(Graph(), mode: .inference)
    return try context.trace(self, context.graph.input("input", input)).type
  }

  func isEqual(to other: any Layer) -> Bool { self == (other as? Self) }
}

/// A layer cannot be used as described.
public struct LayerError: Error, CustomStringConvertible, Equatable {
  /// The path of the layer, such as `encoder/dense1`; empty for a network that is a single layer.
  public let path: String
  /// What is wrong, and what to do.
  public let message: String

  /// An error of the layer at a path; `LayerContext.error(_:)` fills in that of the layer being traced.
  public init(path: String, message: String) {
    self.path = path
    self.message = message
  }

  public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}
