import Tensors

extension Dataset {
  /// The classes of all examples, one for each; nil when the targets are numbers or sequences.
  public var classes: [Int32]? {
    if case .classes(let classes) = targets, targetShape.rank == 0 { return classes }
    return nil
  }

  /// Whether classes are to be predicted, one for an example or for each place of a sequence, rather than numbers.
  public var predictsClasses: Bool {
    if case .values = targets { return false }
    return true
  }

  /// Finds out whether there is anything to learn where classes are to be told apart.
  /// - Throws: `DatasetError` when all examples are of one class.
  public func requireSeveralClasses() throws {
    guard let classes, let first = classes.first, classes.allSatisfy({ $0 == first }) else { return }
    throw DatasetError(
      .wrongContent,
      "all examples to learn from, of which there are \(count), are of the class '\(classNames[Int(first)])': "
        + "there is nothing to learn",
      advice: "give examples of at least two classes, or learn without classes, such as with the preset autoencoder")
  }

  /// Whether examples are sequences, `[time, features]`, with numbers or a class to predict at each step.
  public var predictsEachStep: Bool {
    featureShape.rank == 2 && targetShape.rank == (predictsClasses ? 1 : 2) && targetShape[0] == featureShape[0]
  }

  /// Some of the examples, in the order of `rows`, with the same classes.
  /// - Throws: `DatasetError` when a row does not exist.
  public func subset(_ rows: some Sequence<Int>) throws -> Dataset {
    let rows = Array(rows)
    if let row = rows.first(where: { $0 < 0 || $0 >= count }) {
      throw DatasetError(
        .invalidArgument, "there is no example \(row) among \(count)", advice: "count examples from 0 to \(count - 1)")
    }
    let width = featureShape.count
    let features: Features =
      switch self.features {
      case .bytes(let bytes, let scale, let offset): .bytes(gather(bytes, rows, width), scale: scale, offset: offset)
      case .loading(let all, let chosen, let scale, let offset):
        .loading(all, chosen: chosen.map { chosen in rows.map { chosen[$0] } } ?? rows, scale: scale, offset: offset)
      case .floats(let floats): .floats(gather(floats, rows, width))
      case .integers(let integers): .integers(gather(integers, rows, width))
      case .windows(let windows): .windows(windows.choosing(rows))
      case .columns(let columns, let expansion):
        .columns(gather(columns, rows, expansion.columnCount), expansion)
      }
    let targets: Targets =
      switch self.targets {
      case .classes(let classes): .classes(gather(classes, rows, targetShape.count))
      case .values(let values): .values(gather(values, rows, targetShape.count))
      case .nextTokens: .nextTokens
      }
    var data = with(features, targets, count: rows.count)
    data.weights = weights.map { gather($0, rows, 1) }
    data.tableRows = tableRows?.subset(rows, width: targetShape.count)
    return data
  }

  /// The same kind of examples, but other ones.
  private func with(_ features: Features, _ targets: Targets, count: Int) -> Dataset {
    var data = Dataset(
      count: count, features: features, featureShape: featureShape, targets: targets, targetShape: targetShape,
      classNames: classNames)
    data.tokenizer = tokenizer
    data.imageOrigin = imageOrigin
    return data
  }

  /// Holds examples back, chosen at random by `seed` alone; both parts keep the examples' order. Of windows over a
  /// sequence, which overlap, the last part of the sequence is held back, in windows that do not.
  /// - Parameters:
  ///   - validationFraction: the share that is held back, above 0 and below 1, rounded to whole examples.
  ///   - isStratified: whether each class is held back in the same proportion, to within one example.
  /// - Throws: `DatasetError` when the fraction leaves one part without examples, or when numbers are to be stratified.
  public func split(
    validationFraction: Double, seed: UInt64, isStratified: Bool = false
  ) throws -> (training: Dataset, validation: Dataset) {
    guard validationFraction > 0, validationFraction < 1 else {
      throw DatasetError(
        .invalidArgument, "the validation fraction is \(validationFraction)", advice: "use a number above 0 and below 1"
      )
    }
    let held = Int((Double(count) * validationFraction).rounded())
    guard held > 0, held < count else {
      throw DatasetError(
        .invalidArgument,
        "holding back \(validationFraction) of \(count) leaves \(held) for validation and \(count - held) for training",
        advice: "use another fraction or more examples")
    }
    if case .windows(let windows) = features {
      let (training, validation) = try windows.split(validationFraction: validationFraction)
      return (
        with(.windows(training), targets, count: training.count),
        with(.windows(validation), targets, count: validation.count)
      )
    }
    var order = shuffledOrder(count: count, seed: seed, epoch: 0, stream: RandomStream.split)
    if isStratified { order = try groupedByClass(order) }
    var isHeld = [Bool](repeating: false, count: count)
    // Of every run of `count / held` positions one is held: all of a class's examples lie together when stratified.
    for position in 0..<held { isHeld[order[Self.spread(position, held, count)]] = true }
    return (try subset((0..<count).filter { !isHeld[$0] }), try subset((0..<count).filter { isHeld[$0] }))
  }

  /// The position floor((2k + 1) · count / (2 · held)) in full width: `held` different ones, evenly spread.
  private static func spread(_ position: Int, _ held: Int, _ count: Int) -> Int {
    let product = UInt(2 * position + 1).multipliedFullWidth(by: UInt(count))
    return Int(UInt(2 * held).dividingFullWidth(product).quotient)
  }

  private func groupedByClass(_ order: [Int]) throws -> [Int] {
    guard let classes else {
      throw DatasetError(
        .invalidArgument, "numbers cannot be held back in proportion to classes", advice: "split without stratifying")
    }
    var groups = [[Int]](repeating: [], count: classNames.count)
    for row in order { groups[Int(classes[row])].append(row) }
    return groups.flatMap { $0 }
  }
}

func gather<Element>(_ elements: [Element], _ rows: [Int], _ width: Int) -> [Element] {
  elements.withUnsafeBufferPointer { source in
    [Element](inLargePages: rows.count * width) { buffer, initializedCount in
      if let source = source.baseAddress, let destination = buffer.baseAddress {
        for (position, row) in rows.enumerated() {
          (destination + position * width).initialize(from: source + row * width, count: width)
        }
        initializedCount = rows.count * width
      }
    }
  }
}
