/// Where in a sequence a run is that sees one place of it, `[batch, 1, ...]`, and carries over what it needs of those
/// before it: recurrent layers their state, attention its keys and values.
///
/// ```swift
/// let place = SequencePlace(graph.input("place", TensorType(.scalar, .int32)), length: 64)
/// let context = LayerContext(graph, mode: .inference, place: place)
/// let output = context.traceStepwise(network, graph.input("token", TensorType([1, 1], .int32)))
/// ```
public struct SequencePlace {
  /// The number of the place, from 0, an int32 scalar.
  public let number: Tensor
  /// How many places a sequence has at most.
  public let length: Int

  /// Numbers must be less than the length, which is at least 1.
  public init(_ number: Tensor, length: Int) {
    self.number = number
    self.length = length
  }
}

extension LayerContext {
  /// Traces a whole network of one input and one output for one place of a sequence.
  /// - Returns: nil where a layer needs to see sequences whole, so that the result would be another, or there would be
  ///   none; the graph is then of no use.
  public func traceStepwise(_ network: some Layer, _ input: Tensor) -> Tensor? {
    func worksStepwise(_ layer: any Layer, _ inputs: [TensorType]) -> Bool {
      (layer as? any StepwiseLayer)?.worksStepwise(on: inputs) ?? false
    }
    guard worksStepwise(network, [input.type]), let output = try? trace(network, input),
      layers.allSatisfy({ worksStepwise($0.layer.layer, $0.inputs) })
    else { return nil }
    return output
  }

  /// The rows of a table `[places, features]` that belong to the places that the run sees, `[time, features]`.
  func rowsOfPlaces(_ table: Tensor) -> Tensor {
    place.map { table.gathering($0.number.reshaped(to: [1])) } ?? table
  }
}

/// A layer whose output at a place of a sequence `[batch, time, ...]` follows from its input there and from what it
/// carries over from the places before it, if anything.
public protocol StepwiseLayer: Layer {
  /// Whether that holds for inputs of these types, in use rather than in training; true unless said otherwise.
  func worksStepwise(on inputs: [TensorType]) -> Bool
}

extension StepwiseLayer {
  public func worksStepwise(on inputs: [TensorType]) -> Bool { true }
}

// Layers that look at nothing but the place, or put such layers together.
extension Sequential: StepwiseLayer {}
extension Residual: StepwiseLayer {}
extension Parallel: StepwiseLayer {}
extension Merge: StepwiseLayer {}
extension Ensemble: StepwiseLayer {}
extension Dense: StepwiseLayer {}
extension Activation: StepwiseLayer {}
extension LeakyReLU: StepwiseLayer {}
extension Dropout: StepwiseLayer {}
extension RMSNormalization: StepwiseLayer {}
extension Embedding: StepwiseLayer {}
extension TiedEmbedding: StepwiseLayer {}
extension PositionalEmbedding: StepwiseLayer {}

extension LayerNormalization: StepwiseLayer {
  public func worksStepwise(on inputs: [TensorType]) -> Bool { axisCount == 1 }
}

extension NetworkGraph: StepwiseLayer {
  public func worksStepwise(on inputs: [TensorType]) -> Bool {
    (nodes.flatMap(\.inputs) + (outputs ?? [])).allSatisfy { $0.delay == 0 || $0.start == .zeros }
  }
}

extension MultiHeadAttention: StepwiseLayer {
  public func worksStepwise(on inputs: [TensorType]) -> Bool { isCausal && inputs.count == 1 }
}

extension TransformerBlock: StepwiseLayer {
  public func worksStepwise(on inputs: [TensorType]) -> Bool { isCausal && inputs.count == 1 }
}

extension RecurrentLayer {
  public func worksStepwise(on inputs: [TensorType]) -> Bool {
    options.directions == .forward && options.returnsSequence && inputs.count == 1
  }
}
