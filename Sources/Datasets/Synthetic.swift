import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Small data sets made from a seed, to try networks on: points in the plane and a line.
public enum Synthetic {
  /// The exclusive or of two bits: four examples, the corners of the unit square, in two classes.
  public static func xor() -> Dataset {
    points([(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)], classCount: 2)
  }

  /// Two half circles that reach into each other, of radius 1 around (0, 0) and (1, 0.5).
  /// - Parameters:
  ///   - count: the number of points, half of them in each class.
  ///   - noise: the standard deviation of what is added to each coordinate.
  /// - Throws: `DatasetError` when `count` is below 2 or `noise` is not a number of 0 or more.
  public static func twoMoons(count: Int, noise: Double = 0.1, seed: UInt64) throws -> Dataset {
    try check(count: count, classCount: 2, noise: noise)
    var random = NormalNumbers(seed: seed)
    return points(classCount: 2, perClass: sizes(count, 2)) { label, position in
      let angle = Double.pi * position
      let (x, y) = label == 0 ? (cos(angle), sin(angle)) : (1 - cos(angle), 0.5 - sin(angle))
      return (x + noise * random.next(), y + noise * random.next())
    }
  }

  /// A circle of radius 1 around one of radius `factor`.
  /// - Throws: `DatasetError` when `count` is below 2, `noise` is not a number of 0 or more, or `factor` is not in
  ///   0..<1.
  public static func circles(count: Int, noise: Double = 0.05, factor: Double = 0.5, seed: UInt64) throws -> Dataset {
    try check(count: count, classCount: 2, noise: noise)
    guard factor >= 0, factor < 1 else {
      throw DatasetError(.invalidArgument, "the factor is \(factor)", advice: "use a number from 0 to below 1")
    }
    var random = NormalNumbers(seed: seed)
    return points(classCount: 2, perClass: sizes(count, 2)) { label, position in
      let angle = 2 * Double.pi * position
      let radius = label == 0 ? 1 : factor
      return (radius * cos(angle) + noise * random.next(), radius * sin(angle) + noise * random.next())
    }
  }

  /// Arms that wind out of the origin, one for each class.
  ///
  /// Source: the spiral of Stanford's CS231n, "Minimal neural network case study": the radius grows from 0 to 1 while
  /// the angle grows by 4 radians.
  /// - Parameter noise: the standard deviation of what is added to the angle.
  /// - Throws: `DatasetError` when there are not 1 to 1,000 classes, fewer points than classes, or `noise` is not a
  ///   number of 0 or more.
  public static func spirals(count: Int, classCount: Int = 3, noise: Double = 0.2, seed: UInt64) throws -> Dataset {
    try check(count: count, classCount: classCount, noise: noise)
    var random = NormalNumbers(seed: seed)
    return points(classCount: classCount, perClass: sizes(count, classCount)) { label, position in
      let start = classCount == 3 ? 4 * Double(label) : 2 * Double.pi * Double(label) / Double(classCount)
      let angle = start + 4 * position + noise * random.next()
      return (position * sin(angle), position * cos(angle))
    }
  }

  /// Points about the line y = slope · x + intercept, with x evenly spread over -1...1: one feature, one target value.
  /// - Parameter noise: the standard deviation of what is added to y.
  /// - Throws: `DatasetError` when `count` is below 1 or a number is not finite.
  public static func line(
    count: Int, slope: Double = 2, intercept: Double = -1, noise: Double = 0.1, seed: UInt64
  ) throws -> Dataset {
    try check(count: count, classCount: 1, noise: noise)
    var random = NormalNumbers(seed: seed)
    let x = (0..<count).map { count == 1 ? 0 : 2 * Double($0) / Double(count - 1) - 1 }
    let y = x.map { Float(slope * $0 + intercept + noise * random.next()) }
    return try Dataset(features: .floats(x.map { Float($0) }), featureShape: [1], values: y, targetShape: [1])
  }

  static let greatestCount = 100_000_000

  private static func check(count: Int, classCount: Int, noise: Double) throws {
    guard (1...1000).contains(classCount) else {
      throw DatasetError(.invalidArgument, "the number of classes is \(classCount)", advice: "use 1 to 1,000")
    }
    guard count >= classCount, count <= greatestCount else {
      throw DatasetError(
        .invalidArgument, "the number of points is \(count)", advice: "use \(classCount) to \(greatestCount)")
    }
    guard noise >= 0, noise.isFinite else {
      throw DatasetError(.invalidArgument, "the noise is \(noise)", advice: "use a finite number of 0 or more")
    }
  }

  /// `count` in parts that differ by at most one.
  private static func sizes(_ count: Int, _ parts: Int) -> [Int] {
    (0..<parts).map { count / parts + ($0 < count % parts ? 1 : 0) }
  }

  /// - Parameter place: the point of a class at a position in 0...1 along its curve.
  private static func points(
    classCount: Int, perClass: [Int], _ place: (_ label: Int, _ position: Double) -> (Double, Double)
  ) -> Dataset {
    var points: [(Double, Double, Int32)] = []
    for (label, size) in perClass.enumerated() {
      for index in 0..<size {
        let (x, y) = place(label, size == 1 ? 0 : Double(index) / Double(size - 1))
        points.append((x, y, Int32(label)))
      }
    }
    return self.points(points, classCount: classCount)
  }

  private static func points(_ points: [(x: Double, y: Double, label: Int32)], classCount: Int) -> Dataset {
    Dataset(
      count: points.count, features: .floats(points.flatMap { [Float($0.x), Float($0.y)] }), featureShape: [2],
      targets: .classes(points.map(\.label)), targetShape: .scalar, classNames: (0..<classCount).map(String.init))
  }
}

/// Standard normal numbers. Source: Box and Muller, "A note on the generation of random normal deviates" (1958).
private struct NormalNumbers {
  private var generator: PhiloxGenerator

  init(seed: UInt64) { generator = PhiloxGenerator(seed: seed, stream: RandomStream.synthetic) }

  mutating func next() -> Double {
    let word = generator.next()
    // In (0, 1], so that the logarithm is finite.
    let radius = 1 - unitInterval(UInt32(truncatingIfNeeded: word))
    let angle = 2 * Double.pi * unitInterval(UInt32(truncatingIfNeeded: word >> 32))
    return (-2 * log(radius)).squareRoot() * cos(angle)
  }
}
