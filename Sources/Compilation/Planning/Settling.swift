extension Graph {
  /// Gives every update, and every output that an update would overwrite, a kernel of its own that computes it, so that
  /// the plan need only decide where that kernel writes.
  func settled() throws -> Graph {
    var rewriter = GraphRewriter(self)
    for node in nodes { rewriter.copy(node) }
    let target = rewriter.target
    let variables = Set(updates.map { rewriter.replacement(of: $0.variable).value })
    func root(_ tensor: Tensor) -> Tensor { target.tensor(target.root(of: tensor.value)) }
    func copied(_ tensor: Tensor) -> Tensor {
      target.apply(FusedElementwise(StopGradient(), operands: [tensor.type], result: tensor.type), to: [tensor])[0]
    }
    for output in outputs {
      let tensor = rewriter.replacement(of: output.value)
      target.output(output.name, variables.contains(root(tensor).value) ? copied(tensor) : tensor)
    }
    var taken: Set<Value> = []
    for update in updates {
      let tensor = rewriter.replacement(of: update.value)
      let origin = root(tensor)
      let isComputed = switch target.definingNode(of: origin.value).operation {
      case is Input, is Variable, is Constant: false
      default: true
      }
      let isFree = isComputed && taken.insert(origin.value).inserted
      target.update(rewriter.replacement(of: update.variable), to: isFree ? tensor : copied(tensor))
    }
    try target.checkFailure()
    return target
  }

  /// The value whose bytes a value shares: what has been reshaped to it, or waits.
  func root(of value: Value) -> Value {
    var value = value
    while definingNode(of: value).sharesBytes, let operand = operands(of: definingNode(of: value)).first {
      value = operand
    }
    return value
  }
}

extension Graph.Node {
  /// Whether the node's value has the bytes of its first operand, so that nothing has to run.
  var sharesBytes: Bool { operation is Reshape || operation is Barrier }
}
