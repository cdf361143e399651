import CPUBackend
import Foundation

/// How long runs of a program took.
struct Times {
  /// Microseconds, ascending.
  private let sorted: [Double]

  /// Runs a program for some time, at least `warming` and three times.
  init(of program: Program, seconds: Double, warming: Int = 10) throws {
    sorted = try ComputeThread.shared.perform {
      for _ in 0..<warming { try program.run() }
      var times: [Double] = []
      times.reserveCapacity(Self.largestCount)
      let start = nanoseconds()
      while times.count < 3 || Double(nanoseconds() - start) < seconds * 1e9 && times.count < Self.largestCount {
        let before = nanoseconds()
        try program.run()
        times.append(Double(nanoseconds() - before) / 1000)
      }
      return times.sorted()
    }
  }

  private static let largestCount = 50_000

  var count: Int { sorted.count }

  /// The time below which this share of the runs lies, in microseconds.
  func at(_ quantile: Double) -> Double { (sorted[Int(Double(count) * quantile)] * 100).rounded() / 100 }

  var median: Double { at(0.5) }
}

/// A clock that only runs forward.
func nanoseconds() -> UInt64 { DispatchTime.now().uptimeNanoseconds }

/// What the process has used so far.
func resourceUsage() -> rusage {
  var usage = rusage()
  #if os(Linux)
  getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
  #else
  getrusage(RUSAGE_SELF, &usage)
  #endif
  return usage
}

/// The memory that the process took at most.
func peakByteCount() -> Int {
  #if os(Linux)
  resourceUsage().ru_maxrss * 1024
  #else
  resourceUsage().ru_maxrss
  #endif
}
