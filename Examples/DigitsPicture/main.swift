// Draws what came of training on the digits, as an SVG: accuracy by epoch, and digits that were held back with what the
// model takes them for. 'make picture' makes the one of the README so; in short:
//
//   chainrule train digits --json --out digits.safetensors >digits.jsonl
//   swift run -c release DigitsPicture digits.jsonl >docs/digits.svg

import Chainrule
import Foundation

/// A line of `chainrule train --json`: an epoch, or, last, the summary.
struct Line: Decodable {
  let epoch: Int?
  let accuracy: Double?
  let validation_accuracy: Double?
  let test_accuracy: Double?
  let model: String?
}

struct PictureError: Error, CustomStringConvertible {
  let description: String
}

func text(_ content: String, x: Double, y: Double, color: String = "#444", anchor: String = "start") -> String {
  "<text x=\"\(x)\" y=\"\(y)\" fill=\"\(color)\" text-anchor=\"\(anchor)\">\(content)</text>"
}

/// Accuracy by epoch, 300 wide and 200 high, with its corner at (50, 50).
func curves(_ lines: [Line]) -> [String] {
  let series: [(name: String, color: String, values: [Double])] = [
    ("training", "#8aa5c4", lines.compactMap(\.accuracy)),
    ("held back", "#d9772b", lines.compactMap(\.validation_accuracy)),
  ]
  let lowest = series.flatMap(\.values).min() ?? 0
  let floor = min(0.9, (lowest * 10).rounded(.down) / 10)
  func height(_ accuracy: Double) -> Double { 250 - 200 * (accuracy - floor) / (1 - floor) }
  var parts: [String] = []
  for tick in stride(from: Int((floor * 10).rounded()), through: 10, by: 1) {
    let y = height(Double(tick) / 10)
    parts.append("<path d=\"M50 \(y)h300\" stroke=\"#ddd\"/>" + text("\(tick * 10) %", x: 44, y: y + 4, anchor: "end"))
  }
  for (name, color, values) in series where values.count > 1 {
    let points = values.enumerated().map { index, value in
      let x = 50 + 300 * Double(index) / Double(values.count - 1)
      return String(format: "%.1f,%.1f", x, height(value))
    }
    parts.append(
      "<polyline points=\"\(points.joined(separator: " "))\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\"/>")
    let y = name == "training" ? 235.0 : 215.0
    let last = String(format: "%.1f %%", 100 * (values.last ?? 0))
    parts.append(text("\(name), \(last) in the end", x: 345, y: y, color: color, anchor: "end"))
  }
  parts.append(text("epoch 1", x: 50, y: 268) + text("\(series[0].values.count)", x: 350, y: 268, anchor: "end"))
  return parts
}

/// Rows of digits with what each is taken for, red where that is wrong. Pixels of one grey are one path.
func grid(_ digits: Dataset, _ predictor: Predictor, rows: Int, columns: Int) throws -> [String] {
  guard case .classes(let labels) = digits.targets else { throw PictureError(description: "there are no classes") }
  let predictions = try predictor.predict(digits, rows: 0..<min(rows * columns, digits.count))
  var pixels: [Int: String] = [:]
  var captions: [String] = []
  for (index, prediction) in predictions.enumerated() {
    let (left, top) = (390 + 43 * (index % columns), 50 + 55 * (index / columns))
    for (position, brightness) in (digits.features(at: index)?.scalars ?? []).enumerated() where brightness > 0 {
      pixels[Int((brightness * 16).rounded()), default: ""] +=
        "M\(left + 4 * (position % 8)) \(top + 4 * (position / 8))h4v4h-4z"
    }
    let chosen = predictor.chosenClass(prediction) ?? -1
    let isRight = chosen == Int(labels[index])
    captions.append(text(
      isRight ? "\(chosen)" : "\(chosen), not \(labels[index])", x: Double(left + 16), y: Double(top + 46),
      color: isRight ? "#3a7d44" : "#c62828", anchor: "middle"))
  }
  let paths = pixels.sorted { $0.key < $1.key }.map { grey, path in
    "<path d=\"\(path)\" fill=\"#222\" fill-opacity=\"\(Double(grey) / 16)\"/>"
  }
  return paths + captions
}

guard CommandLine.arguments.count == 2, let file = FileManager.default.contents(atPath: CommandLine.arguments[1]) else {
  throw PictureError(description: "give the file with what 'chainrule train digits --json' printed")
}
let lines = try file.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(Line.self, from: $0) }
guard let summary = lines.last, let path = summary.model, let accuracy = summary.test_accuracy else {
  throw PictureError(description: "the last line does not sum up a training")
}
let test = try Digits.load().test
let predictor = try Model(contentsOf: path).predictor(batchSize: 64)
let title = String(format: "The first of %d held-back digits; %.1f %% are right", test.count, 100 * accuracy)
let parts = [
  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 750 285\" font-family=\"sans-serif\" font-size=\"12\">",
  "<rect width=\"750\" height=\"285\" rx=\"8\" fill=\"#fff\"/>", text("Accuracy", x: 50, y: 30),
  text(title, x: 390, y: 30),
] + curves(lines.filter { $0.epoch != nil }) + (try grid(test, predictor, rows: 4, columns: 8)) + ["</svg>"]
print(parts.joined(separator: "\n"))
