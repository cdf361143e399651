import CPUBackend
import Testing

/// Work besides programs, shared over the kernels' threads.
@Suite struct SharedWorkTests {
  private struct Failure: Error, Equatable { let first: Int }

  @Test(arguments: [0, 1, 3, 1000], [0, 1_000_000])
  func everyItemIsDoneOnce(count: Int, work: Int) throws {
    let backend = CPUBackend(threads: 4)
    var done = [Int](repeating: 0, count: count)
    try backend.perform {
      try done.withUnsafeMutableBufferPointer { done in
        // Each thread has items of its own.
        nonisolated(unsafe) let done = done
        try backend.share(count, work: work) { items in for item in items { done[item] += 1 } }
      }
    }
    #expect(done.allSatisfy { $0 == 1 })
  }

  @Test func theFirstErrorIsThrown() throws {
    let backend = CPUBackend(threads: 4)
    for _ in 0..<20 {
      #expect(throws: Failure(first: 25)) {
        try backend.perform {
          try backend.share(100, work: 1_000_000) { items in
            if items.lowerBound > 0 { throw Failure(first: items.lowerBound) }
          }
        }
      }
    }
  }
}
