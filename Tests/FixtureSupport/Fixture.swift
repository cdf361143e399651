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
