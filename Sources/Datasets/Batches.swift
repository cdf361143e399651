import Tensors

/// The batches of one epoch: which examples each step learns from.
///
/// The order of an epoch is a pure function of the seed and the epoch's number, so that training can go on at any
/// epoch, and any batch in it, without those before.
public struct Batches: RandomAccessCollection, Sendable {
  /// The number of examples in a batch, save perhaps the last.
  public let batchSize: Int
  /// The examples in the order in which they are seen.
  public let order: [Int]
  /// The number of batches.
  public let count: Int

  /// - Parameters:
  ///   - exampleCount: the number of examples.
  ///   - batchSize: at least 1; the number of examples or more makes one batch of all of them.
  ///   - seed: shuffles; nil leaves the examples in order.
  ///   - epoch: which epoch, from 0; each has its own order.
  ///   - dropsLast: whether a last batch that is not full is left out.
  /// - Throws: `DatasetError` when no batch would remain, or a number is out of range.
  public init(exampleCount: Int, batchSize: Int, seed: UInt64?, epoch: Int = 0, dropsLast: Bool = false) throws {
    guard exampleCount > 0 else {
      throw DatasetError(.empty, "there are no examples", advice: "give at least one")
    }
    guard batchSize > 0 else {
      throw DatasetError(.invalidArgument, "the batch size is \(batchSize)", advice: "use 1 or more")
    }
    guard epoch >= 0 else {
      throw DatasetError(.invalidArgument, "the epoch is \(epoch)", advice: "count epochs from 0")
    }
    let (full, rest) = exampleCount.quotientAndRemainder(dividingBy: batchSize)
    count = rest == 0 || dropsLast ? full : full + 1
    guard count > 0 else {
      throw DatasetError(
        .invalidArgument,
        "no batch is left when \(exampleCount) examples do not fill one of \(batchSize) and it is dropped",
        advice: "use a smaller batch size or keep the last batch")
    }
    self.batchSize = batchSize
    order =
      seed.map { shuffledOrder(count: exampleCount, seed: $0, epoch: epoch, stream: RandomStream.batches) }
      ?? Array(0..<exampleCount)
  }

  /// 0, the position of the first batch.
  public var startIndex: Int { 0 }
  /// `count`, one past the last batch.
  public var endIndex: Int { count }

  /// The examples of a batch, which can go straight to `Dataset.copyFeatures(of:into:)`.
  public subscript(position: Int) -> ArraySlice<Int> {
    let start = position * batchSize
    return order[start..<Swift.min(order.count - start, batchSize) + start]
  }
}
