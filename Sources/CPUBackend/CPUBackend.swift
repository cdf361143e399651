@_exported import Compilation
import Foundation

/// Float32 on the processor's cores: oneDNN for products, fused loops for the rest.
public struct CPUBackend: Backend {
  /// How many threads kernels may use.
  public let threads: Int

  /// Whether elementwise loops that are compiled ahead are used; without them every loop is interpreted, to the same
  /// bits.
  public let usesCompiledLoops: Bool

  /// - Parameters:
  ///   - threads: at least 1; the number of processors when nil.
  ///   - usesCompiledLoops: false to see what interpreted loops cost.
  public init(threads: Int? = nil, usesCompiledLoops: Bool = true) {
    self.threads = max(1, min(threads ?? ProcessInfo.processInfo.activeProcessorCount, 256))
    self.usesCompiledLoops = usesCompiledLoops
  }

  /// Runs on `ComputeThread.shared`.
  public func perform<Value, Failure: Error>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
    try ComputeThread.shared.perform(body)
  }

  /// An operation that has no kernel here runs by its definition.
  public func prepare(_ step: StepTypes) throws -> PreparedKernel {
    let lowering = Lowering(step, threads: threads)
    if lowering.isEmpty { return lowering.nothing }
    let prepared: PreparedKernel? =
      switch step.operation {
      case let fused as FusedElementwise:
        usesCompiledLoops ? lowering.compiledLoop(fused) ?? lowering.loop(fused) : lowering.loop(fused)
      case let elementwise as any ElementwiseOperation:
        lowering.loop(FusedElementwise(elementwise, operands: step.operands, result: step.results[0]))
      case let product as MatrixMultiply: try lowering.product(FusedMatrixMultiply(product))
      case let fused as FusedMatrixMultiply: try lowering.product(fused)
      case is any ConvolutionOperation, is FusedConvolution, is FusedConvolutionGradients:
        try lowering.convolution()?.prepared
      case let packed as PackedStep: try lowering.packedStep(packed)
      case let pack as Pack: try lowering.pack(pack)
      case is RoundToBfloat16: lowering.rounding()
      case let pool as MaxPool: lowering.maxPool(pool)
      case is ScatterPositions: lowering.scatterPositions()
      case is GatherPositions: lowering.gatherPositions()
      case let pool as AveragePool: try lowering.averagePool(pool)
      case let gradient as AveragePoolGradient: try lowering.averagePoolGradient(gradient)
      case is Broadcast: lowering.broadcast()
      case let transpose as Transpose: lowering.transpose(transpose)
      case let slice as Slice: lowering.slice(slice)
      case let pad as Pad: lowering.pad(pad)
      case let concatenate as Concatenate: lowering.concatenate(concatenate)
      case let gather as Gather: lowering.gather(gather)
      case let scatter as ScatterAdd: lowering.scatterAdd(scatter)
      case let oneHot as OneHot: lowering.oneHot(oneHot)
      case let reduction as any Reduction: lowering.reduction(reduction)
      case let argument as ArgumentMaximum: lowering.argumentMaximum(argument)
      case let softmax as Softmax: lowering.softmax(axis: softmax.axis, isLogarithm: false)
      case let softmax as LogSoftmax: lowering.softmax(axis: softmax.axis, isLogarithm: true)
      case let attention as ScaledDotProductAttention: try lowering.attention(attention.form)
      case let gradient as AttentionGradient: try lowering.attentionGradient(gradient.form)
      case let recurrence as Recurrence: try lowering.recurrence(recurrence)
      case let gradient as RecurrenceGradient: try lowering.recurrenceGradient(gradient)
      case is SoftmaxCrossEntropy, is FusedSoftmaxCrossEntropy: lowering.crossEntropy()
      case let normalization as Normalization: lowering.normalization(normalization, hasReLU: false)
      case let fused as FusedNormalization: lowering.normalization(fused.normalization, hasReLU: true)
      case let gradient as NormalizationGradient: lowering.normalizationGradient(gradient, hasReLU: false)
      case let fused as FusedNormalizationGradient: lowering.normalizationGradient(fused.gradient, hasReLU: true)
      case let random as any RandomOperation: lowering.random(random)
      default: nil
      }
    return prepared ?? lowering.reference()
  }

  /// What an elementwise step of several instructions computes, as `Sources/CKernels/compiled_loops.h` lists it: such
  /// loops are compiled ahead. nil for other steps, and for loops that cannot be.
  public static func loopPattern(of step: Program.Step) -> String? {
    guard let fused = step.operation as? FusedElementwise, fused.instructions.count > 1 else { return nil }
    return LoopPattern(fused, step.operands, results: step.results)?.text
  }

  /// Weights of convolutions, where oneDNN wants them in a layout of its own.
  public func packings(of step: StepTypes) -> [PackedStep.Packing] {
    let lowering = Lowering(step, threads: threads)
    guard !lowering.isEmpty, let convolution = try? lowering.convolution() else { return [] }
    return convolution.primitive.packings(step.operands)
  }
}
