import ArgumentParser
import CPUBackend

/// Measures what the machine can do at best, and what workloads reach of it.
struct Limits: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure the machine's limits, and what workloads reach of them.",
    discussion: """
      The limits are the rate of the largest products and the memory's bandwidth. The bytes of a step count what each \
      kernel reads and writes once; what stays in a cache between two kernels can make their share larger than 1.
      """)

  @OptionGroup var common: CommonOptions

  @Option(parsing: .upToNextOption, help: "The workloads' names.")
  var workloads = ["wide", "gpt"]

  @Option(help: "How long each measurement takes.")
  var seconds = 2.0

  func validate() throws {
    guard seconds > 0, seconds.isFinite else { throw ValidationError("--seconds must be a positive number") }
  }

  func run() throws {
    for threads in Set([1, common.threads]).sorted() {
      let limits = try MachineLimits(threads: threads, seconds: seconds)
      try common.show(
        limits,
        "\(threads) thread(s): \(Int(limits.gflops)) Gflop/s in products; \(Int(limits.copyGbps)) GB/s copying, "
          + "\(Int(limits.triadGbps)) GB/s in a = b + s c")
      for name in workloads { try show(name, limits) }
    }
  }

  private struct Line: Encodable {
    let workload: String
    let threads: Int
    let medianUs: Double
    let operations, bytes: Int
    /// Of the limits' rates.
    let arithmeticShare, memoryShare: Double
  }

  private func show(_ name: String, _ limits: MachineLimits) throws {
    let program = try Workload(name, threads: limits.threads).program
    let median = try Times(of: program, seconds: seconds).median
    let shares = limits.shares(of: program.cost, microseconds: median)
    try common.show(
      Line(
        workload: name, threads: limits.threads, medianUs: median, operations: program.cost.operations,
        bytes: program.cost.bytes, arithmeticShare: shares.arithmetic, memoryShare: shares.memory),
      "  \(name): \(median) µs; \(Int(shares.arithmetic * 100)) % of the arithmetic, \(program.cost.bytes) bytes at "
        + "\(Int(shares.memory * 100)) % of the bandwidth")
  }
}
