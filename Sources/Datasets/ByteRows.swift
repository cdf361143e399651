import Foundation

/// Rows of bytes that are read or decoded in the background, each of which may be waited for.
///
/// Whoever asks gets the same bytes or the same error, whatever the threads that make them are doing meanwhile. A class
/// because it owns memory that several threads share.
public final class ByteRows: @unchecked Sendable {
  /// The number of rows.
  public let count: Int
  /// The number of bytes in a row.
  public let width: Int

  /// All rows, and before them as many bytes as were asked for.
  let memory: UnsafeMutableRawBufferPointer
  private let margin: Int
  private let condition = NSCondition()
  private var isReady: [Bool]
  private var missingCount: Int
  private var failure: (any Error)?
  private var identity: UInt64?
  private var onOrder: (([Int]) -> Void)?

  /// - Parameter margin: room for bytes before the first row.
  /// - Returns: nil when there is no memory for them.
  init?(count: Int, width: Int, margin: Int = 0) {
    let (size, overflow) = count.multipliedReportingOverflow(by: width)
    guard !overflow, size <= .max - margin, let memory = allocatePages(margin + size) else { return nil }
    (self.count, self.width, self.margin, self.memory) = (count, width, margin, memory)
    isReady = Array(repeating: false, count: count)
    missingCount = count
  }

  deinit { freePages(memory) }

  private func changing(_ body: () -> Void) {
    condition.withLock {
      body()
      condition.broadcast()
    }
  }

  // MARK: Making

  /// Where a row is written before it is ready.
  func row(_ index: Int) -> UnsafeMutableRawBufferPointer {
    let start = margin + index * width
    return UnsafeMutableRawBufferPointer(rebasing: memory[start..<(start + width)])
  }

  /// Rows are there, each of which is told once.
  func finish(_ rows: some Sequence<Int>) {
    changing {
      for row in rows { isReady[row] = true }
      missingCount -= rows.reduce(0) { count, _ in count + 1 }
      if missingCount == 0 { onOrder = nil }
    }
  }

  /// Some rows cannot be made.
  func fail(_ error: any Error) {
    changing { (failure, onOrder) = (failure ?? error, nil) }
  }

  /// Tells a number that is the same for the same rows and almost surely another for others.
  func identify(_ number: UInt64) {
    changing { identity = number }
  }

  /// Sets who is told in which order rows will be asked for.
  func tellOrder(to listener: @escaping ([Int]) -> Void) {
    condition.withLock { if missingCount > 0, failure == nil { onOrder = listener } }
  }

  // MARK: Asking

  /// The number that tells these rows from others; waits until it is known.
  var fingerprint: UInt64 {
    condition.withLock {
      while identity == nil, failure == nil { condition.wait() }
      return identity ?? 0
    }
  }

  /// Says in which order rows will be asked for, so that they are made in that order.
  func expect(_ order: [Int]) {
    condition.withLock { onOrder }?(order)
  }

  /// Waits until some rows are there.
  /// - Returns: where the first of all rows begins.
  /// - Throws: why rows cannot be made, even where those that are asked for can be.
  func bytes(of rows: some Collection<Int>) throws -> UnsafePointer<UInt8> {
    try condition.withLock {
      while missingCount > 0 {
        if let failure { throw failure }
        if rows.allSatisfy({ isReady[$0] }) { break }
        condition.wait()
      }
    }
    guard let start = memory.baseAddress else {
      throw DatasetError(.empty, "there are no bytes", advice: "give data with at least one example")
    }
    return UnsafePointer((start + margin).assumingMemoryBound(to: UInt8.self))
  }
}
