import CTables

/// The numbers that some rows have, without the missing ones, from the least to the greatest: sorted once for all that
/// is learned from them.
struct KnownNumbers {
  let sorted: [Double]
  /// 0 where there are none.
  let mean: Double
  let standardDeviation: Double
  /// The mean cube of the standardised numbers: 0 where both sides are alike.
  let skewness: Double

  init(_ values: [Double], rows: some Collection<Int>) {
    let known = [Double](unsafeUninitializedCapacity: rows.count) { known, count in
      values.withUnsafeBufferPointer { values in
        for row in rows where !values[row].isNaN {
          known[count] = values[row]
          count += 1
        }
      }
    }
    let count = Double(max(known.count, 1))
    let mean = known.reduce(0) { $0 + $1 / count }
    let deviation = Self.deviation(known, mean)
    skewness =
      deviation > 0
      ? known.reduce(0) { sum, number in
        let z = (number - mean) / deviation
        return sum + z * z * z / count
      } : 0
    (self.mean, standardDeviation) = (mean, deviation)
    sorted = ascending(known)
  }

  private static func deviation(_ numbers: [Double], _ mean: Double) -> Double {
    let count = Double(max(numbers.count, 1))
    let deviation = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) / count }.squareRoot()
    guard deviation == 0 || !deviation.isFinite else { return deviation }
    // Squares of very small or very large numbers are 0 or infinite; those of shares of the greatest distance are not.
    let greatest = numbers.reduce(0) { max($0, abs($1 / 2 - mean / 2)) }
    guard greatest > 0 else { return 0 }
    let variance = numbers.reduce(0) { sum, number in
      let share = (number / 2 - mean / 2) / greatest
      return sum + share * share / count
    }
    return 2 * (variance.squareRoot() * greatest)
  }

  /// Of a column of numbers or dates; nil for text.
  init?(_ values: Table.Values, rows: some Collection<Int>) {
    guard let numbers = values.numbers else { return nil }
    self.init(numbers, rows: rows)
  }

  var count: Int { sorted.count }

  /// The number below which a share of them lies, between neighbours in proportion.
  func quantile(_ share: Double) -> Double {
    guard let last = sorted.last else { return .nan }
    let position = share * Double(sorted.count - 1)
    let index = Int(position)
    guard index + 1 < sorted.count else { return last }
    let part = position - Double(index)
    return sorted[index] * (1 - part) + sorted[index + 1] * part
  }

  /// Calls `body` with each different number, ascending, and the range of its places among all.
  func forEachDifferent(_ body: (Double, Range<Int>) -> Void) {
    sorted.withUnsafeBufferPointer { sorted in
      var start = 0
      while start < sorted.count {
        var end = start + 1
        while end < sorted.count, sorted[end] == sorted[start] { end += 1 }
        body(sorted[start], start..<end)
        start = end
      }
    }
  }
}

/// Numbers, none of which is NaN, from the least to the greatest.
private func ascending(_ numbers: consuming [Double]) -> [Double] {
  // What sorting by digits needs is not worth it for few.
  guard numbers.count > 2000 else { return numbers.sorted() }
  let count = numbers.count
  numbers.withUnsafeMutableBufferPointer { numbers in
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { scratch in
      chainrule_sort_numbers(numbers.baseAddress, scratch.baseAddress, count)
    }
  }
  return numbers
}
