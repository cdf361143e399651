import ArgumentParser
import CMeasures
import CPUBackend

/// Counts what a step does, which no clock and no neighbour of the machine can blur.
struct Counts: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Count kernels, bytes and allocations of a step.",
    discussion: """
      They depend on the instruction set that oneDNN finds and on the number of threads; Benchmarks/count sets both. \
      Callgrind counts the instructions of the steps, or of the compilation, with \
      --toggle-collect=cm_while_running or cm_while_compiling.
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: "The workload's name; all of them without it.")
  var workload: String?

  func run() throws {
    for name in workload.map({ [$0] }) ?? Workload.names {
      var workload: Workload?
      try observed(cm_while_compiling) { workload = try Workload(name, threads: common.threads) }
      guard let program = workload?.program else { continue }
      let result = try counts(name, program)
      try common.show(
        result,
        "\(name): \(result.kernels) kernels, \(result.arenaBytes) bytes of arena, \(result.allocations) allocations of "
          + "our own and \(result.libraryAllocations) of oneDNN's in \(result.steps) steps")
    }
  }

  private struct Line: Encodable {
    let workload: String
    /// Calls of kernels in a step.
    let kernels: Int
    let arenaBytes: Int
    /// How many steps were run for the counts that follow.
    let steps: Int
    let allocations, libraryAllocations: Int64
  }

  private func counts(_ name: String, _ program: Program) throws -> Line {
    let steps = 10
    var (before, after) = (cm_allocations(), cm_allocations())
    try ComputeThread.shared.perform {
      for _ in 0..<3 { try program.run() }
      try observed(cm_while_running) {
        before = cm_allocation_counts()
        for _ in 0..<steps { try program.run() }
        after = cm_allocation_counts()
      }
    }
    return Line(
      workload: name, kernels: program.steps.reduce(0) { $0 + ($1.isPreparation ? 0 : $1.kernelCount) },
      arenaBytes: program.arenaByteCount, steps: steps, allocations: after.own - before.own,
      libraryAllocations: after.library - before.library)
  }

  /// Calls `body` through one of the functions whose instructions callgrind can count.
  private func observed(
    _ function: ((@convention(c) (UnsafeMutableRawPointer?) -> Void)?, UnsafeMutableRawPointer?) -> Void,
    _ body: () throws -> Void
  ) throws {
    try withoutActuallyEscaping(body) { body in
      var outcome = Result<Void, any Error>.success(())
      var call: () -> Void = { outcome = Result(catching: body) }
      withUnsafeMutablePointer(to: &call) {
        function({ $0?.assumingMemoryBound(to: (() -> Void).self).pointee() }, UnsafeMutableRawPointer($0))
      }
      try outcome.get()
    }
  }
}
