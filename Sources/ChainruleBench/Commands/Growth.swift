import ArgumentParser
import CPUBackend
import Foundation
import Optimizers
import Reports
import Training

/// Measures how time grows with size, and draws it.
struct Growth: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how the time of a step grows with its size, or that of compiling with the number of nodes.",
    discussion: """
      Each plot also has the times that there would be if all went as it does at the largest size: in proportion to \
      operations, or to nodes. Where sizes are small, a step costs what its kernels cost to call.
      """)

  @OptionGroup var common: CommonOptions

  @Argument(help: "What grows: \(GrowthAxis.allCases.map(\.rawValue).joined(separator: ", ")); all of them without it.")
  var axes: [GrowthAxis] = []

  @Option(help: "How long each size is measured.")
  var seconds = 1.0

  @Option(help: "A folder for the plots, NAME.svg.")
  var out: String?

  func validate() throws {
    guard seconds > 0, seconds.isFinite else { throw ValidationError("--seconds must be a positive number") }
  }

  func run() throws {
    for axis in axes.isEmpty ? GrowthAxis.allCases : axes {
      var series: [LineChart.Series] = []
      for curve in axis.curves {
        var points: [(x: Double, y: Double)] = []
        var work: [Double] = []
        for size in curve.sizes {
          let point = try curve.measure(size, common.threads, seconds)
          points.append((Double(size), point.milliseconds))
          work.append(point.work)
          try common.show(
            Line(
              axis: axis.rawValue, network: curve.name, size: size, milliseconds: point.milliseconds, work: point.work),
            "\(axis.rawValue) \(size), \(curve.name): \(point.milliseconds) ms")
        }
        series.append(LineChart.Series(curve.name, points))
        guard let last = points.last, let most = work.last, most > 0 else { continue }
        series.append(LineChart.Series(
          "in proportion to \(axis.work)", zip(points, work).map { ($0.x, last.y * $1 / most) }))
      }
      guard let out else { continue }
      let chart = LineChart(
        "Milliseconds against \(axis.rawValue), \(common.threads) thread(s)", xTitle: axis.rawValue, series,
        isLogarithmicX: true, isLogarithmicY: true)
      let file = URL(fileURLWithPath: out).appendingPathComponent("\(axis.rawValue).svg")
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(chart.svg().utf8).write(to: file)
    }
  }

  private struct Line: Encodable {
    let axis, network: String
    let size: Int
    let milliseconds, work: Double
  }
}

/// What can grow.
enum GrowthAxis: String, CaseIterable, ExpressibleByArgument {
  case width, depth, batch, length, nodes

  /// What the time is in proportion to, where all is well.
  var work: String { self == .nodes ? "nodes" : "operations" }

  struct Curve {
    let name: String
    let sizes: [Int]
    /// Takes a size, the number of threads and of seconds.
    let measure: (Int, Int, Double) throws -> (milliseconds: Double, work: Double)
  }

  /// What is measured, each over two orders of magnitude.
  var curves: [Curve] {
    func doubling(from first: Int) -> [Int] { (0..<8).map { first << $0 } }
    switch self {
    case .width:
      return [curve("784-width-width-10, batch 64", doubling(from: 16)) { width, threads in
        try dense([width, width, 10], batch: 64, threads)
      }]
    case .depth:
      return [curve("layers of 128, batch 64", doubling(from: 1)) { depth, threads in
        try dense(Array(repeating: 128, count: depth) + [10], batch: 64, threads)
      }]
    case .batch:
      return [curve("784-256-10", doubling(from: 8)) { batch, threads in
        try dense([256, 10], batch: batch, threads)
      }]
    case .length:
      return [
        curve("LSTM of 64, batch 8", doubling(from: 4)) { length, threads in
          try sequences(LSTM(64), length: length, threads)
        },
        curve("transformer block of 64, batch 8", doubling(from: 4)) { length, threads in
          try sequences(TransformerBlock(heads: 4, isCausal: true), length: length, threads)
        },
      ]
    case .nodes:
      return [Curve(name: "chain and its gradient", sizes: doubling(from: 2_500)) { count, threads, _ in
        try compilation(count, threads)
      }]
    }
  }

  private func curve(_ name: String, _ sizes: [Int], _ workload: @escaping (Int, Int) throws -> Workload) -> Curve {
    Curve(name: name, sizes: sizes) { size, threads, seconds in
      let program = try workload(size, threads).program
      return (try Times(of: program, seconds: seconds).median / 1e3, Double(program.cost.operations))
    }
  }

  private func dense(_ sizes: [Int], batch: Int, _ threads: Int) throws -> Workload {
    try Workload(
      Workload.network(sizes, .relu), input: [batch, 784], loss: .softmaxCrossEntropy,
      optimizer: .sgd(learningRate: 0.01), settings: Workload.Settings(threads: threads))
  }

  private func sequences(_ layer: any Layer, length: Int, _ threads: Int) throws -> Workload {
    try Workload(
      Sequential([Embedding(65, features: 64), layer, Dense(65)]), input: [8, length], tokens: 65,
      loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.001), settings: Workload.Settings(threads: threads))
  }

  /// The time to compile a chain of alternating sines and sums, with its gradient, of about so many nodes in all.
  private func compilation(_ count: Int, _ threads: Int) throws -> (milliseconds: Double, work: Double) {
    let graph = Graph()
    let x = graph.input("x", TensorType([2]))
    var y = x
    // A sine and a sum, with their gradient, are five nodes.
    for index in 0..<(count * 2 / 5) { y = index.isMultiple(of: 2) ? sin(y) : y + x }
    graph.output("slope", try gradients(of: y.sum(), withRespectTo: [x])[0])
    let start = nanoseconds()
    _ = try compile(graph, variables: VariableStore(), backend: CPUBackend(threads: threads))
    return (Double(nanoseconds() - start) / 1e6, Double(graph.nodes.count))
  }
}
