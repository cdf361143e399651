import ArgumentParser
import CPUBackend
import Optimizers
import Training

/// Lists the elementwise loops of the programs that people run, as the source that compiles them ahead.
struct Loops: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the loops to compile ahead: Sources/CKernels/compiled_loops.h.",
    discussion: """
      They are those of the workloads, of dense networks with each activation, and of each optimizer. Run it when a \
      formula, the differentiation or a pass has changed; 'make loops' does.
      """)

  func run() throws {
    print(
      """
      // Written by 'make loops': the loops of the workloads of chainrule-bench, of each activation and of each optimizer,
      // as lists of instructions, then of results. See compiled_loops.c.
      """)
    var patterns: [String] = []
    for program in try programs() {
      for step in program.steps where (step.results.first?.count ?? 0) >= 256 {
        guard let pattern = CPUBackend.loopPattern(of: step), !patterns.contains(pattern) else { continue }
        patterns.append(pattern)
        print("\n// \(step.phase)\(step.scope.isEmpty ? "" : " of \(step.scope)")")
        print("#define CK_LOOP_\(patterns.count)(I, R) \\")
        print(wrapped(pattern))
      }
    }
    print("\n#define CK_LOOPS(L) \\")
    print(wrapped((1...max(1, patterns.count)).map { "L(\($0))" }.joined(separator: " ")))
  }

  private func programs() throws -> [Program] {
    let workloads = try Workload.names.map { try Workload($0, threads: 1).program }
    let updates = try Optimizer.samples.flatMap { optimizer in
      try [optimizer, optimizer.clipped(norm: 1)].map { try program(.relu, $0) }
    }
    let activations = try ActivationFunction.allCases.filter { $0 != .step }.map {
      try program($0, .sgd(learningRate: 0.1))
    }
    return workloads + updates + activations
  }

  private func program(_ activation: ActivationFunction, _ optimizer: Optimizer) throws -> Program {
    try Workload(
      Workload.network([64, 64, 10], activation), input: [64, 64], loss: .softmaxCrossEntropy, optimizer: optimizer,
      settings: Workload.Settings(threads: 1)
    ).program
  }

  /// Lines of up to 118 columns, each but the last continued by the next.
  private func wrapped(_ text: String) -> String {
    var lines = [" "]
    for word in text.replacing(") ", with: ")\n").split(separator: "\n") {
      if lines[lines.count - 1].count + word.count > 116 { lines.append(" ") }
      lines[lines.count - 1] += " \(word)"
    }
    return lines.joined(separator: " \\\n")
  }
}
