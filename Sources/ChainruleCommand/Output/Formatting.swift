import Chainrule
import Foundation

// Numbers as people read them. `String(format:)` and formatters load tables that take longer than a small training run.

/// A number with a fixed number of digits after the point.
func fixed(_ value: Double, _ digits: Int) -> String {
  guard value.isFinite else { return "\(value)" }
  let scale = pow(10, Double(digits))
  let scaled = (abs(value) * scale).rounded()
  guard scaled < 1e15 else { return "\(value)" }
  let sign = value < 0 && scaled > 0 ? "-" : ""
  let (whole, part) = Int(scaled).quotientAndRemainder(dividingBy: Int(scale))
  return digits == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(String(part).padded(to: digits, with: "0"))"
}

/// A loss: four digits after the point, or a power of ten where that would hide it.
func loss(_ value: Double) -> String {
  guard value.isFinite, abs(value) >= .leastNormalMagnitude, abs(value) < 0.001 || abs(value) >= 100_000 else {
    return fixed(value, 4)
  }
  var exponent = Int(floor(log10(abs(value))))
  // 9.996 has two digits before the point when it is rounded.
  if (abs(value) / pow(10, Double(exponent)) * 100).rounded() >= 1000 { exponent += 1 }
  return "\(fixed(value / pow(10, Double(exponent)), 2))e\(exponent)"
}

/// A share of 1 in percent. Only what is all of it is called 100 %.
func percent(_ share: Double) -> String {
  share < 1 && share >= 0.9995 ? "99.9 %" : "\(fixed(share * 100, 1)) %"
}

/// A whole number with its thousands apart.
func grouped(_ number: Int) -> String {
  let digits = Array(String(number.magnitude))
  let groups = stride(from: digits.count, to: 0, by: -3).map { String(digits[max(0, $0 - 3)..<$0]) }
  return (number < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
}

/// A message that what it quotes, from whatever file, cannot garble: control characters are written as escapes, and the
/// middle of very long ones is left out.
func readable(_ message: String) -> String {
  let scalars = Array(message.unicodeScalars)
  func text(_ scalars: some Collection<Unicode.Scalar>) -> String {
    scalars.map { $0.properties.generalCategory == .control ? $0.escaped(asASCII: true) : String($0) }.joined()
  }
  guard scalars.count > 2000 else { return text(scalars) }
  // What is wrong stands before a quotation, what to do after it.
  return "\(text(scalars.prefix(1000))) … \(text(scalars.suffix(500)))"
}

/// `1 image`, `2 images`.
func counted(_ number: Int, _ noun: String, _ nouns: String? = nil) -> String {
  "\(grouped(number)) \(number == 1 ? noun : nouns ?? noun + "s")"
}

/// How long a run was: `3 epochs`, or `200 steps` of one that is counted in steps.
func length(epochs: Int?, steps: Int?) -> String {
  steps.map { counted($0, "step") } ?? counted(epochs ?? 0, "epoch")
}

extension TrainingReport {
  var length: String {
    ChainruleCommand.length(epochs: epochs.count, steps: isOfSteps ? stepCount : nil)
  }
}

/// A time span: `0.84 s`, `12.3 s`, `4 min 5 s`, `2 h 7 min`.
func duration(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds < 1e9 else { return "?" }
  if seconds < 10 { return "\(fixed(seconds, 2)) s" }
  if seconds < 59.95 { return "\(fixed(seconds, 1)) s" }
  let whole = Int(seconds.rounded())
  return whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
}

/// A size: `38 KB`.
func byteCount(_ count: Int) -> String {
  switch count {
  case ..<1000: "\(count) bytes"
  case ..<1_000_000: "\(fixed(Double(count) / 1e3, 0)) KB"
  default: "\(fixed(Double(count) / 1e6, 1)) MB"
  }
}

extension String {
  /// The text at the right of so many columns.
  func padded(to width: Int, with padding: Character = " ") -> String {
    String(repeating: padding, count: Swift.max(0, width - count)) + self
  }

  /// The text at the left of so many columns.
  func leading(_ width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }
}

/// A word as it must be typed into a shell.
func quoted(_ word: String) -> String {
  let isPlain = !word.isEmpty && word.unicodeScalars.allSatisfy { CharacterSet.plain.contains($0) }
  return isPlain ? word : "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
}

extension CharacterSet {
  fileprivate static let plain = CharacterSet(charactersIn: "a"..."z")
    .union(CharacterSet(charactersIn: "A"..."Z")).union(CharacterSet(charactersIn: "0"..."9"))
    .union(CharacterSet(charactersIn: "-_./,:=@%+"))
}
