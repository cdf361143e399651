import Datasets
import Foundation
import NeuralNetworks
import Reports
import Testing

/// Losses as people see them.
struct LossViewTests {
  /// How a table's numbers are learned, whose deviation is not 1.
  private func preprocessing(_ targets: String...) throws -> Preprocessing {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).csv").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let rows = (0..<60).map { "\($0 * 7 % 31).5,\($0 % 13).25,\($0 * 3).5\n" }
    try Data(("x,y,price\n" + rows.joined()).utf8).write(to: URL(fileURLWithPath: path))
    return try PreparedTable(Table(path: path), .init(target: targets)).preprocessing
  }

  @Test func `the loss of one number is told in its units`() throws {
    let preprocessing = try preprocessing("price")
    let scale = try #require(preprocessing.target.scales.first)
    #expect(scale > 10)
    // The half of 3² is 4.5.
    for (loss, title, value) in [
      (Loss.meanSquaredError, "RMSE", 9.0), (.halfSumSquaredError, "RMSE", 4.5), (.meanAbsoluteError, "MAE", 3),
    ] {
      let view = LossView(loss, preprocessing)
      #expect(view.title == title && view.target == "price" && view.isStandardised)
      #expect(abs(view.convert(value) - 3 * scale) < 1e-9 * scale)
      #expect(view.axisTitle == "\(title), in units of 'price'")
    }
  }

  @Test func `a loss that has no units stays as it is`() throws {
    for view in try [
      LossView(.meanSquaredError, preprocessing("price", "y")), LossView(.huber(delta: 1), preprocessing("price")),
    ] {
      #expect(view.title == "standardised loss" && view.axisTitle == "Standardised loss")
      #expect(view.target == nil && view.isStandardised && view.convert(3) == 3)
    }
    let plain = LossView(.meanSquaredError)
    #expect(plain.title == "loss" && !plain.isStandardised && plain.convert(3) == 3)
  }
}
