/// Numbers that a column of text has most of: written in another way than the table's other ones, or among other texts.
struct NumberNotation {
  /// What is found, and what to do to learn from the numbers.
  let message: String

  /// The greatest number of different texts that are named as marks of missing values.
  private static let greatestMarkCount = 4

  /// Nil where no more than half of the values look like numbers.
  init?(_ column: Table.Column, in table: Table) {
    guard case .text(let text) = column.values else { return nil }
    let decimal = table.dialect.map { Character(Unicode.Scalar($0.decimal)) } ?? "."
    var (valueCount, numberCount) = (0, 0)
    var (others, signs): ([String], [Character]) = ([], [])
    var forms: Set<WrittenNumber.Form> = []
    var example: String?
    for (value, count) in zip(text.dictionary, text.counts(0..<table.rowCount)) where count > 0 {
      valueCount += count
      guard let number = WrittenNumber(value, decimal: decimal) else {
        others.append(value)
        continue
      }
      numberCount += count
      forms.insert(number.form)
      if let sign = number.sign, !signs.contains(sign) { signs.append(sign) }
      if number.form != .plain || number.sign != nil, example == nil { example = value }
    }
    guard numberCount * 2 > valueCount else { return nil }
    var steps = Steps(others, signs, forms, decimal: decimal, in: table)
    if table.dialect == nil { steps.options.append("--column '\(column.name)=numeric'") }
    guard let advice = steps.text else { return nil }
    var message = "'\(column.name)' has " + (example.map { "numbers such as '\($0)'" } ?? "numbers")
    if let other = others.first {
      message += " in \(100 * numberCount / valueCount) % of its values, but also texts such as '\(other)'"
    }
    self.message = message + ", and is read as text: to learn from its numbers, \(advice); if they are categories, say "
      + "so: --column '\(column.name)=categorical'"
  }

  /// What to do about a text where there must be a number or a date.
  static func advice(on text: String, decimal: UInt8, delimiter: UInt8) -> String {
    let isComma = decimal == UInt8(ascii: ",")
    let number = WrittenNumber(text, decimal: isComma ? "," : ".")
    if number?.form == .otherDecimal, number?.sign == nil, isComma || delimiter != UInt8(ascii: ",") {
      return "correct it, or read the file with \(isComma ? "--no-decimal-comma" : "--decimal-comma")"
    }
    return "correct it, or say that it stands for a missing value: --missing='\(text)'"
  }

  /// What makes numbers of a column.
  private struct Steps {
    /// What to do to the file.
    var changes: [String] = []
    /// What to read it with.
    var options: [String] = []
    private var isWithoutComma = false

    init(
      _ others: [String], _ signs: [Character], _ forms: Set<WrittenNumber.Form>, decimal: Character, in table: Table
    ) {
      let hasOtherDecimal = !forms.isDisjoint(with: [.otherDecimal, .otherGroups])
      if !signs.isEmpty { changes.append("remove \(signs.map { "'\($0)'" }.joined(separator: " and "))") }
      // One thousand and a fraction of three digits look alike, so other values decide.
      if forms.contains(.otherGroups) || (forms.contains(.groups) && !hasOtherDecimal) {
        let isComma = (decimal == ".") != hasOtherDecimal
        changes.append("remove the \(isComma ? "commas" : "points") between thousands")
      }
      if hasOtherDecimal {
        if decimal == "," {
          isWithoutComma = true
        } else if let dialect = table.dialect, dialect.delimiter != UInt8(ascii: ",") {
          options.append("--decimal-comma")
        } else {
          changes.append("write points before fractions")
        }
      }
      if others.count > NumberNotation.greatestMarkCount {
        changes.append("correct or empty what is no number")
      } else {
        options += others.map { "--missing='\($0)'" }
      }
    }

    var text: String? {
      let steps = [
        changes.isEmpty ? nil : changes.joined(separator: ", ") + " in the file",
        options.isEmpty ? nil : "read it with " + options.joined(separator: " "),
        isWithoutComma ? "read it without --decimal-comma" : nil,
      ].compactMap { $0 }
      return steps.isEmpty ? nil : steps.joined(separator: ", and ")
    }
  }
}

/// A text that looks like a number.
private struct WrittenNumber {
  enum Form {
    /// As the table's other numbers.
    case plain
    /// With the other one of point and comma before the fraction.
    case otherDecimal
    /// With the other one of point and comma between thousands.
    case groups
    /// With the table's decimal sign between thousands.
    case otherGroups
  }

  let form: Form
  /// Of a currency or percent.
  private(set) var sign: Character?

  /// - Parameter decimal: the sign before fractions, a point or a comma.
  init?(_ text: String, decimal: Character) {
    var rest = Substring(text)
    while let first = rest.first, "+-".contains(first) || first.isWhitespace || isSign(first) {
      if isSign(first) { sign = first }
      rest.removeFirst()
    }
    while let last = rest.last, last.isWhitespace || isSign(last) {
      if isSign(last) { sign = last }
      rest.removeLast()
    }
    let other: Character = decimal == "." ? "," : "."
    if isNumber(rest, decimal: decimal) {
      form = .plain
    } else if isGrouped(rest, by: other, decimal: decimal) {
      form = .groups
    } else if isNumber(rest, decimal: other) {
      form = .otherDecimal
    } else if isGrouped(rest, by: decimal, decimal: other) {
      form = .otherGroups
    } else {
      return nil
    }
  }
}

private func isSign(_ character: Character) -> Bool { character == "%" || character.isCurrencySymbol }

private func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }

private func isNumber(_ text: Substring, decimal: Character) -> Bool {
  guard text.first.map({ isDigit($0) || $0 == decimal }) ?? false,
    text.allSatisfy({ isDigit($0) || $0 == decimal || "eE+-".contains($0) })
  else { return false }
  return Double(String(text.map { $0 == decimal ? "." : $0 }))?.isFinite ?? false
}

/// Whether a number has all of its thousands apart, such as `1,234,567.8`.
private func isGrouped(_ text: Substring, by separator: Character, decimal: Character) -> Bool {
  let parts = text.split(separator: decimal, maxSplits: 1, omittingEmptySubsequences: false)
  let groups = (parts.first ?? "").split(separator: separator, omittingEmptySubsequences: false)
  guard let first = groups.first, groups.count > 1, (1...3).contains(first.count), first.first != "0" else {
    return false
  }
  return groups.dropFirst().allSatisfy { $0.count == 3 } && groups.allSatisfy { $0.allSatisfy(isDigit) }
    && parts.dropFirst().allSatisfy { $0.allSatisfy(isDigit) }
}

extension TableInspection.Warning {
  /// Columns that have numbers, but were read as text.
  /// - Parameter isAskedFor: whether someone said what a column is.
  static func notation(_ table: Table, isAskedFor: (String) -> Bool) -> [Self] {
    table.columns.compactMap { column in
      guard !isAskedFor(column.name), let notation = NumberNotation(column, in: table) else { return nil }
      return Self(kind: .notation, columns: [column.name], message: notation.message)
    }
  }

  /// Rows that cannot be learned from.
  static func unknownTarget(_ count: Int, of rowCount: Int, _ target: [String]) -> [Self] {
    guard count > 0 else { return [] }
    let names = target.map { "'\($0)'" }.joined(separator: ", ")
    return [
      Self(
        kind: .unknownTarget, columns: target,
        message: "\(count) of \(rowCount) rows have no value in the target \(names) and are left out")
    ]
  }
}
