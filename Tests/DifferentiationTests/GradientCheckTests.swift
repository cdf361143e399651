import Differentiation
import Testing

/// A smooth sample with real operands, for the chain rule to be checked on.
struct SmoothCase: Sendable, CustomTestStringConvertible {
  let sample: OperationSample
  let number: Int

  var testDescription: String { "\(sample.operation.name) \(number) \(sample.operandTypes) \(sample.note)" }

  static let all: [SmoothCase] = Catalog.operations.flatMap { type in
    type.samples.enumerated().map { SmoothCase(sample: $1, number: $0) }
  }.filter { test in
    test.sample.isSmooth && !(test.sample.operation is Step)
      && test.sample.operandTypes.contains { $0.elementType == .float32 }
      && test.hasRealResult
  }

  private var hasRealResult: Bool {
    guard let types = try? sample.operation.resultTypes(for: sample.operandTypes) else { return true }
    return types.contains { $0.elementType == .float32 }
  }

  /// The real operands, which derivatives are taken by.
  var point: [ShapedArray<Double>] {
    zip(sample.operands, sample.operandTypes).filter { $1.elementType == .float32 }.map(\.0)
  }

  /// The operation as a function of its real operands, all of its real results in one row.
  func function(_ arguments: [Tensor]) -> Tensor {
    var reals = arguments[...]
    let graph = arguments[0].graph
    let operands = zip(sample.operands, sample.operandTypes).map { operand, type in
      type.elementType == .float32 ? reals.removeFirst() : graph.constant(operand, type.elementType)
    }
    let results = graph.apply(sample.operation, to: operands).filter { $0.elementType == .float32 }
    // Infinite padding is a constant, whose product with a weight would hide the rest.
    let finite = results.map { select(abs($0) .== .infinity, 0, $0).flattened() }
    return finite[0].concatenated(with: Array(finite.dropFirst()), alongAxis: 0)
  }
}

@Suite struct GradientCheckTests {
  @Test(arguments: SmoothCase.all)
  func chainRuleAgreesWithDifferences(_ test: SmoothCase) throws {
    let check = try checkGradient(at: test.point, of: test.function)
    #expect(check.largestError < 1e-7, "\(check)")
  }

  @Test(arguments: SmoothCase.all)
  func chainRuleAgreesWithDifferencesToSecondOrder(_ test: SmoothCase) throws {
    let check = try checkGradient(at: test.point, order: 2, of: test.function)
    #expect(check.largestError < 1e-7, "\(check)")
  }

  @Test func everyDifferentiableOperationIsChecked() {
    let checked = Set(SmoothCase.all.map { $0.sample.operation.name })
    let unchecked = Catalog.operations.map { $0.name }.filter { !checked.contains($0) }
    #expect(unchecked == [
      "input", "variable", "constant", "compare", "step", "stopGradient", "oneHot", "randomUniform", "randomNormal",
      "dropoutMask", "argumentMaximum",
    ])
  }

  /// The check itself notices a wrong derivative.
  @Test func wrongDerivativesAreNoticed() throws {
    let check = try checkGradient(at: [ShapedArray([0.5, 2])]) { $0[0] * stopGradient($0[0]) }
    #expect(check.largestError > 0.1)
    let notANumber = try checkGradient(at: [ShapedArray([-1.0])]) { log($0[0]) }
    #expect(notANumber.largestError == .infinity)
    #expect(throws: GraphError.self) { try checkGradient(at: [ShapedArray([1])], order: 0) { $0[0] } }
    #expect(throws: GraphError.self) { try checkGradient(at: [], order: 2) { _ in Graph().constant(1) } }
  }

  @Test func repeatedOperandsAddUp() throws {
    let point = [
      ShapedArray<Double>(shape: [2, 3], unchecked: [1, -2, 3, 0.5, 4, -1]), ShapedArray([0.3, -0.2, 0.7]),
      ShapedArray<Double>(shape: [2, 1], unchecked: [2, -1]), ShapedArray(scalar: 0.4),
    ]
    for order in 1...3 {
      let check = try checkGradient(at: point, order: order) { x in
        tanh(x[0] * x[1] + x[2] / (2 + x[3] * x[3])) - x[1] * x[0] * x[3]
      }
      #expect(check.largestError < 1e-7, "\(check)")
    }
  }
}
