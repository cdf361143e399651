import ArgumentParser
import CPUBackend
import Foundation

/// Times one training step, or one prediction, of a workload.
@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chainrule-bench",
    abstract: "Times one training step, or one prediction, of a workload.",
    discussion: "Workloads: \(Workload.names.joined(separator: ", ")).")

  @Option(help: "The workload's name.")
  var workload: String

  @Option(help: "How long to measure.")
  var seconds = 3.0

  @Option(help: "How many threads kernels may use.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Flag(help: "Print one JSON object instead of a sentence.")
  var json = false

  @Flag(help: "Also print the program: its steps with the time that each takes and its cost.")
  var profile = false

  func validate() throws {
    guard seconds > 0, seconds.isFinite else { throw ValidationError("--seconds must be a positive number") }
    guard threads >= 1 else { throw ValidationError("--threads must be at least 1") }
  }

  func run() throws {
    let workload = try Workload(workload, threads: threads)
    let times = try ComputeThread.shared.perform { try measure(workload.program) }
    func at(_ quantile: Double) -> Double { (times[Int(Double(times.count) * quantile)] * 100).rounded() / 100 }
    if json {
      let result = Result(
        workload: self.workload, p10_us: at(0.1), median_us: at(0.5), p90_us: at(0.9), steps: times.count,
        parameters: workload.parameterCount, threads: threads, peak_bytes: peakBytes())
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      print(String(decoding: try encoder.encode(result), as: UTF8.self))
    } else {
      print("\(self.workload): \(at(0.5)) µs (10 % below \(at(0.1)), 90 % below \(at(0.9))), \(times.count) steps")
    }
    if profile { try printProfile(workload.program) }
  }

  /// The fields of the script that times the peers, and the memory that the process took at most.
  private struct Result: Encodable {
    var peer = "chainrule"
    let workload: String
    let p10_us, median_us, p90_us: Double
    let steps, parameters, threads: Int
    var version = "0.1.0"
    let peak_bytes: Int
  }

  /// Microseconds a run, ascending.
  private func measure(_ program: Program) throws -> [Double] {
    for _ in 0..<10 { try program.run() }
    var times: [Double] = []
    times.reserveCapacity(50_000)
    let start = nanoseconds()
    while Double(nanoseconds() - start) < seconds * 1e9, times.count < 50_000 {
      let before = nanoseconds()
      try program.run()
      times.append(Double(nanoseconds() - before) / 1000)
    }
    return times.sorted()
  }

  /// The program, with each step's time and the rates at which it computes and moves bytes.
  private func printProfile(_ program: Program) throws {
    let times = try program.stepTimes(runs: 200)
    for (line, (step, time)) in zip(program.text.split(separator: "\n"), zip(program.steps, times)) {
      func rate(_ count: Int) -> String { time > 0 ? "\(Int(Double(count) / time / 1e9))" : "-" }
      print(
        "\((time * 1e8).rounded() / 100) µs, \(rate(step.cost.operations)) Gop/s, \(rate(step.cost.bytes)) GB/s: \(line)")
    }
  }

  private func nanoseconds() -> UInt64 { DispatchTime.now().uptimeNanoseconds }

  private func peakBytes() -> Int {
    var usage = rusage()
    #if os(Linux)
    getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
    #else
    getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss
    #endif
  }
}
