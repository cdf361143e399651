extension Graph {
  /// A stretch of nodes that reverse mode repeats where it needs their values, so that these need not be kept until
  /// then.
  public struct RecomputedSegment: Sendable {
    /// The positions of the nodes.
    public let nodes: Range<Int>
    /// What they are there for: values that others read, and that are therefore kept.
    public let outputs: [Value]
  }

  /// Appends the nodes of `body`, whose values the chain rule will compute once more instead of keeping them: less
  /// memory for more work. Within another such stretch it changes nothing.
  /// - Returns: what `body` returns, values that are kept.
  ///
  /// Source: Chen, Xu, Zhang and Guestrin, "Training deep nets with sublinear memory cost" (2016).
  public func recomputing(_ body: () throws -> [Tensor]) rethrows -> [Tensor] {
    guard !isRecomputing else { return try body() }
    isRecomputing = true
    defer { isRecomputing = false }
    let first = nodes.count
    let outputs = try body()
    if first < nodes.count {
      recomputedSegments.append(RecomputedSegment(nodes: first..<nodes.count, outputs: outputs.map(\.value)))
    }
    return outputs
  }
}
