import CBatches
import Tensors

/// What a trainer calls for each step: examples are written straight into the program's memory, without allocating.
extension Dataset {
  /// Writes the features of some examples, in the order of `rows`, as floats of shape `[rows.count] + featureShape`.
  /// - Parameters:
  ///   - rows: which examples; an example may occur several times.
  ///   - buffer: has room for them; what is left over stays as it is.
  /// - Throws: `DatasetError` when a row does not exist or the room does not suffice; the buffer's content is then
  ///   unspecified.
  public func copyFeatures(of rows: ArraySlice<Int>, into buffer: UnsafeMutableBufferPointer<Float>) throws {
    let width = featureShape.count
    guard let destination = try room(for: rows.count, width, in: buffer) else { return }
    try rows.withUnsafeBufferPointer { rows in
      switch features {
      case .bytes(let bytes, let scale, let offset):
        for row in rows { try check(row: row) }
        chainrule_widen_rows(bytes, rows.baseAddress, rows.count, width, scale, offset, destination)
      case .loading(let all, let chosen, let scale, let offset):
        for row in rows { try check(row: row) }
        try Self.widen(all, chosen, rows, scale, offset, destination)
      case .floats(let floats):
        try copy(floats, rows, width, to: destination)
      case .integers, .windows: throw Self.featuresAreWhole
      case .columns(let columns, let expansion):
        for row in rows { try check(row: row) }
        expansion.expand(columns, rows, to: destination)
      }
    }
  }

  /// Writes the features of consecutive examples, as `copyFeatures(of:into:)` does for chosen ones.
  public func copyFeatures(of rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>) throws {
    let width = featureShape.count
    guard let destination = try room(for: rows.count, width, in: buffer) else { return }
    try check(row: rows.lowerBound)
    try check(row: rows.upperBound - 1)
    switch features {
    case .bytes(let bytes, let scale, let offset):
      bytes.withUnsafeBufferPointer { bytes in
        guard let source = bytes.baseAddress else { return }
        // One long row.
        var first = 0
        chainrule_widen_rows(
          source + rows.lowerBound * width, &first, 1, rows.count * width, scale, offset, destination)
      }
    case .loading(let all, let chosen, let scale, let offset):
      try Array(rows).withUnsafeBufferPointer { try Self.widen(all, chosen, $0, scale, offset, destination) }
    case .floats(let floats):
      floats.withUnsafeBufferPointer { floats in
        guard let source = floats.baseAddress else { return }
        destination.update(from: source + rows.lowerBound * width, count: rows.count * width)
      }
    case .integers, .windows: throw Self.featuresAreWhole
    case .columns(let columns, let expansion):
      Array(rows).withUnsafeBufferPointer { expansion.expand(columns, $0, to: destination) }
    }
  }

  /// Writes the whole numbers that are the features of some examples, in the order of `rows`, of shape
  /// `[rows.count] + featureShape`.
  /// - Throws: `DatasetError` when features are real numbers, a row does not exist or the room does not suffice.
  public func copyIntegers(of rows: ArraySlice<Int>, into buffer: UnsafeMutableBufferPointer<Int32>) throws {
    guard let destination = try room(for: rows.count, featureShape.count, in: buffer) else { return }
    switch features {
    case .integers(let integers):
      try rows.withUnsafeBufferPointer { try copy(integers, $0, featureShape.count, to: destination) }
    case .windows(let windows): try copy(windows, shiftedBy: 0, rows, to: destination)
    case .bytes, .loading, .floats, .columns:
      throw DatasetError(
        .wrongContent, "the features are real numbers, not whole ones",
        advice: "begin the network with a layer for real numbers, such as a dense one")
    }
  }

  /// Waits for rows and writes them as floats.
  private static func widen(
    _ all: ByteRows, _ chosen: [Int]?, _ rows: UnsafeBufferPointer<Int>, _ scale: Float, _ offset: Float,
    _ destination: UnsafeMutablePointer<Float>
  ) throws {
    guard let chosen else {
      let bytes = try all.bytes(of: rows)
      return chainrule_widen_rows(bytes, rows.baseAddress, rows.count, all.width, scale, offset, destination)
    }
    try withUnsafeTemporaryAllocation(of: Int.self, capacity: rows.count) { places in
      _ = places.initialize(from: rows.lazy.map { chosen[$0] })
      let bytes = try all.bytes(of: places)
      chainrule_widen_rows(bytes, places.baseAddress, rows.count, all.width, scale, offset, destination)
    }
  }

  /// Says in which order examples will be asked for: those that are still being read are then read in that order.
  public func expect(_ rows: [Int]) {
    guard case .loading(let all, let chosen, _, _) = features else { return }
    let known = rows.filter { $0 >= 0 && $0 < count }
    all.expect(chosen.map { chosen in known.map { chosen[$0] } } ?? known)
  }

