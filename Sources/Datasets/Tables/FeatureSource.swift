#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Where the numbers that a network is given of a column come from.
enum FeatureSource {
  case scaled([Double], NumberScaling, replacement: Double)
  /// 1 where there is no value.
  case isMissing(Table.Values)
  /// The sine or the cosine of the share of a cycle that a date has passed; 0 where there is none.
  case cycle([Double], ColumnEncoding.Cycle, isCosine: Bool)
  /// The places of categories, then one for all others, then perhaps one for missing ones.
  case categories(ValuePlaces, other: Float, missing: Float)

  /// Writes the numbers of some rows, `stride` apart.
  func write(_ rows: ArraySlice<Int>, to destination: UnsafeMutablePointer<Float>, stride: Int) {
    func each(_ number: (Int) -> Float) {
      var place = destination
      for row in rows {
        place.pointee = number(row)
        place += stride
      }
    }
    switch self {
    case .scaled(let numbers, let scaling, let replacement):
      each { row in
        let number = numbers[row]
        return scaling(number.isNaN ? replacement : number)
      }
    case .isMissing(let values): each { values.isMissing($0) ? 1 : 0 }
    case .cycle(let seconds, let cycle, let isCosine):
      each { row in
        guard !seconds[row].isNaN else { return 0 }
        let angle = 2 * Double.pi * ColumnEncoding.share(seconds[row], cycle)
        return Float(isCosine ? cos(angle) : sin(angle))
      }
    case .categories(let places, let other, let missing):
      each { row in
        let place = places[row]
        return place >= 0 ? Float(place) : place == ValuePlaces.missing ? missing : other
      }
    }
  }
}

/// The numbers of several columns, row by row.
func interleaved(_ sources: [FeatureSource], _ rows: [Int]) -> [Float] {
  let width = sources.count
  return [Float](inLargePages: rows.count * width) { result, count in
    if let start = result.baseAddress {
      // Few enough that what is written of a row stays in the cache until all of its columns are.
      let blockSize = 2048
      nonisolated(unsafe) let start = start
      _ = onAllProcessors((rows.count + blockSize - 1) / blockSize) { block in
        let part = rows[(block * blockSize)..<min((block + 1) * blockSize, rows.count)]
        for (column, source) in sources.enumerated() {
          source.write(part, to: start + part.startIndex * width + column, stride: width)
        }
      }
    }
    count = rows.count * width
  }
}
