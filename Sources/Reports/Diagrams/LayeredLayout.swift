/// Places for the boxes of a directed graph without circles, in rows from top to bottom.
///
/// Rows are longest paths, the order in them that of barycentres. Source: Sugiyama, Tagawa and Toda, "Methods for
/// visual understanding of hierarchical system structures" (1981).
struct LayeredLayout {
  struct Point {
    var x: Double
    var y: Double
  }

  /// The middles of the boxes.
  private(set) var centers: [Point] = []
  /// The middles of the places that each edge passes between its ends, row by row.
  private(set) var bends: [[Point]] = []
  /// The rows that boxes stand in, from 0.
  private(set) var rowNumbers: [Int]
  private(set) var rowHeights: [Double] = []
  private(set) var width = 0.0
  private(set) var height = 0.0

  private static let margin = 20.0
  private static let columnGap = 24.0
  private static let rowGap = 44.0
  /// An edge that would need more places than this is drawn straight.
  private static let greatestBendCount = 20_000

  /// Boxes first, then the places that long edges pass through.
  private var widths: [Double]
  private var rows: [[Int]] = []
  private var above: [[Int]]
  private var below: [[Int]]

  /// - Parameter edges: pairs of positions among the boxes; without circles.
  init(widths: [Double], heights: [Double], edges: [(from: Int, to: Int)]) {
    self.widths = widths
    rowNumbers = Self.longestPaths(widths.count, edges)
    above = widths.map { _ in [] }
    below = widths.map { _ in [] }
    rows = Array(repeating: [], count: (rowNumbers.max() ?? -1) + 1)
    for box in widths.indices { rows[rowNumbers[box]].append(box) }
    let paths = edges.map { addPath($0.from, $0.to) }
    reduceCrossings()
    let x = columns()
    place(x, heights, paths)
  }

  private static func longestPaths(_ count: Int, _ edges: [(from: Int, to: Int)]) -> [Int] {
    var waiting = Array(repeating: 0, count: count)
    var users = Array(repeating: [Int](), count: count)
    for edge in edges {
      waiting[edge.to] += 1
      users[edge.from].append(edge.to)
    }
    var numbers = Array(repeating: 0, count: count)
    var ready = (0..<count).filter { waiting[$0] == 0 }
    while let box = ready.popLast() {
      for user in users[box] {
        numbers[user] = max(numbers[user], numbers[box] + 1)
        waiting[user] -= 1
        if waiting[user] == 0 { ready.append(user) }
      }
    }
    return numbers
  }

  /// - Returns: the places that the edge passes through.
  private mutating func addPath(_ from: Int, _ to: Int) -> [Int] {
    var path: [Int] = []
    var last = from
    let span = rowNumbers[from] + 1..<max(rowNumbers[to], rowNumbers[from] + 1)
    if widths.count + span.count <= Self.greatestBendCount {
      for row in span {
        let place = widths.count
        widths.append(4)
        above.append([])
        below.append([])
        rows[row].append(place)
        connect(last, place)
        path.append(place)
        last = place
      }
    }
    connect(last, to)
    return path
  }

  private mutating func connect(_ upper: Int, _ lower: Int) {
    below[upper].append(lower)
    above[lower].append(upper)
  }

  private mutating func reduceCrossings() {
    var best = (rows: rows, crossings: crossingCount())
    for sweep in 0..<16 where best.crossings > 0 {
      let isDown = sweep.isMultiple(of: 2)
      for row in isDown ? Array(rows.indices) : rows.indices.reversed() {
        let neighbours = isDown ? above : below
        var positions: [Int: Double] = [:]
        for other in [row - 1, row + 1] where rows.indices.contains(other) {
          for (position, place) in rows[other].enumerated() { positions[place] = Double(position) }
        }
        var keys: [(key: Double, position: Int, place: Int)] = []
        for (position, place) in rows[row].enumerated() {
          let all = neighbours[place].compactMap { positions[$0] }
          let key = all.isEmpty ? Double(position) : all.reduce(0, +) / Double(all.count)
          keys.append((key: key, position: position, place: place))
        }
        keys.sort { ($0.key, $0.position) < ($1.key, $1.position) }
        rows[row] = keys.map { $0.place }
      }
      let crossings = crossingCount()
      if crossings < best.crossings { best = (rows, crossings) }
    }
    rows = best.rows
  }

