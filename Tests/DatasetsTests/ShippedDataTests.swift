import Datasets
import Testing

@Suite struct DigitsTests {
  @Test func areThoseOfTheSource() throws {
    let digits = try Digits.loadAll()
    #expect(digits.count == 1797)
    #expect(digits.featureShape == [8, 8])
    #expect(digits.classNames == ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"])
    // The counts that scikit-learn documents with the data.
    let counts = (0..<10).map { digit in digits.classes?.filter { $0 == digit }.count }
    #expect(counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    let firstRow: [Float] = [0, 0, 5, 13, 9, 1, 0, 0]
    #expect(digits.features(at: 0).map { Array($0.scalars.prefix(8)) } == firstRow.map { $0 / 16 })
    guard case .bytes(let pixels, _, _) = digits.features else {
      Issue.record("the digits are not held as bytes")
      return
    }
    #expect(pixels.max() == 16)
  }

  @Test func areSplitInProportion() throws {
    let (training, test) = try Digits.load()
    #expect(training.count == 1438)
    #expect(test.count == 359)
    #expect(try Digits.load(seed: 1).test.classes != test.classes)
    for digit: Int32 in 0..<10 {
      #expect((34...38).contains(test.classes?.filter { $0 == digit }.count ?? 0))
    }
  }
}

@Suite struct SyntheticTests {
  private func points(_ data: Dataset) -> [(x: Float, y: Float)] {
    (0..<data.count).compactMap { row in data.features(at: row).map { ($0.scalars[0], $0.scalars[1]) } }
  }

  @Test func exclusiveOr() {
    let data = Synthetic.xor()
    #expect(data.count == 4)
    #expect(points(data).map { $0.x != $0.y ? 1 : 0 } == data.classes)
  }

  @Test func moonsLieOnHalfCircles() throws {
    let data = try Synthetic.twoMoons(count: 101, noise: 0, seed: 0)
    #expect(data.classes == [Int32](repeating: 0, count: 51) + [Int32](repeating: 1, count: 50))
    for (point, label) in zip(points(data), data.classes ?? []) {
      let (x, y) = label == 0 ? point : (1 - point.x, 0.5 - point.y)
      #expect(abs(x * x + y * y - 1) < 1e-5)
      #expect(y > -1e-6)
    }
  }

  @Test func circlesHaveTheirRadii() throws {
    let data = try Synthetic.circles(count: 60, noise: 0, factor: 0.25, seed: 0)
    for (point, label) in zip(points(data), data.classes ?? []) {
      #expect(abs((point.x * point.x + point.y * point.y).squareRoot() - (label == 0 ? 1 : 0.25)) < 1e-5)
    }
  }

  @Test(arguments: [2, 3, 5])
  func spiralsWindOutOfTheOrigin(classCount: Int) throws {
    let data = try Synthetic.spirals(count: 100 * classCount, classCount: classCount, noise: 0, seed: 0)
    #expect(data.classNames.count == classCount)
    let points = points(data)
    for row in 0..<data.count {
      let radius = (points[row].x * points[row].x + points[row].y * points[row].y).squareRoot()
      #expect(abs(radius - Float(row % 100) / 99) < 1e-5)
    }
    // The outer ends of the arms lie apart.
    let ends = (0..<classCount).map { points[100 * $0 + 99] }
    for (index, end) in ends.enumerated() {
      for other in ends[(index + 1)...] {
        #expect(abs(end.x - other.x) + abs(end.y - other.y) > 0.5)
      }
    }
  }

  @Test func lineHasSlopeInterceptAndNoise() throws {
    let data = try Synthetic.line(count: 10_001, slope: 3, intercept: 0.5, noise: 0.2, seed: 4)
    guard case .values(let y) = data.targets, case .floats(let x) = data.features else {
      Issue.record("a line is numbers")
      return
    }
    #expect(x.first == -1)
    #expect(x.last == 1)
    let residuals = zip(x, y).map { Double($1) - 3 * Double($0) - 0.5 }
    let mean = residuals.reduce(0, +) / 10_001
    let variance = residuals.reduce(0) { $0 + $1 * $1 } / 10_001
    // Five standard errors each.
    #expect(abs(mean) < 0.01)
    #expect(abs(variance - 0.04) < 0.003)
    #expect(try Synthetic.line(count: 1, noise: 0, seed: 0).count == 1)
  }

  @Test func dependOnTheSeedAlone() throws {
    func x(_ data: Dataset) -> [Float] { points(data).map(\.x) }
    #expect(try x(Synthetic.twoMoons(count: 10, seed: 1)) == x(Synthetic.twoMoons(count: 10, seed: 1)))
    #expect(try x(Synthetic.twoMoons(count: 10, seed: 1)) != x(Synthetic.twoMoons(count: 10, seed: 2)))
    #expect(try x(Synthetic.circles(count: 10, seed: 1)) != x(Synthetic.circles(count: 10, seed: 2)))
    #expect(try x(Synthetic.spirals(count: 10, seed: 1)) != x(Synthetic.spirals(count: 10, seed: 2)))
  }

  @Test func refusesNumbersOutOfRange() {
    for count in [0, 1, -5, .max] {
      expect(.invalidArgument, mentioning: "number of points is \(count)") {
        try Synthetic.twoMoons(count: count, seed: 0)
      }
      expect(.invalidArgument, mentioning: "number of points is \(count)") {
        try Synthetic.circles(count: count, seed: 0)
      }
      expect(.invalidArgument, mentioning: "number of points is \(count)") {
        try Synthetic.spirals(count: count, seed: 0)
      }
    }
    expect(.invalidArgument, mentioning: "number of points is 0") { try Synthetic.line(count: 0, seed: 0) }
    for noise in [-1, .nan, .infinity] {
      expect(.invalidArgument, mentioning: "noise is \(noise)") {
        try Synthetic.twoMoons(count: 4, noise: noise, seed: 0)
      }
    }
    for factor in [-0.1, 1, .nan] {
      expect(.invalidArgument, mentioning: "factor is \(factor)") {
        try Synthetic.circles(count: 4, factor: factor, seed: 0)
      }
    }
    for classCount in [0, -1, 1001] {
      expect(.invalidArgument, mentioning: "classes is \(classCount)") {
        try Synthetic.spirals(count: 5000, classCount: classCount, seed: 0)
      }
    }
    expect(.invalidValue, mentioning: "target value") { try Synthetic.line(count: 4, slope: .nan, seed: 0) }
    expect(.invalidValue, mentioning: "target value") { try Synthetic.line(count: 4, slope: 1e300, seed: 0) }
  }
}
