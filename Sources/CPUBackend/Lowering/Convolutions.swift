import CKernels
import Compilation

/// A convolution or a derivative of one, chosen by oneDNN.
struct ConvolutionKernel {
  let primitive: Rewriting
  let cost: KernelCost

  var prepared: PreparedKernel {
    PreparedKernel(
      scratchByteCount: primitive.scratchByteCount, cost: cost, implementation: primitive.implementation,
      bind: primitive.bind)
  }
}

extension Lowering {
  /// The step's convolution; nil when it is none, or has nothing to sum.
  ///
  /// Activations lie channels last, as they do everywhere; weights are rewritten from and to the layout that oneDNN
  /// wants, unless they come `packed`.
  func convolution(packed: [Int] = []) throws -> ConvolutionKernel? {
    switch step.operation {
    case let operation as any ConvolutionOperation: try convolution(operation, packed: packed)
    case let fused as FusedConvolution:
      try convolution(fused.convolution, hasBias: fused.hasBias, packed: packed)
    case let fused as FusedConvolutionGradients:
      try convolution(fused.weightGradient, hasBias: true, packed: packed)
    default: nil
    }
  }

  /// A step whose operands are partly packed.
  func packedStep(_ packed: PackedStep) throws -> PreparedKernel? {
    try Lowering(packed, step, threads).convolution(packed: packed.packings.map(\.operand))?.prepared
  }

  /// What packs an operand for the step that reads it.
  func pack(_ pack: Pack) throws -> PreparedKernel? {
    let results = try pack.reader.operation.resultTypes(for: pack.reader.operandTypes)
    let reader = StepTypes(
      operation: pack.reader, operands: step.operands, results: results, isWanted: results.map { _ in true })
    return try Lowering(pack.reader, reader, threads).convolution()?.primitive.reorder(ofOperand: pack.operand)
      .map(reorder)
  }

  /// The lowering of a packed step's own operation.
  private init(_ packed: PackedStep, _ step: StepTypes, _ threads: Int) {
    self.init(
      StepTypes(
        operation: packed.operation, operands: packed.operandTypes, results: step.results, isWanted: step.isWanted),
      threads: threads)
  }

  /// - Parameters:
  ///   - hasBias: whether a bias is the last operand, or the last result of a derivative by weights.
  ///   - packed: the operands that lie as oneDNN wants them.
  private func convolution(
    _ operation: any ConvolutionOperation, hasBias: Bool = false, packed: [Int]
  ) throws -> ConvolutionKernel? {
    let extents = try operation.extents(step.operands.prefix(2).map(\.shape))
    guard extents.multiplications > 0, step.isWanted.allSatisfy({ $0 }) else { return nil }
    let result = type(of: operation).result
    let threads = extents.multiplications > 1_000_000 ? Int32(threads) : 1
    let shape = ck_convolution_shape(
      window: cWindow(operation.window, inputs: extents.inputs, extents: extents.kernel, outputs: extents.outputs),
      batch: Int64(extents.batch), groups: Int64(extents.groups), input_channels: Int64(extents.inputChannels),
      output_channels: Int64(extents.outputChannels), direction: Int32(direction(result).rawValue),
      has_bias: hasBias ? 1 : 0, is_bfloat16: areFactorsRounded ? 1 : 0, threads: threads)
    guard let handle = PrimitiveHandle(withUnsafePointer(to: shape, ck_convolution_create)) else { return nil }
    let operands = ConvolutionPart.allCases.filter { $0 != result }.map(argument)
    let bias = hasBias ? [CK_BIAS] : []
    let primitive = try Rewriting(
      handle, operands: operands + (result == .output ? bias : []),
      results: [argument(result)] + (result == .weights ? bias : []), packed: packed, threads: threads)
    return ConvolutionKernel(primitive: primitive, cost: cost(operations: 2 * extents.multiplications))
  }

  private func argument(_ part: ConvolutionPart) -> ck_argument {
    switch part {
    case .input: CK_SOURCE
    case .weights: CK_WEIGHTS
    case .output: CK_DESTINATION
    }
  }

  private func direction(_ result: ConvolutionPart) -> ck_direction {
    switch result {
    case .output: CK_FORWARD
    case .input: CK_BACKWARD_DATA
    case .weights: CK_BACKWARD_WEIGHTS
    }
  }

  /// A window as the kernels take it. The lists are filled up in front where `rank` asks for more axes.
  func cWindow(
    _ window: SlidingWindow, inputs: [Int], extents: [Int], outputs: [Int], rank: Int? = nil
  ) -> ck_window {
    let missing = max(0, (rank ?? window.rank) - window.rank)
    func axes(_ numbers: [Int], _ filling: Int) -> (Int64, Int64, Int64) {
      let all = (Array(repeating: filling, count: missing) + numbers + [0, 0]).map { Int64($0) }
      return (all[0], all[1], all[2])
    }
    return ck_window(
      rank: Int32(window.rank + missing), inputs: axes(inputs, 1), extents: axes(extents, 1), outputs: axes(outputs, 1),
      strides: axes(window.strides, 1), dilations: axes(window.dilations, 1), low: axes(window.low, 0),
      high: axes(window.high, 0))
  }
}
