import Operations
import ReferenceBackend
import Testing

/// The value of an expression in the given arrays, which are float32 inputs.
func value(of arrays: ShapedArray<Double>..., in expression: ([Tensor]) -> Tensor) throws -> ShapedArray<Double> {
  let graph = Graph()
  var interpreter = Interpreter()
  let tensors = arrays.enumerated().map { index, array in
    interpreter.values["x\(index)"] = array
    return graph.input("x\(index)", TensorType(array.shape))
  }
  return try interpreter.evaluate([expression(tensors)])[0]
}

/// Whether two arrays agree to 1e-12, relative where they are large, with NaN equal to NaN.
func agree(_ a: ShapedArray<Double>, _ b: ShapedArray<Double>) -> Bool {
  a.shape == b.shape && zip(a.scalars, b.scalars).allSatisfy {
    $0 == $1 || $0.isNaN && $1.isNaN || ($0 - $1).magnitude <= 1e-12 * max(1, $0.magnitude)
  }
}

/// Values that an expression on each side should share, for operations that can be said in terms of others.
@Suite struct ValueTests {
  let x = ShapedArray<Double>(shape: [3, 4], unchecked: (0..<12).map { Double(($0 * 7) % 12) / 4 - 1.3 })
  let y = ShapedArray<Double>(shape: [3, 4], unchecked: (0..<12).map { Double(($0 * 5) % 12) / 6 + 0.2 })

  @Test func elementwiseIdentities() throws {
    let identities: [(String, (Tensor, Tensor) -> Tensor, (Tensor, Tensor) -> Tensor)] = [
      ("subtract", { $0 - $1 }, { $0 + -$1 }),
      ("divide", { $0 / $1 }, { $0 * reciprocal($1) }),
      ("sine and cosine", { x, _ in sin(x) * sin(x) + cos(x) * cos(x) }, { x, _ in x.constantLike(1) }),
      ("sine of the double", { x, _ in sin(2 * x) }, { x, _ in 2 * sin(x) * cos(x) }),
      ("log of exp", { x, _ in log(exp(x)) }, { x, _ in x }),
      ("exp of sum", { exp($0 + $1) }, { exp($0) * exp($1) }),
      ("sqrt", { _, y in sqrt(y) * sqrt(y) }, { _, y in y }),
      ("tanh", { x, _ in tanh(x) }, { x, _ in (exp(x) - exp(-x)) / (exp(x) + exp(-x)) }),
      ("sigmoid", { x, _ in sigmoid(x) }, { x, _ in 1 / (1 + exp(-x)) }),
      ("softplus", { x, _ in softplus(x) }, { x, _ in log(1 + exp(x)) }),
      ("relu", { x, _ in relu(x) }, { x, _ in (x + abs(x)) / 2 }),
      ("abs", { x, _ in abs(x) }, { x, _ in sqrt(x * x) }),
      ("sign", { x, _ in sign(x) }, { x, _ in x / abs(x) }),
      ("erf is odd", { x, _ in erf(-x) }, { x, _ in -erf(x) }),
      ("maximum", { maximum($0, $1) }, { ($0 + $1 + abs($0 - $1)) / 2 }),
      ("minimum", { minimum($0, $1) }, { ($0 + $1 - abs($0 - $1)) / 2 }),
      ("clamp", { x, _ in clamp(x, from: -0.5, to: 0.7) }, { x, _ in minimum(maximum(x, -0.5), 0.7) }),
      ("pow", { pow($1, $0) }, { exp($0 * log($1)) }),
      ("cube", { x, _ in pow(x, 3) }, { x, _ in x * x * x }),
      ("negative cube", { x, _ in pow(x, -3) }, { x, _ in 1 / (x * x * x) }),
      ("pow of a number", { x, _ in pow(2, x) }, { x, _ in exp(x * log(x.constantLike(2))) }),
      ("select", { select($0 .> $1, $0, $1) }, { maximum($0, $1) }),
      ("step", { x, _ in step(x) }, { x, _ in (x .> 0).cast(to: .float32) }),
      ("floor", { x, _ in floor(x) }, { x, _ in x.cast(to: .int32).cast(to: .float32) - (x .< 0).cast(to: .float32) }),
      ("not equal", { ($0 .!= $1).cast(to: .float32) }, { 1 - ($0 .== $1).cast(to: .float32) }),
      ("less or equal", { ($0 .<= $1).cast(to: .float32) }, { 1 - ($0 .> $1).cast(to: .float32) }),
      ("less", { ($0 .< $1).cast(to: .float32) }, { 1 - ($0 .>= $1).cast(to: .float32) }),
      ("stopGradient", { x, _ in stopGradient(x) }, { x, _ in x }),
      ("numbers on the right", { x, _ in (x + 2 - 3) * 4 / 5 }, { x, _ in (x - 1) * 0.8 }),
      ("numbers on the left", { x, _ in 2 + (3 - 4 * x) }, { x, _ in 5 - x * 4 }),
    ]
    for (name, left, right) in identities {
      let (a, b) = (try value(of: x, y) { left($0[0], $0[1]) }, try value(of: x, y) { right($0[0], $0[1]) })
      #expect(agree(a, b), "\(name): \(a.scalars) and \(b.scalars)")
    }
  }

