import Chainrule
import Foundation

/// The settings that a sweep goes through.
struct SweepSpace {
  /// Values for the options that are varied.
  struct Setting {
    let values: [(option: TrainOption, value: Experiment.Value)]
    /// Such as `learning-rate=0.01 hidden=64,32`.
    var text: String { values.map { "\($0.option.name)=\(Self.text($0.value))" }.joined(separator: " ") }

    private static func text(_ value: Experiment.Value) -> String {
      if case .flag(let isSet) = value { "\(isSet)" } else { value.word ?? "" }
    }
  }

  /// An option and what it may be.
  private struct Axis {
    let option: TrainOption
    /// The values to go through; empty where there is a range.
    var values: [Experiment.Value] = []
    /// Numbers to draw from.
    var range: ClosedRange<Double>?
    /// Whether only whole numbers are drawn.
    var isWhole = false
  }

  /// The learning rates that are tried unless something else is asked for.
  static let ladder = "learning-rate=0.001,0.003,0.01,0.03,0.1"
  private static let greatestCount = 100_000
  private static let standardDrawCount = 20

  private let axes: [Axis]

  /// - Parameter descriptions: such as `learning-rate=0.001,0.01`, `hidden=32/64,32` or `dropout=0..0.5`.
  /// - Throws: `UsageError` that names what cannot be used.
  init(_ descriptions: [String]) throws {
    axes = try descriptions.map(Self.axis)
    for (index, axis) in axes.enumerated() where axes.prefix(index).contains(where: { $0.option.key == axis.option.key }) {
      throw UsageError("--vary names \(axis.option.name) twice; give all of its values at once.")
    }
    let count = axes.reduce(1.0) { $0 * Double(max($1.values.count, 1)) }
    guard count <= Double(Self.greatestCount) else {
      throw UsageError(
        "These are \(fixed(count, 0)) combinations, more than \(grouped(Self.greatestCount)); vary fewer options.")
    }
  }

  private static func axis(_ text: String) throws -> Axis {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, let option = TrainOption(named: parts[0]) else {
      throw UsageError(
        "'--vary \(text)' cannot be used; write an option of 'chainrule train' and its values, such as "
          + "learning-rate=0.01,0.1.")
    }
    guard option.isOfLearning else {
      throw UsageError("--\(option.name) says where 'chainrule train' writes, so a sweep cannot vary it.")
    }
    if option.isFlag {
      let values = parts[1].split(separator: ",").map(String.init)
      guard values.allSatisfy({ $0 == "true" || $0 == "false" }) else {
        throw UsageError("--\(option.name) is true or false: --vary \(option.name)=true,false.")
      }
      return Axis(option: option, values: values.map { .flag($0 == "true") })
    }
    if let axis = try range(parts[1], of: option) { return axis }
    let sign: Character = parts[1].contains("/") && !option.takesFile ? "/" : ","
    let words = parts[1].split(separator: sign).map(String.init)
    guard !words.isEmpty else { throw UsageError("'--vary \(text)' names no values.") }
    return Axis(option: option, values: words.map { Experiment.Value(word: $0, of: option) })
  }

  /// A range such as `0.001..0.1`; nil for anything else.
  private static func range(_ text: String, of option: TrainOption) throws -> Axis? {
    guard let dots = text.range(of: "..") else { return nil }
    let ends = [String(text[..<dots.lowerBound]), String(text[dots.upperBound...])]
    let numbers = ends.compactMap(Double.init)
    guard numbers.count == 2 else { return nil }
    guard numbers.allSatisfy(\.isFinite), numbers[0] < numbers[1], abs(numbers[0]) < 1e15, numbers[1] < 1e15 else {
      throw UsageError("'--vary \(option.name)=\(text)' must go from a lesser number to a greater one.")
    }
    return Axis(option: option, range: numbers[0]...numbers[1], isWhole: ends.allSatisfy { Int($0) != nil })
  }

  /// Whether there is more to draw than can be gone through.
  var hasRanges: Bool { axes.contains { $0.range != nil } }

  /// Every combination; the last option varies fastest.
  /// - Throws: `UsageError` where a range has no end of combinations.
  func combinations() throws -> [Setting] {
    if let axis = axes.first(where: { $0.range != nil }) {
      throw UsageError(
        "--vary \(axis.option.name) is a range, which is for --method random and halving; for a grid name the values.")
    }
    let rows: [[Experiment.Value]] = axes.reduce([[]]) { rows, axis in rows.flatMap { row in axis.values.map { row + [$0] } } }
    return rows.map { row in Setting(values: zip(axes, row).map { ($0.option, $1) }) }
  }

  /// Some of the combinations, or draws from ranges, in an order that follows from the seed. Between positive numbers
  /// the logarithm is drawn, since learning rates and the like matter by their ratios.
  /// - Parameter count: how many; where nil all combinations, or 20 draws.
  func sample(_ count: Int?, seed: UInt64) throws -> [Setting] {
    var generator = PhiloxGenerator(seed: seed)
    guard hasRanges else { return Array(try combinations().shuffled(using: &generator).prefix(count ?? .max)) }
    return (0..<min(count ?? Self.standardDrawCount, Self.greatestCount)).map { _ in
      Setting(values: axes.map { ($0.option, Self.draw($0, &generator)) })
    }
  }

  private static func draw(_ axis: Axis, _ generator: inout PhiloxGenerator) -> Experiment.Value {
    guard let range = axis.range else { return axis.values.randomElement(using: &generator) ?? .text("") }
    let share = Double.random(in: 0...1, using: &generator)
    let (low, high) = (range.lowerBound, range.upperBound)
    let number = low > 0 ? exp(log(low) + share * (log(high) - log(low))) : low + share * (high - low)
    if axis.isWhole { return .whole(Int(min(max(number.rounded(), low), high))) }
    return .number(min(max(Double(roundedRate(number)) ?? number, low), high))
  }
}
