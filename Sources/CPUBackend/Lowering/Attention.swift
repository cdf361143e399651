import CKernels
import Compilation

extension Lowering {
  /// Attention, block by block of queries, so that no tensor of all products is written.
  func attention(_ form: AttentionForm) throws -> PreparedKernel? {
    let extents = try form.extents(step.operands)
    return attention(form, extents, products: 2, "attention", ck_run_attention) { kernel, buffers in
      kernel.output = floats(buffers.results[0])
      kernel.logarithms = floats(buffers.results[1])
    }
  }

  /// Its gradients, from weights that are computed anew.
  func attentionGradient(_ form: AttentionForm) throws -> PreparedKernel? {
    let extents = try form.extents(Array(step.operands[..<form.operandCount]))
    return attention(form, extents, products: 5, "attention gradient", ck_run_attention_gradient) { kernel, buffers in
      let rest = Array(buffers.operands[form.operandCount...])
      kernel.logarithms = UnsafeMutablePointer(mutating: rest[0].assumingMemoryBound(to: Float.self))
      kernel.cotangent = rest[1].assumingMemoryBound(to: Float.self)
      kernel.offset = rest[2].assumingMemoryBound(to: Float.self)
      let results = buffers.results.map(floats)
      kernel.query_gradient = results[0]
      kernel.key_gradient = form.isPacked ? results[0].map { $0 + form.heads * extents.channels } : results[1]
      kernel.value_gradient = form.isPacked ? results[0].map { $0 + 2 * form.heads * extents.channels } : results[2]
    }
  }

  /// - Parameter products: how many products of the size of the weights there are.
  private func attention(
    _ form: AttentionForm, _ e: AttentionForm.Extents, products: Int, _ name: String,
    _ function: @escaping BoundKernel.Function, _ addResults: @escaping (inout ck_attention, Buffers) -> Void
  ) -> PreparedKernel? {
    guard e.channels > 0, e.valueChannels > 0, e.keys > 0 else { return nil }
    let multiplications = products * e.batch * form.heads * e.queries * e.keys * max(e.channels, e.valueChannels)
    let width = form.heads * e.channels
    var kernel = ck_attention()
    (kernel.batch, kernel.heads) = (Int64(e.batch), Int64(form.heads))
    (kernel.queries, kernel.keys) = (Int64(e.queries), Int64(e.keys))
    (kernel.channels, kernel.value_channels) = (Int64(e.channels), Int64(e.valueChannels))
    let strides = form.isPacked ? (3 * width, 3 * width, 3 * width) : (width, width, form.heads * e.valueChannels)
    (kernel.query_stride, kernel.key_stride) = (Int64(strides.0), Int64(strides.1))
    kernel.value_stride = Int64(strides.2)
    kernel.is_causal = form.isCausal ? 1 : 0
    kernel.scale = Float(form.scale)
    // About 50 multiplications a nanosecond.
    kernel.workers = min(workers(work: multiplications / 50), Int32(clamping: e.batch * form.heads))
    let scratch = Int(ck_attention_scratch(&kernel)) * Int(kernel.workers)
    return PreparedKernel(
      scratchByteCount: scratch * MemoryLayout<Float>.stride,
      cost: cost(operations: 2 * multiplications / (form.isCausal ? 2 : 1)), implementation: name
    ) { [kernel] buffers in
      var kernel = kernel
      let sources = buffers.operands[..<form.sourceCount].map { $0.assumingMemoryBound(to: Float.self) }
      kernel.query = sources[0]
      kernel.key = form.isPacked ? sources[0] + width : sources[1]
      kernel.value = form.isPacked ? sources[0] + 2 * width : sources[2]
      if form.hasMask { kernel.mask = buffers.operands[form.sourceCount].assumingMemoryBound(to: UInt8.self) }
      kernel.scratch = buffers.scratch.assumingMemoryBound(to: Float.self)
      addResults(&kernel, buffers)
      return [BoundKernel(function, kernel)]
    }
  }

  private func floats(_ result: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<Float>? {
    result?.assumingMemoryBound(to: Float.self)
  }
}
