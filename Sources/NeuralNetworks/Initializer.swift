import RealModule

/// How the first values of a parameter are chosen.
///
/// The scaled ones draw from a distribution of mean 0 and variance `gain / fan`, so that signals (and gradients) keep
/// their scale from layer to layer: with a bound of `sqrt(3 gain / fan)` when uniform, a deviation of
/// `sqrt(gain / fan)` when normal (not truncated). `fanIn` is the number of inputs each output sums over, `fanOut` the
/// number of outputs each input reaches.
public indirect enum Initializer: Hashable, Sendable {
  /// Every element is 0.
  case zeros
  /// Every element is this number.
  case constant(Double)
  /// Every value in `[lower, upper)` is as likely.
  case uniform(lower: Double, upper: Double)
  /// Drawn from the normal distribution of this mean and standard deviation.
  case normal(mean: Double, deviation: Double)
  /// Gain 1 over `(fanIn + fanOut) / 2`. Source: Glorot and Bengio (2010).
  case glorotUniform, glorotNormal
  /// Gain 2 over `fanIn`: makes up for the half of the signals that relu cuts off. Source: He, Zhang, Ren and Sun
  /// (2015).
  case heUniform, heNormal
  /// Gain 1 over `fanIn`. Source: LeCun, Bottou, Orr and Müller, "Efficient BackProp" (1998).
  case leCunUniform, leCunNormal
  /// Rows, or columns where there are fewer of them, that are orthogonal and of length 1, so that a signal that passes
  /// many times keeps its length. All axes but the last are rows. Source: Saxe, McClelland and Ganguli (2014).
  case orthogonal
  /// Equal parts of the last axis, each with an initializer of its own: the gates of a recurrent layer.
  case gates([Initializer])

  /// Mean 0 and deviation 1, whatever the layer's size: what Nielsen's book starts with.
  public static let standardNormal = Initializer.normal(mean: 0, deviation: 1)

  /// Why the initializer cannot be used, nil when it can.
  public var problem: String? {
    switch self {
    case .constant(let value) where !value.isFinite: "the constant must be finite, not \(value)"
    case .uniform(let lower, let upper) where !(lower <= upper && (upper - lower).isFinite):
      "the bounds must be finite and in order, not \(lower) and \(upper)"
    case .normal(let mean, let deviation) where !(mean.isFinite && deviation.isFinite && deviation >= 0):
      "the mean must be finite and the deviation finite and not negative, not \(mean) and \(deviation)"
    case .gates(let parts): parts.isEmpty ? "there must be at least one gate" : parts.compactMap(\.problem).first
    default: nil
    }
  }

  /// Values that depend on the initializer, the seed, the path and the position alone.
  /// - Parameter path: the parameter's path, which separates its random numbers from those of the others.
  public func values(
    shape: Shape, fanIn: Int, fanOut: Int, seed: UInt64, path: String
  ) -> ShapedArray<Float> {
    let philox = Philox(seed: seed, stream: stableHash(path))
    let (inputs, mean) = (Double(Swift.max(fanIn, 1)), Double(Swift.max(fanIn + fanOut, 2)) / 2)
    func scaledUniform(_ variance: Double) -> [Float] {
      let bound = Double.sqrt(3 * variance)
      return uniformNumbers(philox, shape.count, -bound, bound)
    }
    let scalars: [Float] =
      switch self {
      case .zeros: Array(repeating: 0, count: shape.count)
      case .constant(let value): Array(repeating: Float(value), count: shape.count)
      case .uniform(let lower, let upper): uniformNumbers(philox, shape.count, lower, upper)
      case .normal(let mean, let deviation): normalNumbers(philox, shape.count, mean, deviation)
      case .glorotUniform: scaledUniform(1 / mean)
      case .glorotNormal: normalNumbers(philox, shape.count, 0, .sqrt(1 / mean))
      case .heUniform: scaledUniform(2 / inputs)
      case .heNormal: normalNumbers(philox, shape.count, 0, .sqrt(2 / inputs))
      case .leCunUniform: scaledUniform(1 / inputs)
      case .leCunNormal: normalNumbers(philox, shape.count, 0, .sqrt(1 / inputs))
      case .orthogonal: orthogonalNumbers(philox, shape)
      case .gates(let parts):
        sideBySide(parts.enumerated().map { index, part in
          let share = Shape(shape.dimensions.dropLast() + [(shape.dimensions.last ?? 0) / parts.count])
          return part.values(shape: share, fanIn: fanIn, fanOut: fanOut, seed: seed, path: "\(path)/\(index)")
        }, shape)
      }
    return ShapedArray(shape: shape, unchecked: scalars)
  }
}

/// The parts' rows one after the other; zeros fill up a last axis that cannot be divided equally.
private func sideBySide(_ parts: [ShapedArray<Float>], _ shape: Shape) -> [Float] {
  let columns = shape.dimensions.last ?? 0
  var scalars: [Float] = []
  scalars.reserveCapacity(shape.count)
  for row in 0..<(columns > 0 ? shape.count / columns : 0) {
    for part in parts {
      let width = part.shape.dimensions.last ?? 0
      scalars += part.scalars[row * width..<(row + 1) * width]
    }
    scalars += Array(repeating: 0, count: (row + 1) * columns - scalars.count)
  }
  return scalars
}

