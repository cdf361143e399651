import CMeasures
import CPUBackend
import Dispatch

/// What the machine can do at best, measured.
struct MachineLimits: Encodable {
  let threads: Int
  /// Floating-point operations a second, in 10⁹, in the largest products.
  let gflops: Double
  /// Bytes a second, in 10⁹, that are read and written in copying, and in `a = b + s c`. Arrays are far larger than
  /// caches.
  let copyGbps, triadGbps: Double

  /// Measures the limits with so many threads, for some seconds each.
  init(threads: Int, seconds: Double) throws {
    self.threads = threads
    gflops = try [1024, 2048, 4096].map { try Self.productRate($0, threads, seconds / 3) }.max() ?? 0
    let arrays = (0..<3).map { _ in Self.array }
    defer { for array in arrays { array.deallocate() } }
    copyGbps = Self.bandwidth(threads, seconds, bytesPerElement: 8) {
      cm_copy(arrays[0].advanced(by: $0), arrays[1].advanced(by: $0), Int64($1))
    }
    triadGbps = Self.bandwidth(threads, seconds, bytesPerElement: 12) {
      cm_triad(arrays[0].advanced(by: $0), arrays[1].advanced(by: $0), arrays[2].advanced(by: $0), 3, Int64($1))
    }
  }

  /// The bandwidth that a step's bytes are compared with.
  var gbps: Double { max(copyGbps, triadGbps) }

  /// What a program's runs reach of the limits, when one takes so many microseconds.
  func shares(of cost: KernelCost, microseconds: Double) -> (arithmetic: Double, memory: Double) {
    (Double(cost.operations) / microseconds / 1e3 / gflops, Double(cost.bytes) / microseconds / 1e3 / gbps)
  }

  /// The rate of a product of two square matrices, at its best.
  private static func productRate(_ size: Int, _ threads: Int, _ seconds: Double) throws -> Double {
    let graph = Graph()
    let (a, b) = (graph.input("a", TensorType([size, size])), graph.input("b", TensorType([size, size])))
    graph.output("c", matrixMultiply(a, b))
    let program = try compile(graph, variables: VariableStore(), backend: CPUBackend(threads: threads))
    for name in ["a", "b"] { try program.inputBuffer(name, as: Float.self).update(repeating: 0.5) }
    return try Double(program.cost.operations) / Times(of: program, seconds: seconds, warming: 1).at(0) / 1e3
  }

  private static let elementCount = 1 << 25

  private static var array: UnsafeMutablePointer<Float> {
    let array = UnsafeMutablePointer<Float>.allocate(capacity: elementCount)
    array.initialize(repeating: 1, count: elementCount)
    return array
  }

  /// The rate of a loop over the elements of arrays, at its best.
  /// - Parameter body: takes the first element and the number of elements that a thread is to go through.
  private static func bandwidth(
    _ threads: Int, _ seconds: Double, bytesPerElement: Int, _ body: @escaping (Int, Int) -> Void
  ) -> Double {
    nonisolated(unsafe) let body = body
    let share = elementCount / threads
    let start = nanoseconds()
    var best = UInt64.max
    while best == .max || Double(nanoseconds() - start) < seconds * 1e9 {
      let before = nanoseconds()
      DispatchQueue.concurrentPerform(iterations: threads) { body($0 * share, share) }
      best = min(best, nanoseconds() - before)
    }
    return Double(bytesPerElement * share * threads) / Double(max(best, 1))
  }
}