  /// The error function against Simpson's rule for its integral.
  @Test func errorFunctionIsTheIntegral() throws {
    let steps = 2000
    for end in [0.3, 1.0, 2.5] {
      let width = end / Double(steps)
      let places = ShapedArray((0...steps).map { Double($0) * width })
      let integrand = try value(of: places) { exp(-($0[0] * $0[0])) }.scalars
      let weighted = integrand.enumerated().map { index, height in
        height * (index == 0 || index == steps ? 1 : index % 2 == 1 ? 4 : 2)
      }
      let integral = 2 / Double.pi.squareRoot() * weighted.reduce(0, +) * width / 3
      let computed = try value(of: ShapedArray(scalar: end)) { erf($0[0]) }.scalars[0]
      #expect((computed - integral).magnitude < 1e-12)
    }
  }

  /// IEEE 754-2008, section 9.2.1.
  @Test func powerKnowsItsSpecialCases() {
    let inf = Double.infinity
    let cases: [(Double, Double, Double)] = [
      (0, 0, 1), (.nan, 0, 1), (1, .nan, 1), (0, 2, 0), (-0.0, 3, -0.0), (0, -1, inf), (-0.0, -1, -inf),
      (-0.0, -2, inf), (-2, 3, -8), (-2, 2, 4), (-2, -1, -0.5), (-2, 0.5, .nan), (-1, inf, 1), (-2, inf, inf),
      (-0.5, inf, 0),
      (inf, -1, 0), (-inf, 3, -inf), (-inf, 0.5, inf), (.nan, 1, .nan), (2, .nan, .nan), (4, 0.5, 2),
    ]
    for (base, exponent, expected) in cases {
      let computed = Power().scalar(base, exponent, 0)
      #expect(
        computed.isNaN && expected.isNaN || computed == expected && computed.sign == expected.sign,
        "\(base)^\(exponent) = \(computed)")
    }
  }

  @Test func notANumberPropagates() throws {
    let special = ShapedArray([Double.nan, 1])
    for function in [
      { relu($0) }, { sign($0) }, { abs($0) }, { $0.clamped(from: 0, to: 1) }, { maximum($0, 0) }, { minimum(0, $0) },
      { $0.max().broadcast(to: [2]) }, { $0.min().broadcast(to: [2]) }, { $0.softmax() }, { sigmoid($0) },
      { softplus($0) }, { $0.logSumExp().broadcast(to: [2]) },
    ] as [(Tensor) -> Tensor] {
      #expect(try value(of: special) { function($0[0]) }.scalars[0].isNaN)
    }
  }

  @Test func saturatedFunctionsStayFinite() throws {
    let large = ShapedArray([800.0, -800])
    #expect(try value(of: large) { sigmoid($0[0]) }.scalars == [1, 0])
    #expect(try value(of: large) { softplus($0[0]) }.scalars == [800, 0])
    #expect(try value(of: large) { tanh($0[0]) }.scalars == [1, -1])
    #expect(try value(of: large) { $0[0].logSumExp() }.scalars == [800])
    #expect(try value(of: large) { $0[0].softmax() }.scalars == [1, 0])
    #expect(try value(of: large) { $0[0].logSoftmax() }.scalars == [0, -1600])
  }

  @Test func castsTruncateAndSaturate() throws {
    let operand = ShapedArray([1.9, -1.9, 3e9, -3e9, .nan, .infinity, 0])
    let integers = try value(of: operand) { $0[0].cast(to: .int32) }.scalars
    #expect(integers == [1, -1, 2_147_483_647, -2_147_483_648, 0, 2_147_483_647, 0])
    #expect(try value(of: operand) { $0[0].cast(to: .bool) }.scalars == [1, 1, 1, 1, 1, 1, 0])
  }

  @Test func integersWrap() throws {
    let graph = Graph()
    let x = graph.constant(ShapedArray([2_147_483_647, -2_147_483_648]), .int32)
    #expect(try Interpreter().evaluate([x + 1, x - 1, -x, abs(x)]).map(\.scalars) == [
      [-2_147_483_648, -2_147_483_647], [2_147_483_646, 2_147_483_647], [-2_147_483_647, -2_147_483_648],
      [2_147_483_647, -2_147_483_648],
    ])
  }
}
