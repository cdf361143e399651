import Datasets
import Testing

@Suite struct BatchesTests {
  @Test func coversEveryExampleOnce() throws {
    let batches = try Batches(exampleCount: 103, batchSize: 10, seed: 1)
    #expect(batches.count == 11)
    #expect(batches.map(\.count) == [Int](repeating: 10, count: 10) + [3])
    #expect(batches.flatMap { $0 }.sorted() == Array(0..<103))
    #expect(batches.flatMap { $0 } != Array(0..<103))
  }

  @Test func leavesTheOrderWithoutASeed() throws {
    #expect(try Batches(exampleCount: 5, batchSize: 2, seed: nil).map { Array($0) } == [[0, 1], [2, 3], [4]])
  }

  @Test func dropsTheLastBatchWhenAsked() throws {
    #expect(
      try Batches(exampleCount: 103, batchSize: 10, seed: 1, dropsLast: true).map(\.count)
        == [Int](repeating: 10, count: 10))
    #expect(try Batches(exampleCount: 100, batchSize: 10, seed: 1, dropsLast: true).count == 10)
  }

  @Test func ofMoreThanAllIsOneBatch() throws {
    #expect(try Batches(exampleCount: 3, batchSize: .max, seed: nil).map { Array($0) } == [[0, 1, 2]])
    #expect(try Batches(exampleCount: 1, batchSize: 1, seed: 9).map { Array($0) } == [[0]])
  }

  @Test func dependOnSeedAndEpochAlone() throws {
    func order(_ seed: UInt64, _ epoch: Int) throws -> [Int] {
      try Batches(exampleCount: 50, batchSize: 7, seed: seed, epoch: epoch).order
    }
    #expect(try order(1, 5) == order(1, 5))
    #expect(try order(1, 5) != order(1, 6))
    #expect(try order(1, 5) != order(2, 5))
    #expect(try order(1, 1 << 32) != order(1, 0))
    #expect(try order(1, .max).sorted() == Array(0..<50))
  }

  @Test func areUniform() throws {
    // How often each example comes at each position, over many epochs: binomial with 6,000 draws of 1/6.
    var times = [[Int]](repeating: [Int](repeating: 0, count: 6), count: 6)
    for epoch in 0..<6000 {
      for (position, row) in try Batches(exampleCount: 6, batchSize: 6, seed: 0, epoch: epoch).order.enumerated() {
        times[position][row] += 1
      }
    }
    #expect(times.allSatisfy { $0.allSatisfy { abs($0 - 1000) < 145 } }, "\(times)")
  }

  @Test func refusesNumbersThatLeaveNoBatch() {
    expect(.empty, mentioning: "no examples") { try Batches(exampleCount: 0, batchSize: 1, seed: nil) }
    expect(.empty, mentioning: "no examples") { try Batches(exampleCount: -1, batchSize: 1, seed: 0) }
    for size in [0, -3] {
      expect(.invalidArgument, mentioning: "batch size is \(size)") {
        try Batches(exampleCount: 5, batchSize: size, seed: 0)
      }
    }
    expect(.invalidArgument, mentioning: "epoch is -1") {
      try Batches(exampleCount: 5, batchSize: 1, seed: 0, epoch: -1)
    }
    expect(.invalidArgument, mentioning: "no batch is left") {
      try Batches(exampleCount: 5, batchSize: 6, seed: 0, dropsLast: true)
    }
  }
}
