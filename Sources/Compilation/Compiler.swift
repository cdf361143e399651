/// Options of a compilation.
public struct CompilationOptions: Sendable {
  /// The passes to run, in order.
  public var passes: [Pass]
  /// Whether the verifier runs after every pass.
  public var verifies: Bool
  /// Whether every kernel is compared with the reference each time it runs: slow, for finding faults.
  public var validates: Bool
  /// In which numbers products and convolutions multiply. Whether the processor can is for the caller to find out.
  public var precision: Precision

  /// - Parameters:
  ///   - passes: by default all, in their order.
  ///   - verifies: by default in debug builds.
  ///   - validates: by default where `CHAINRULE_VALIDATE=1` is set.
  ///   - precision: by default Float32, which every processor has.
  public init(
    passes: [Pass] = Pass.all, verifies: Bool? = nil, validates: Bool? = nil, precision: Precision = .float32
  ) {
    self.precision = precision
    self.passes = passes
    #if DEBUG
    self.verifies = verifies ?? true
    #else
    self.verifies = verifies ?? false
    #endif
    self.validates = validates ?? DebugLog.validates
  }
}

/// Turns a graph into a program: passes, plan, kernels.
///
/// - Parameters:
///   - graph: with its outputs and updates declared.
///   - variables: where the program's variables live; those that are missing are declared, as zeros.
///   - backend: what makes the kernels.
/// - Throws: the graph's own failure, or `GraphError` where the backend cannot run a node.
public func compile(
  _ graph: Graph, variables: VariableStore, backend: some Backend, options: CompilationOptions = CompilationOptions()
) throws -> Program {
  try graph.checkFailure()
  let clock = ContinuousClock()
  let start = clock.now
  var current = graph
  if DebugLog.level >= 3 { DebugLog.write(graph.text) }
  var passes = options.passes
  if options.precision.isRounded { passes.append(.roundedFactors) }
  // A kernel is compared with the reference on arrays whose layout is known.
  if !options.passes.isEmpty, !options.validates { passes.append(.weightLayouts(backend)) }
  for pass in passes {
    let passStart = clock.now
    let before = current.nodes.count
    current = try backend.perform { try pass.run(current, RewriteLog(isEnabled: DebugLog.level >= 4)) }
    if options.verifies { try current.verify() }
    if DebugLog.level >= 2 {
      DebugLog.write("  \(pass.name): \(before) -> \(current.nodes.count) nodes, \(clock.now - passStart)")
    }
  }
  if DebugLog.level >= 3 { DebugLog.write(current.text) }
  let settled = try current.settled()
  if options.verifies { try settled.verify() }
  let program = try backend.perform {
    try Program(settled, variables: variables, backend: backend, validates: options.validates)
  }
  if DebugLog.level >= 1 {
    DebugLog.write(
      "compiled \(graph.nodes.count) nodes to \(program.steps.count) kernels, "
        + "\(program.arenaByteCount) bytes of arena, in \(clock.now - start)")
  }
  if DebugLog.level >= 3 { DebugLog.write(program.text) }
  return program
}