  private static var featuresAreWhole: DatasetError {
    DatasetError(
      .wrongContent, "the features are whole numbers, not real ones",
      advice: "begin the network with an embedding")
  }

  private func copy(
    _ windows: TokenWindows, shiftedBy shift: Int, _ rows: ArraySlice<Int>, to destination: UnsafeMutablePointer<Int32>
  ) throws {
    try windows.tokens.withUnsafeBufferPointer { tokens in
      guard let source = tokens.baseAddress else { return }
      for (position, row) in rows.enumerated() {
        try check(row: row)
        (destination + position * windows.length).update(
          from: source + windows.start(of: row) + shift, count: windows.length)
      }
    }
  }

  /// Writes the classes of some examples, in the order of `rows`, of shape `[rows.count] + targetShape`.
  /// - Throws: `DatasetError` when targets are numbers, a row does not exist or the room does not suffice.
  public func copyClasses(of rows: ArraySlice<Int>, into buffer: UnsafeMutableBufferPointer<Int32>) throws {
    guard let destination = try room(for: rows.count, targetShape.count, in: buffer) else { return }
    switch (targets, features) {
    case (.classes(let classes), _):
      try rows.withUnsafeBufferPointer { try copy(classes, $0, targetShape.count, to: destination) }
    case (.nextTokens, .windows(let windows)): try copy(windows, shiftedBy: 1, rows, to: destination)
    default:
      throw DatasetError(
        .wrongContent, "the targets are numbers, not classes",
        advice: "use a loss for numbers, such as the mean squared error")
    }
  }

  /// Writes the numbers to be predicted for some examples, in the order of `rows`, of shape `[rows.count] +
  /// targetShape`.
  /// - Throws: `DatasetError` when targets are classes, a row does not exist or the room does not suffice.
  public func copyValues(of rows: ArraySlice<Int>, into buffer: UnsafeMutableBufferPointer<Float>) throws {
    guard case .values(let values) = targets else {
      throw DatasetError(
        .wrongContent, "the targets are classes, not numbers",
        advice: "use a loss for classes, such as softmax cross-entropy")
    }
    let width = targetShape.count
    guard let destination = try room(for: rows.count, width, in: buffer) else { return }
    try rows.withUnsafeBufferPointer { try copy(values, $0, width, to: destination) }
  }

  /// The features of one example as floats, nil when there is no such example.
  public func features(at row: Int) -> ShapedArray<Float>? {
    guard row >= 0, row < count else { return nil }
    var scalars = [Float](repeating: 0, count: featureShape.count)
    if featureType == .int32 {
      var integers = [Int32](repeating: 0, count: featureShape.count)
      guard integers.withUnsafeMutableBufferPointer({ (try? copyIntegers(of: [row], into: $0)) != nil }) else {
        return nil
      }
      return ShapedArray(shape: featureShape, unchecked: integers.map(Float.init))
    }
    let isCopied = scalars.withUnsafeMutableBufferPointer { buffer in
      (try? copyFeatures(of: row..<(row + 1), into: buffer)) != nil
    }
    return isCopied ? ShapedArray(shape: featureShape, unchecked: scalars) : nil
  }

  private func check(row: Int) throws {
    guard row >= 0, row < count else {
      throw DatasetError(
        .invalidArgument, "there is no example \(row) among \(count)", advice: "count examples from 0 to \(count - 1)")
    }
  }

  /// The start of a buffer that has room for `rows` rows of `width` elements; nil when nothing is to be written.
  func room<Element>(
    for rows: Int, _ width: Int, in buffer: UnsafeMutableBufferPointer<Element>
  ) throws -> UnsafeMutablePointer<Element>? {
    let (needed, overflow) = rows.multipliedReportingOverflow(by: width)
    guard !overflow, needed <= buffer.count else {
      throw DatasetError(
        .invalidArgument, "\(rows) rows of \(width) do not fit a buffer of \(buffer.count) elements",
        advice: "make the buffer as large as the largest batch")
    }
    return needed == 0 ? nil : buffer.baseAddress
  }

  func copy<Element>(
    _ elements: [Element], _ rows: UnsafeBufferPointer<Int>, _ width: Int, to destination: UnsafeMutablePointer<Element>
  ) throws {
    try elements.withUnsafeBufferPointer { elements in
      guard let source = elements.baseAddress else { return }
      guard width > 1 else {
        // Without calls in between, several rows are fetched from memory at a time.
        for row in rows { try check(row: row) }
        for position in rows.indices { destination[position] = source[rows[position]] }
        return
      }
      for position in rows.indices {
        try check(row: rows[position])
        (destination + position * width).update(from: source + rows[position] * width, count: width)
      }
    }
  }
}
