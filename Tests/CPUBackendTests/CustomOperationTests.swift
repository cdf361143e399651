import CPUBackend
import Differentiation
import Testing

/// Operations of other packages that do not keep what the protocol says.
struct CustomOperationTests {
  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch {
      return "\(error)"
    }
  }

  static let wrongValues: [(Faulty.Fault, String)] = [
    (.manyElements, "but gave [400000]"), (.fewElements, "but gave [2]"), (.twoResults, "but gave [3], [3]"),
    (.noResult, "but gave none"), (.refusal, "the moon is in the way"),
  ]

  @Test(arguments: wrongValues)
  func `wrong values are refused by name, on both backends`(fault: Faulty.Fault, expected: String) throws {
    let graph = Graph()
    graph.output("y", .apply(Faulty(fault: fault), to: graph.input("x", TensorType([3]))) + 1)
    let program = try compile(graph, variables: VariableStore(), backend: CPUBackend(threads: 1))
    try program.setInput("x", to: ShapedArray([1, 2, 3]))
    let error = #expect(throws: ProgramError.self) { try program.run() }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("faulty") == true)
    var interpreter = Interpreter(values: ["x": ShapedArray([1, 2, 3])])
    #expect(message { _ = try interpreter.run(graph) }.contains(expected))
  }

  static let wrongCotangents: [(Faulty.Fault, String)] = [
    (.misshapenCotangent, "number 1 is float32[]"), (.integerCotangent, "number 1 is int32[3]"),
    (.noCotangent, "gave 0 for 1"), (.twoCotangents, "gave 2 for 1"), (.foreignCotangent, "another graph"),
  ]

  @Test(arguments: wrongCotangents)
  func `wrong cotangents are refused by name`(fault: Faulty.Fault, expected: String) {
    let error = #expect(throws: GraphError.self) {
      try gradient(at: [1, 2, 3]) { Tensor.apply(Faulty(fault: fault), to: $0).sum() }
    }
    #expect(error?.operation == "faulty" && error?.message.contains(expected) == true, "\(error?.message ?? "")")
  }

  @Test func `a count of results that differs from the types is refused`() {
    let graph = Graph()
    _ = graph.apply(Faulty(fault: .twoTypes), to: [graph.input("x", TensorType([3]))])
    #expect(message(graph.checkFailure).contains("gives 2 types, but resultCount is 1"))
  }
}

/// Passes its operand on, save for one fault.
struct Faulty: Operation {
  enum Fault: String, Codable {
    case manyElements, fewElements, twoResults, noResult, refusal, twoTypes
    case misshapenCotangent, integerCotangent, noCotangent, twoCotangents, foreignCotangent
  }

  struct Refusal: Error, CustomStringConvertible {
    let description = "the moon is in the way"
  }

  static let name = "faulty"
  let fault: Fault

  func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    fault == .twoTypes ? operands + operands : operands
  }

  func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    switch fault {
    case .misshapenCotangent: [step.cotangent.sum()]
    case .integerCotangent: [step.cotangent.cast(to: .int32)]
    case .noCotangent: []
    case .twoCotangents: [step.cotangent, step.cotangent]
    case .foreignCotangent: [Graph().constant(ShapedArray(repeating: 1, shape: [3]))]
    default: [step.cotangent]
    }
  }

  func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    switch fault {
    case .manyElements: [ShapedArray(repeating: 1, shape: [400_000])]
    case .fewElements: [ShapedArray([1, 2])]
    case .twoResults: operands + operands
    case .noResult: []
    case .refusal: throw Refusal()
    default: operands
    }
  }

  static var samples: [OperationSample] { [] }
}
