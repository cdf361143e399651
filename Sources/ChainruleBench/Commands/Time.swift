import ArgumentParser
import CPUBackend
import Training

/// Times one training step, or one prediction, of a workload.
struct Time: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time one training step, or one prediction, of a workload. (default)")

  @OptionGroup var common: CommonOptions

  @Option(help: "The workload's name.")
  var workload: String

  @Option(help: "In which numbers products and convolutions multiply.")
  var precision = Precision.float32

  @Option(help: "How long to measure.")
  var seconds = 3.0

  @Flag(help: "Also print the program: its steps with the time that each takes and its cost.")
  var profile = false

  func validate() throws {
    guard seconds > 0, seconds.isFinite else { throw ValidationError("--seconds must be a positive number") }
  }

  func run() throws {
    let workload = try Workload(workload, threads: common.threads, precision: precision)
    let times = try Times(of: workload.program, seconds: seconds)
    let cost = workload.program.cost
    let result = Result(
      workload: self.workload, p10Us: times.at(0.1), medianUs: times.median, p90Us: times.at(0.9),
      steps: times.count, parameters: workload.parameterCount, threads: common.threads, precision: precision,
      peakBytes: peakByteCount(),
      operations: cost.operations, bytes: cost.bytes)
    try common.show(
      result,
      "\(self.workload): \(result.medianUs) µs (10 % below \(result.p10Us), 90 % below \(result.p90Us)), "
        + "\(times.count) steps")
    if profile { try printProfile(workload.program) }
  }

  /// The fields of the script that times the peers, and what a step computes and moves.
  private struct Result: Encodable {
    var peer = "chainrule"
    let workload: String
    let p10Us, medianUs, p90Us: Double
    let steps, parameters, threads: Int
    let precision: Precision
    var version = Model.libraryVersion
    let peakBytes, operations, bytes: Int
  }

  /// The program, with each step's time and the rates at which it computes and moves bytes.
  private func printProfile(_ program: Program) throws {
    let times = try program.stepTimes(runs: 200)
    for (line, (step, time)) in zip(program.text.split(separator: "\n"), zip(program.steps, times)) {
      func rate(_ count: Int) -> Int? { time > 0 ? Int(Double(count) / time / 1e9) : nil }
      let entry = ProfileEntry(
        step: String(line), us: (time * 1e8).rounded() / 100, gops: rate(step.cost.operations),
        gbps: rate(step.cost.bytes))
      func text(_ rate: Int?) -> String { rate.map { "\($0)" } ?? "-" }
      try common.show(
        entry, "\(entry.us) µs, \(text(entry.gops)) Gop/s, \(text(entry.gbps)) GB/s: \(entry.step)")
    }
  }

  private struct ProfileEntry: Encodable {
    let step: String
    let us: Double
    /// Operations and bytes, in thousands of millions a second; nil for what takes no time.
    let gops, gbps: Int?
  }
}

extension Precision: ExpressibleByArgument {}
