/// A transformation of a graph into one that means the same.
public struct Pass: Sendable {
  /// What the pass is called in the debug log.
  public let name: String
  let run: @Sendable (Graph, RewriteLog) throws -> Graph

  init(_ name: String, _ run: @escaping @Sendable (Graph, RewriteLog) throws -> Graph) {
    self.name = name
    self.run = run
  }

  /// The transformed graph.
  public func callAsFunction(_ graph: Graph) throws -> Graph { try run(graph, RewriteLog(isEnabled: false)) }

  /// The passes of an optimised program, in order. The cleaning three run again after what each exposes to the others.
  public static let all: [Pass] = [
    .deadCode, .algebraicIdentities, .constantFolding, .commonSubexpressions, .algebraicIdentities, .constantFolding,
    .commonSubexpressions, .deadCode, .fixedScales.whereThere(is: MatrixMultiply.self, Convolve.self), .deadCode,
    .softmaxCrossEntropy.whereThere(is: SoftmaxCrossEntropy.self),
    .pooledReLUs.whereThere(is: MaxPool.self),
    .productFusion.whereThere(is: MatrixMultiply.self, Convolve.self),
    .biasGradients.whereThere(is: ConvolutionWeightGradient.self),
    .normalizationFusion.whereThere(is: Normalization.self),
    .deadCode,
    .lookupProducts.whereThere(is: MatrixMultiply.self, FusedMatrixMultiply.self),
    .commonSubexpressions, .elementwiseFusion, .deadCode,
  ]

  /// The same pass, which leaves graphs alone that have no operation of these types.
  private func whereThere(is types: any Operation.Type...) -> Pass {
    Pass(name) { graph, log in graph.contains(types) ? try run(graph, log) : graph }
  }
}

/// Receives a line for every rewrite, when anyone listens.
struct RewriteLog: Sendable {
  let isEnabled: Bool

  func callAsFunction(_ line: @autoclosure () -> String) {
    if isEnabled { DebugLog.write("    " + line()) }
  }
}
