import CKernels
import Compilation

extension Lowering {
  func maxPool(_ pool: MaxPool) -> PreparedKernel? {
    let (input, result) = (step.operands[0].shape.dimensions, step.results[0].shape.dimensions)
    let channels = input[input.count - 1]
    let (inputs, outputs) = (Array(input[1..<input.count - 1]), Array(result[1..<result.count - 1]))
    guard inputs.reduce(1, *) * channels < Int32.max else { return nil }
    let window = cWindow(pool.window, inputs: inputs, extents: pool.extents, outputs: outputs, rank: 3)
    let taps = pool.extents.reduce(1, *)
    let workers = workers(work: step.results[0].count * taps / 2)
    // Fewer channels than a vector has places: the loop goes along the row.
    let (width, stride) = (outputs[outputs.count - 1], pool.window.strides[outputs.count - 1])
    let columns = channels < 16 ? (0..<width).flatMap { column in (0..<channels).map { (column * stride, $0) } } : []
    var kernel = ck_max_pool()
    (kernel.window, kernel.batch, kernel.channels, kernel.workers) = (window, Int64(input[0]), Int64(channels), workers)
    let rowByteCount = Int(ck_max_pool_scratch(&kernel)) * 4
    // Rows that padding makes longer than a cache are not worth joining.
    let joinsRows = channels <= Int(CK_POOLED_CHANNELS) && !step.isWanted[1] && rowByteCount <= 1 << 20
    // Positions alone are found by way of the values, which then lie in scratch memory.
    return PreparedKernel(
      scratchByteCount: !step.isWanted[0]
        ? step.results[0].byteCount : joinsRows ? rowByteCount : 0,
      cost: cost(operations: step.results[0].count * taps), implementation: "max pool"
    ) { buffers in
      let context = Context()
      var kernel = kernel
      if !columns.isEmpty {
        kernel.offsets = UnsafePointer(context.keep(columns.map { Int32($0 * channels + $1) }))
        kernel.steps = UnsafePointer(context.keep(columns.map { Int32($0.0) }))
      }
      kernel.source = buffers.operands[0].assumingMemoryBound(to: Float.self)
      kernel.values = (buffers.results[0] ?? buffers.scratch).assumingMemoryBound(to: Float.self)
      kernel.positions = buffers.results[1]?.assumingMemoryBound(to: Int32.self)
      kernel.scratch = joinsRows ? buffers.scratch.assumingMemoryBound(to: Float.self) : nil
      return [BoundKernel(function: ck_run_max_pool, context: UnsafeRawPointer(context.keep(kernel)), owner: context)]
    }
  }

  func scatterPositions() -> PreparedKernel? {
    positions("scatter positions", ck_run_scatter_positions, table: step.results[0].shape)
  }

  func gatherPositions() -> PreparedKernel? {
    positions("gather positions", ck_run_gather_positions, table: step.operands[0].shape)
  }

  /// A kernel that moves elements from or to the places of a table `[batch, spatial..., channels]`.
  private func positions(
    _ name: String, _ function: @escaping BoundKernel.Function, table: Shape
  ) -> PreparedKernel? {
    let positions = step.operands[1]
    let (batch, channels) = (table[0], table[table.rank - 1])
    guard batch > 0, channels > 0 else { return nil }
    let size = batch * channels
    let workers = workers(work: positions.count * 2)
    return PreparedKernel(cost: cost(operations: 0), implementation: name) { buffers in
      guard let destination = buffers.results[0] else { return [] }
      return [
        BoundKernel(function, ck_positions(
          batch: Int64(batch), count: Int64(positions.count / size), places: Int64(table.count / size),
          channels: Int64(channels), workers: workers,
          positions: buffers.operands[1].assumingMemoryBound(to: Int32.self),
          source: buffers.operands[0].assumingMemoryBound(to: Float.self),
          destination: destination.assumingMemoryBound(to: Float.self)))
      ]
    }
  }

  func averagePool(_ pool: AveragePool) throws -> PreparedKernel? {
    try averagePool(pool, input: step.operands[0].shape, result: step.results[0].shape, isBack: false)
  }

  func averagePoolGradient(_ gradient: AveragePoolGradient) throws -> PreparedKernel? {
    try averagePool(gradient.pool, input: step.results[0].shape, result: step.operands[0].shape, isBack: true)
  }

  private func averagePool(_ pool: AveragePool, input: Shape, result: Shape, isBack: Bool) throws -> PreparedKernel? {
    guard result.count > 0 else { return nil }
    let spatial = 1..<input.rank - 1
    let taps = pool.extents.reduce(1, *)
    let threads = workers(work: result.count * taps / 8)
    let shape = ck_average_pool_shape(
      window: cWindow(
        pool.window, inputs: Array(input.dimensions[spatial]), extents: pool.extents,
        outputs: Array(result.dimensions[spatial])),
      batch: Int64(input[0]), channels: Int64(input[input.rank - 1]),
      direction: Int32((isBack ? CK_BACKWARD_DATA : CK_FORWARD).rawValue), counts_padding: pool.countsPadding ? 1 : 0,
      threads: threads)
    guard let handle = PrimitiveHandle(withUnsafePointer(to: shape, ck_average_pool_create)) else { return nil }
    let ends = isBack ? (CK_DESTINATION, CK_SOURCE) : (CK_SOURCE, CK_DESTINATION)
    let rewritten = try Rewriting(handle, operands: [ends.0], results: [ends.1], threads: threads)
    return PreparedKernel(
      scratchByteCount: rewritten.scratchByteCount, cost: cost(operations: result.count * taps),
      implementation: rewritten.implementation
    ) { buffers in try rewritten.bind(buffers) }
  }
}
