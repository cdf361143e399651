import Foundation
import Tensors

/// The files that `Tests/Fixtures/generate.py` makes with another library, and those copied from publications.
public enum Fixture {
  /// Reads `Tests/Fixtures/<name>.json`.
  public static func load<Content: Decodable>(_ name: String, as type: Content.Type = Content.self) throws -> Content {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = folder.appendingPathComponent("Fixtures/\(name).json")
    return try JSONDecoder().decode(Content.self, from: Data(contentsOf: file))
  }
}

/// An array as fixtures hold it.
public struct FixtureArray: Decodable, Sendable {
  public let array: ShapedArray<Double>

  private enum Key: CodingKey { case shape, scalars }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    array = try ShapedArray(
      shape: Shape(values.decode([Int].self, forKey: .shape)), scalars: values.decode([Double].self, forKey: .scalars))
  }
}

/// The greatest distance between elements, relative to the expected one or to `scale` where that is smaller in
/// magnitude; infinite where the counts differ or anything is not a number.
public func worstDifference(_ actual: [Double], _ expected: [Double], scale: Double = 1e-3) -> Double {
  guard actual.count == expected.count else { return .infinity }
  return zip(actual, expected).reduce(0) { worst, pair in
    let distance = abs(pair.0 - pair.1) / max(abs(pair.1), scale)
    return distance.isNaN ? .infinity : max(worst, distance)
  }
}

/// The same for results in Float32, of which the layers' fixtures allow 1e-4: relative to each element, or to a
/// fiftieth of the greatest one where the element is smaller than that.
///
/// An element that is a small difference of large terms keeps their rounding: 1e-4 of a fiftieth is 34 roundings,
/// 2^-24 each, of the greatest element.
/// - Parameter least: what takes the place of the fiftieth where it is smaller, for arrays of which nothing remains
///   but rounding.
public func worstSingleDifference(_ actual: [Double], _ expected: [Double], least: Double = 1e-3) -> Double {
  worstDifference(actual, expected, scale: expected.reduce(least) { max($0, abs($1) / 50) })
}
