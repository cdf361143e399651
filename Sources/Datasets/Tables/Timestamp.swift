/// The order of the parts of a date.
public enum DateOrder: String, Hashable, Sendable, Codable, CaseIterable {
  /// 2024-02-29
  case yearMonthDay
  /// 29.02.2024
  case dayMonthYear
  /// 02/29/2024
  case monthDayYear
}

/// A point in time in the proleptic Gregorian calendar, in UTC.
struct Timestamp {
  /// Since the beginning of 1970.
  let seconds: Double

  init(seconds: Double) { self.seconds = seconds }

  /// The order of the parts of a date, and the sign between them.
  struct Format: Hashable {
    let order: DateOrder
    let separator: UInt8

    /// Those in which dates are looked for.
    /// - Parameter order: the only one, besides the year first; any when nil.
    static func all(_ order: DateOrder?) -> [Format] {
      DateOrder.allCases.filter { order == nil || $0 == order || $0 == .yearMonthDay }.flatMap { order in
        "-/.".utf8.map { Format(order: order, separator: $0) }
      }
    }
  }

  /// Reads `2024-02-29`, `2024-02-29 13:05`, `2024-02-29T13:05:09.5Z`, `…+01:00`, and the same with a date in another
  /// order; nil when it is none of them or there is no such day.
  init?(_ bytes: UnsafeRawBufferPointer, _ format: Format) {
    var text = ByteScanner(bytes)
    guard let first = text.number(1...4), text.skip(format.separator), let second = text.number(1...2),
      text.skip(format.separator), let third = text.number(1...4)
    else { return nil }
    let (year, month, day) =
      switch format.order {
      case .yearMonthDay: (first, second, third)
      case .dayMonthYear: (third, second, first)
      case .monthDayYear: (third, first, second)
      }
    guard (1000...9999).contains(year), (1...12).contains(month), day >= 1, day <= Self.dayCount(year, month) else {
      return nil
    }
    guard let time = Self.time(&text) else { return nil }
    seconds = Double(Self.days(year, month, day)) * 86_400 + time
  }

  /// The seconds since midnight, 0 where there is no time; nil when something else follows.
  private static func time(_ text: inout ByteScanner) -> Double? {
    if text.isAtEnd { return 0 }
    guard text.skip(UInt8(ascii: "T")) || text.skip(UInt8(ascii: " ")), let hour = text.number(1...2), hour < 24,
      text.skip(UInt8(ascii: ":")), let minute = text.number(2...2), minute < 60
    else { return nil }
    var seconds = Double(hour * 3600 + minute * 60)
    if text.skip(UInt8(ascii: ":")) {
      guard let second = text.number(2...2), second <= 60 else { return nil }
      seconds += Double(second)
      if text.skip(UInt8(ascii: ".")) {
        guard let fraction = text.fraction() else { return nil }
        seconds += fraction
      }
    }
    if text.skip(UInt8(ascii: "Z")) || text.isAtEnd { return text.isAtEnd ? seconds : nil }
    let isAhead = text.skip(UInt8(ascii: "+"))
    guard isAhead || text.skip(UInt8(ascii: "-")), let hours = text.number(2...2), hours <= 14 else { return nil }
    _ = text.skip(UInt8(ascii: ":"))
    let minutes = text.isAtEnd ? 0 : text.number(2...2)
    guard let minutes, minutes < 60, text.isAtEnd else { return nil }
    return seconds + Double(hours * 3600 + minutes * 60) * (isAhead ? -1 : 1)
  }

  private static func dayCount(_ year: Int, _ month: Int) -> Int {
    let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  /// The days from 1970-01-01. Source: Howard Hinnant, "chrono-compatible low-level date algorithms",
  /// `days_from_civil`.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// Whole days since 1970-01-01, and the seconds since midnight.
  private var parts: (day: Int, second: Double) {
    // Beyond the years that can be read there are no dates.
    let bounded = min(max(seconds, -1e12), 1e12)
    let day = (bounded / 86_400).rounded(.down)
    return (Int(day), bounded - day * 86_400)
  }

  /// Source: Hinnant's `civil_from_days`.
  private var civil: (year: Int, month: Int, day: Int) {
    let shifted = parts.day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    )
  }

  /// The share of the year that has passed, from 0 to below 1.
  var shareOfYear: Double {
    let year = civil.year
    let start = Self.days(year, 1, 1)
    return (Double(parts.day - start) + parts.second / 86_400) / Double(Self.days(year + 1, 1, 1) - start)
  }

  /// The share of the week that has passed, from 0 at Monday's beginning to below 1.
  var shareOfWeek: Double {
    // 1970-01-01 was a Thursday.
    let day = ((parts.day + 3) % 7 + 7) % 7
    return (Double(day) + parts.second / 86_400) / 7
  }

  /// The share of the day that has passed, from 0 to below 1.
  var shareOfDay: Double { parts.second / 86_400 }

  /// `2024-02-29`, or `2024-02-29 13:05:09` where it is not midnight.
  var text: String {
    func padded(_ number: Int, _ width: Int = 2) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let (year, month, day) = civil
    let date = "\(padded(year, 4))-\(padded(month))-\(padded(day))"
    let second = Int(parts.second)
    guard second > 0 else { return date }
    return "\(date) \(padded(second / 3600)):\(padded(second / 60 % 60)):\(padded(second % 60))"
  }
}

/// A date as people read it, from the seconds since the beginning of 1970 in UTC; empty for NaN, which stands for none.
public func dateText(seconds: Double) -> String { seconds.isNaN ? "" : Timestamp(seconds: seconds).text }

/// Reads small numbers and signs from bytes.
private struct ByteScanner {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func skip(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func digit() -> Int? {
    guard position < bytes.count, (48...57).contains(bytes[position]) else { return nil }
    position += 1
    return Int(bytes[position - 1]) - 48
  }

  /// A number of so many digits; nil when there are fewer or more.
  mutating func number(_ digitCounts: ClosedRange<Int>) -> Int? {
    var (value, count) = (0, 0)
    while count < digitCounts.upperBound, let digit = digit() {
      value = value * 10 + digit
      count += 1
    }
    return digitCounts.contains(count) ? value : nil
  }

  /// Digits after a decimal point.
  mutating func fraction() -> Double? {
    var (value, scale, count) = (0.0, 1.0, 0)
    while let digit = digit() {
      scale /= 10
      value += Double(digit) * scale
      count += 1
    }
    return count > 0 ? value : nil
  }
}