/// Normal numbers, of which each row (or column) has its share of those before it taken out.
private func orthogonalNumbers(_ philox: Philox, _ shape: Shape) -> [Float] {
  let columns = max(shape.dimensions.last ?? 1, 1)
  let rows = shape.count / columns
  let (count, length) = (min(rows, columns), max(rows, columns))
  var vectors: [[Double]] = []
  let draws = normalNumbers(philox, count * length, 0, 1)
  for index in 0..<count {
    var vector = draws[index * length..<(index + 1) * length].map(Double.init)
    // Twice, because the first time leaves what rounding made of nearly parallel ones.
    for _ in 0..<2 {
      for other in vectors {
        let share = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
        for k in vector.indices { vector[k] -= share * other[k] }
      }
    }
    let size = Double.sqrt(vector.reduce(0) { $0 + $1 * $1 })
    vectors.append(vector.map { $0 / size })
  }
  return (0..<rows).flatMap { row in
    (0..<columns).map { column in Float(rows <= columns ? vectors[row][column] : vectors[column][row]) }
  }
}

private func uniformNumbers(_ philox: Philox, _ count: Int, _ lower: Double, _ upper: Double) -> [Float] {
  numbers(philox, count) { a, b in
    (Float(lower + (upper - lower) * unitInterval(a)), Float(lower + (upper - lower) * unitInterval(b)))
  }
}

/// Source: Box and Muller, "A note on the generation of random normal deviates" (1958).
private func normalNumbers(_ philox: Philox, _ count: Int, _ mean: Double, _ deviation: Double) -> [Float] {
  numbers(philox, count) { a, b in
    // One minus a number in [0, 1) is never 0, so the logarithm is finite.
    let radius = deviation * Double.sqrt(-2 * Double.log(1 - unitInterval(a)))
    let angle = 2 * Double.pi * unitInterval(b)
    return (Float(mean + radius * Double.cos(angle)), Float(mean + radius * Double.sin(angle)))
  }
}

/// `count` numbers, made in pairs from pairs of random words.
private func numbers(_ philox: Philox, _ count: Int, _ pair: (UInt32, UInt32) -> (Float, Float)) -> [Float] {
  var result: [Float] = []
  result.reserveCapacity(count + 3)
  var block: UInt64 = 0
  while result.count < count {
    let words = philox.words((UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), 0, 0))
    let (first, second) = (pair(words.0, words.1), pair(words.2, words.3))
    result.append(first.0)
    result.append(first.1)
    result.append(second.0)
    result.append(second.1)
    block += 1
  }
  result.removeLast(result.count - count)
  return result
}

extension Initializer: Codable {
  private static let plain: [String: Initializer] = [
    "zeros": .zeros, "glorotUniform": .glorotUniform, "glorotNormal": .glorotNormal, "heUniform": .heUniform,
    "heNormal": .heNormal, "leCunUniform": .leCunUniform, "leCunNormal": .leCunNormal, "orthogonal": .orthogonal,
  ]

  /// Every word that describes an initializer without settings, in alphabetical order; `normal` is the standard one.
  public static var kinds: [String] { (plain.keys + ["normal"]).sorted() }

  /// The initializer for a word; nil when there is none.
  public init?(kind: String) {
    guard let initializer = kind == "normal" ? .standardNormal : Self.plain[kind] else { return nil }
    self = initializer
  }

  /// - Throws: `DescriptionError`.
  public init(from decoder: any Decoder) throws {
    let settings = [
      "constant": ["value"], "uniform": ["lower", "upper"], "normal": ["mean", "deviation"], "gates": ["parts"],
    ]
    let description = try DescriptionReader(
      decoder, of: "initializer", keys: settings.merging(Self.plain.mapValues { _ in [] }) { a, _ in a })
    switch description.kind {
    case "constant": self = .constant(try description.value("value"))
    case "uniform": self = .uniform(lower: try description.value("lower"), upper: try description.value("upper"))
    case "normal":
      self = .normal(
        mean: try description.value("mean", default: 0), deviation: try description.value("deviation", default: 1))
    case "gates": self = .gates(try description.value("parts"))
    default: self = Self.plain[description.kind] ?? .zeros
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var description: DescriptionWriter
    switch self {
    case .constant(let value):
      description = DescriptionWriter("constant")
      description.set("value", value)
    case .uniform(let lower, let upper):
      description = DescriptionWriter("uniform")
      description.set("lower", lower)
      description.set("upper", upper)
    case .normal(let mean, let deviation):
      description = DescriptionWriter("normal")
      description.set("mean", mean)
      description.set("deviation", deviation)
    case .gates(let parts):
      description = DescriptionWriter("gates")
      description.set("parts", parts)
    default:
      description = DescriptionWriter(Self.plain.first { $0.value == self }?.key ?? "zeros")
    }
    try description.write(to: encoder)
  }
}
