extension LayerContext {
  /// The last signals of a source before those of this run, `[batch, delay, ...]`, as the runs before have left them:
  /// zeros at first.
  /// - Returns: nil where runs begin anew, or the source with something learned.
  /// - Parameter shape: of the signal at one time step, `[batch, ...]`.
  func past(
    of source: NetworkGraph.Source, delay: Int, _ shape: Shape, _ elementType: ElementType = .float32
  ) throws -> Tensor? {
    guard carriesState, source.start == .zeros else { return nil }
    // What lies further back than a sequence is long is never reached.
    let kept = min(delay, place?.length ?? delay)
    let name = "\(source.node).past" + (source.output == 0 ? "" : "\(source.output)") + "-\(delay)"
    let dimensions = [shape[0], kept] + shape.dimensions.dropFirst()
    return try carried(name, TensorType(Shape(dimensions), elementType))
  }

  /// Leaves as many signals to the next run as the past has.
  /// - Parameter sequence: the signals of this run, `[batch, time, ...]`.
  /// - Returns: the past and the signals, one after the other.
  @discardableResult
  func carry(_ past: Tensor, followedBy sequence: Tensor) -> Tensor {
    let joined = past.concatenated(with: [sequence], alongAxis: 1)
    let (kept, time) = (past.shape[1], sequence.shape[1])
    carry(past, to: joined.sliced(time..<(time + kept), alongAxis: 1))
    return joined
  }
}