  private func crossingCount() -> Int {
    var count = 0
    for (upper, lower) in zip(rows, rows.dropFirst()) {
      var positions: [Int: Int] = [:]
      for (position, place) in lower.enumerated() { positions[place] = position }
      let ends = upper.flatMap { below[$0].compactMap { positions[$0] }.sorted() }
      count += inversionCount(ends, below: lower.count)
    }
    return count
  }

  /// How many pairs stand in the wrong order, with a Fenwick tree.
  private func inversionCount(_ values: [Int], below bound: Int) -> Int {
    var tree = Array(repeating: 0, count: bound + 1)
    var count = 0
    for (seen, value) in values.enumerated() {
      var notGreater = 0
      var index = value + 1
      while index > 0 {
        notGreater += tree[index]
        index -= index & -index
      }
      count += seen - notGreater
      index = value + 1
      while index <= bound {
        tree[index] += 1
        index += index & -index
      }
    }
    return count
  }

  /// The middles of all places: each as near as the others of its row let it to the mean of those that it is joined to.
  private func columns() -> [Double] {
    var x = widths.map { _ in 0.0 }
    for row in rows {
      var left = 0.0
      for place in row {
        x[place] = left + widths[place] / 2
        left += widths[place] + Self.columnGap
      }
      for place in row { x[place] -= left / 2 }
    }
    for sweep in 0..<24 {
      for row in sweep.isMultiple(of: 2) ? rows : rows.reversed() {
        let wanted = row.map { place in
          let neighbours = above[place] + below[place]
          return neighbours.isEmpty
            ? x[place] : neighbours.reduce(0) { $0 + x[$1] } / Double(neighbours.count)
        }
        for (place, value) in zip(row, spread(row, wanted)) { x[place] = value }
      }
    }
    return x
  }

  /// What is wanted, pushed apart from the left and from the right, and the mean of both.
  private func spread(_ row: [Int], _ wanted: [Double]) -> [Double] {
    var (fromLeft, fromRight) = (wanted, wanted)
    for index in row.indices.dropFirst() {
      fromLeft[index] = max(wanted[index], fromLeft[index - 1] + distance(row[index - 1], row[index]))
    }
    for index in row.indices.dropLast().reversed() {
      fromRight[index] = min(wanted[index], fromRight[index + 1] - distance(row[index], row[index + 1]))
    }
    return zip(fromLeft, fromRight).map { ($0 + $1) / 2 }
  }

  private func distance(_ left: Int, _ right: Int) -> Double {
    (widths[left] + widths[right]) / 2 + Self.columnGap
  }

  private mutating func place(_ x: [Double], _ heights: [Double], _ paths: [[Int]]) {
    rowHeights = rows.map { row in row.map { $0 < heights.count ? heights[$0] : 0 }.max() ?? 0 }
    var top = Self.margin
    let middles = rowHeights.map { height in
      defer { top += height + Self.rowGap }
      return top + height / 2
    }
    height = max(0, top - Self.rowGap) + Self.margin
    let left = x.indices.map { x[$0] - widths[$0] / 2 }.min() ?? 0
    let right = x.indices.map { x[$0] + widths[$0] / 2 }.max() ?? 0
    width = right - left + 2 * Self.margin
    var rowOf = widths.map { _ in 0 }
    for (number, row) in rows.enumerated() { for place in row { rowOf[place] = number } }
    func point(_ place: Int) -> Point { Point(x: x[place] - left + Self.margin, y: middles[rowOf[place]]) }
    centers = heights.indices.map(point)
    bends = paths.map { $0.map(point) }
  }
}
