import CPUBackend
import Datasets
import NeuralNetworks
import Optimizers

/// Looks into a network with a program of its own that reads the variables which training updates, so that the training
/// step stays as it is.
///
/// Layers behave as in use: nothing is dropped and no running statistics are changed. A class because it owns a
/// program.
final class NetworkProbe {
  private let program: Program
  private let batch: BatchBuffers
  private let data: Dataset
  private let rows: ArraySlice<Int>
  private let parameters: [Parameter]
  private let activations: [(path: String, function: String)]

  /// - Parameter rows: the examples to look at; where nil, the first ones, of which about as many as a batch has, so
  ///   that it takes about as long as a step.
  init(
    _ task: LearningTask, _ variables: VariableStore, _ data: Dataset, _ options: TrainingOptions,
    rows: ArraySlice<Int>? = nil
  ) throws {
    let rows = rows ?? Array(0..<min(data.count, 256, max(options.batchSize, 32)))[...]
    let graph = Graph()
    let context = LayerContext(graph, mode: .inference)
    let outputs = try task.trace(graph, context, batchSize: rows.count)
    let targets = task.targets(in: graph, batchSize: rows.count)
    let loss = try task.meanLoss(outputs: outputs, targets: targets, context).loss
    activations = Self.observe(graph)
    let gradients = try gradients(of: loss, withRespectTo: context.parameterTensors)
    for (index, (parameter, gradient)) in zip(context.parameterTensors, gradients).enumerated() {
      graph.output("norm \(index)", sqrt((parameter * parameter).sum()))
      graph.output("gradient \(index)", sqrt((gradient * gradient).sum()))
    }
    let backend = CPUBackend(threads: options.threads)
    program = try compile(graph, variables: variables, backend: backend)
    batch = try BatchBuffers(program, task, backend)
    parameters = context.parameters.filter(\.isLearned)
    (self.data, self.rows) = (data, rows)
  }

  /// nil for networks without a gradient, such as those of step units.
  static func ifDifferentiable(
    _ task: LearningTask, _ variables: VariableStore, _ data: Dataset, _ options: TrainingOptions,
    rows: ArraySlice<Int>? = nil
  ) throws -> NetworkProbe? {
    do {
      return try NetworkProbe(task, variables, data, options, rows: rows)
    } catch is NotDifferentiable {
      return nil
    }
  }

  /// Asks for statistics of every activation function of the graph.
  private static func observe(_ graph: Graph) -> [(path: String, function: String)] {
    var observed: [(path: String, function: String)] = []
    for node in graph.nodes {
      let values = graph.tensor(node.firstResult)
      let saturated: Tensor
      switch node.operation {
      case is Tanh: saturated = (abs(values) .> 0.98).cast(to: .float32)
      case is Sigmoid: saturated = (abs(values - 0.5) .> 0.49).cast(to: .float32)
      case is ReLU: saturated = 1 - step(values)
      default: continue
      }
      guard values.rank >= 2 else { continue }
      let index = observed.count
      let mean = values.mean()
      graph.output("mean \(index)", mean)
      graph.output("deviation \(index)", sqrt(((values - mean) * (values - mean)).mean()))
      graph.output("saturated \(index)", saturated.mean())
      graph.output("dead \(index)", saturated.min(alongAxes: Array(0..<(values.rank - 1))).mean())
      observed.append((graph.scope(of: node), type(of: node.operation).name))
    }
    return observed
  }

  func look(step: Int) throws -> NetworkStatistics {
    try batch.fill(data, rows)
    try program.run()
    func value(_ name: String) throws -> Double { Double(try program.outputBuffer(name, as: Float.self)[0]) }
    return NetworkStatistics(
      step: step,
      parameters: try parameters.enumerated().map { index, parameter in
        NetworkStatistics.ParameterStatistics(
          path: parameter.path, isWeight: parameter.role == .weight, norm: try value("norm \(index)"),
          gradientNorm: try value("gradient \(index)"), count: parameter.shape.count)
      },
      activations: try activations.enumerated().map { index, activation in
        NetworkStatistics.ActivationStatistics(
          path: activation.path, function: activation.function, mean: try value("mean \(index)"),
          standardDeviation: try value("deviation \(index)"), saturated: try value("saturated \(index)"),
          dead: try value("dead \(index)"))
      })
  }
}
