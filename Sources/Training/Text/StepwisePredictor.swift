import CPUBackend
import Datasets
import NeuralNetworks

/// A model of text, compiled to see one token at a time and to carry over what it needs of those before it.
final class StepwisePredictor {
  private let program: Program
  private let states: [(path: String, type: TensorType)]
  private let token: UnsafeMutableBufferPointer<Int32>
  private let place: UnsafeMutableBufferPointer<Int32>
  private let predictions: UnsafeBufferPointer<Float>
  /// The tokens that the states come from.
  private var seen: [Int32] = []

  /// - Parameter length: how many tokens are seen at most.
  /// - Returns: nil where a layer of the model needs to see the sequence whole.
  init?(_ model: Model, length: Int, threads: Int?) throws {
    let graph = Graph()
    let number = graph.input("place", TensorType(.scalar, .int32))
    let context = LayerContext(graph, mode: .inference, place: SequencePlace(number, length: length))
    let tokens = graph.input(LearningTask.featuresName, TensorType([1, 1], .int32))
    guard let outputs = context.traceStepwise(model.network.layer, tokens),
      outputs.shape == [1, 1, model.classNames.count]
    else { return nil }
    graph.output("predictions", model.loss.predictions(from: outputs))
    states = context.carriedStates
    program = try compile(graph, variables: model.makeVariables(), backend: CPUBackend(threads: threads))
    token = try program.inputBuffer(LearningTask.featuresName, as: Int32.self)
    place = try program.inputBuffer("place", as: Int32.self)
    predictions = try program.outputBuffer("predictions", as: Float.self)
  }

  /// The probabilities of each token after some others, of which there are at least 1 and at most as many as are seen.
  ///
  /// Where they begin with those of the last time, only the others are computed.
  func probabilities(after tokens: [Int32]) throws -> [Float] {
    try ComputeThread.shared.perform {
      // A run that fails leaves states that belong to no tokens.
      let known = tokens.starts(with: seen) ? seen : []
      seen = []
      if known.isEmpty {
        for state in states {
          try program.variables.set(state.path, to: ShapedArray(repeating: 0, shape: state.type.shape))
        }
      }
      for (number, next) in tokens.enumerated().dropFirst(known.count) {
        (token[0], place[0]) = (next, Int32(number))
        try program.run()
      }
      seen = tokens
      return Array(predictions)
    }
  }
}
