import Operations
import ReferenceBackend
import Testing

/// One sample of one operation, with a name for the report.
struct SampleCase: Sendable, CustomTestStringConvertible {
  let sample: OperationSample
  let number: Int

  var testDescription: String {
    "\(sample.operation.name) \(number) \(sample.operandTypes)\(sample.note.isEmpty ? "" : ", \(sample.note)")"
  }

  static let all: [SampleCase] = Catalog.operations.flatMap { type in
    type.samples.enumerated().map { SampleCase(sample: $1, number: $0) }
  }
}

extension Graph {
  /// Appends a sample, its operands as inputs.
  func apply(_ sample: OperationSample) -> [Tensor] {
    apply(sample.operation, to: sample.operandTypes.enumerated().map { input("x\($0)", $1) })
  }
}

extension Interpreter {
  init(_ sample: OperationSample) {
    self.init(values: Dictionary(uniqueKeysWithValues: sample.operands.enumerated().map { ("x\($0)", $1) }))
  }
}

@Suite struct CatalogTests {
  @Test func namesAreUnique() {
    let names = Catalog.operations.map { $0.name }
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.first?.isLowercase == true })
  }

  @Test func everyOperationHasSamplesOfItself() {
    for type in Catalog.operations where type != Input.self && type != Variable.self {
      #expect(type.samples.count >= 2, "\(type.name)")
      #expect(type.samples.allSatisfy { $0.operation.name == type.name })
    }
  }

  @Test(arguments: SampleCase.all)
  func evaluatesToTheTypesThatItStates(_ test: SampleCase) throws {
    let sample = test.sample
    let types = try sample.operation.resultTypes(for: sample.operandTypes)
    #expect(types.count == sample.operation.resultCount)
    let results = try sample.operation.evaluate(sample.operands)
    #expect(results.map(\.shape) == types.map(\.shape))
    #expect(zip(results, types).allSatisfy { $0.scalars.count == $1.count })

    let graph = Graph()
    let tensors = graph.apply(sample)
    try graph.verify()
    for (interpreted, type) in zip(try Interpreter(sample).evaluate(tensors), types) {
      #expect(interpreted.scalars.allSatisfy(type.elementType.canHold))
    }
  }

  @Test(arguments: SampleCase.all)
  func refusesWrongNumbersOfOperands(_ test: SampleCase) {
    let types = test.sample.operandTypes
    expectShapeError(test.sample.operation, types + [TensorType([97], .bool)])
    if !types.isEmpty { expectShapeError(test.sample.operation, []) }
  }

  private func expectShapeError(_ operation: any Graphs.Operation, _ types: [TensorType]) {
    do {
      _ = try operation.resultTypes(for: types)
      Issue.record("\(operation.name) accepts \(types)")
    } catch {
      #expect((error as? ShapeError)?.message.isEmpty == false, "\(operation.name): \(error)")
    }
  }

  /// Another type or shape of an operand is either refused with a reason, or evaluates to what is stated.
  @Test(arguments: SampleCase.all)
  func refusesOrHandlesOtherOperands(_ test: SampleCase) throws {
    let sample = test.sample
    for position in sample.operands.indices {
      for elementType in ElementType.allCases {
        for shape in [sample.operands[position].shape, [2], [0], [3, 2, 1, 2]] as [Shape] {
          var (types, operands) = (sample.operandTypes, sample.operands)
          types[position] = TensorType(shape, elementType)
          operands[position] = ShapedArray(repeating: 0, shape: shape)
          do {
            let stated = try sample.operation.resultTypes(for: types)
            #expect(try sample.operation.evaluate(operands).map(\.shape) == stated.map(\.shape))
          } catch {
            #expect((error as? ShapeError)?.message.isEmpty == false, "\(error)")
          }
        }
      }
    }
  }

  @Test func refusesBadAttributes() {
    let matrix = [TensorType([2, 3])]
    let bad: [(any Graphs.Operation, [TensorType], String)] = [
      (Reshape(to: [5]), matrix, "6 elements"), (Reshape(to: [-2, -3]), matrix, "not valid"),
      (Reshape(to: [.max, .max]), matrix, "not valid"), (Broadcast(to: [2, 4]), matrix, "cannot be repeated"),
      (Transpose(permutation: [0, 0]), matrix, "once"), (Transpose(permutation: [0]), matrix, "once"),
      (Slice(starts: [0, 0], ends: [2, 4], strides: [1, 1]), matrix, "0..<4 does not lie within axis 1"),
      (Slice(starts: [0, -1], ends: [2, 3], strides: [1, 1]), matrix, "does not lie within"),
      (Slice(starts: [0, 0], ends: [2, 3], strides: [1, 0]), matrix, "positive"),
      (Slice(starts: [0], ends: [2], strides: [1]), matrix, "each axis"),
      (Pad(low: [-1, 0], high: [0, 0], interior: [0, 0], value: 0), matrix, "negative"),
      (Pad(low: [0, 0], high: [0, .max], interior: [0, 0], value: 0), matrix, "2^40"),
      (Pad(low: [0], high: [0], interior: [0], value: 0.5), [TensorType([2], .int32)], "0.5 is no int32"),
      (Concatenate(axis: 2), matrix, "no axis 2"), (Gather(axis: -1), matrix + [TensorType([1], .int32)], "no axis -1"),
      (ScatterAdd(axis: 0, extent: -1), matrix + [TensorType([2], .int32)], "negative"),
      (ScatterAdd(axis: 3, extent: 1), matrix + [TensorType([2], .int32)], "must contain"),
      (OneHot(depth: -1), [TensorType([2], .int32)], "negative"),
      (ReduceSum(axes: [2]), matrix, "no axis 2"), (ReduceSum(axes: [1, 0]), matrix, "ascending"),
      (ArgumentMaximum(axis: 0), [TensorType([0, 3])], "largest"), (Softmax(axis: 2), matrix, "no axis 2"),
      (Clamp(lower: 2, upper: 1), matrix, "not in order"), (Clamp(lower: .nan, upper: 1), matrix, "not in order"),
      (DropoutMask(shape: [2], rate: 1, seed: 0, stream: 0), [TensorType(.scalar, .int32)], "not within 0..<1"),
      (DropoutMask(shape: [2], rate: .nan, seed: 0, stream: 0), [TensorType(.scalar, .int32)], "not within 0..<1"),
      (MatrixMultiply(), matrix + matrix, "inner extents"), (MatrixMultiply(), [TensorType([3])] + matrix, "two axes"),
      (Constant(ShapedArray([0.5]), .int32), [], "0.5 is no int32"),
      (Recurrence(.tanh), [TensorType([2, 3]), TensorType([2, 3]), TensorType([3, 3])], "[batch, time, gates]"),
      (
        Recurrence(.gru), [TensorType([2, 3, 8]), TensorType([2, 2]), TensorType([2, 6]), TensorType([2])],
        "needs 3 times as many inputs, not 8"
      ),
      (
        Recurrence(.lstm), [TensorType([2, 3, 8]), TensorType([2, 2]), TensorType([2, 3]), TensorType([2, 8])],
        "the cell states must be [2, 2]"
      ),
      (
        Recurrence(.relu, hasLengths: true),
        [TensorType([2, 3, 4]), TensorType([2, 4]), TensorType([4, 4]), TensorType([2])], "the lengths must be int32"
      ),
      (RecurrenceGradient(Recurrence(.relu), isGiven: [true, true]), matrix, "has 1 results, not 2"),
    ]
    for (operation, types, message) in bad {
      let error = #expect(throws: ShapeError.self) { try operation.resultTypes(for: types) }
      #expect(error?.message.contains(message) == true, "\(operation): \(error?.message ?? "")")
    }
  }

  @Test func resultsThatAreTooLargeAreAnError() {
    let graph = Graph()
    let x = graph.input("x", TensorType([2]))
    _ = x.padded(low: [1 << 40], high: [0]).reshaped(to: [(1 << 40) + 2, 1]).broadcast(to: [(1 << 40) + 2, 1 << 30])
    #expect(throws: GraphError.self) { try graph.checkFailure() }
  }
}
