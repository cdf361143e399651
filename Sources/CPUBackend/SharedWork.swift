import CKernels

extension CPUBackend {
  /// Shares work that belongs to no program, such as the writing of a batch, over the threads that kernels use.
  ///
  /// Called on the compute thread, on which the kernels' threads wait for work.
  /// - Parameters:
  ///   - count: how many items there are.
  ///   - work: how long all of them take one thread, roughly, in nanoseconds; little is done on one.
  ///   - body: is given some of the items, from several threads at once.
  /// - Throws: what `body` throws for the first items for which it does.
  package func share(_ count: Int, work: Int, _ body: (Range<Int>) throws -> Void) throws {
    let workers = min(Lowering.workers(work: work, threads: threads), max(count, 1))
    guard workers > 1 else { return try body(0..<count) }
    try withUnsafeTemporaryAllocation(of: (any Error)?.self, capacity: workers) { errors in
      errors.initialize(repeating: nil)
      defer { errors.deinitialize() }
      try withoutActuallyEscaping(body) { body in
        var share = Share(count: count, body: body, errors: errors)
        withUnsafeMutablePointer(to: &share) { share in
          ck_parallel(Int32(workers), Share.run, share)
        }
        if let error = errors.lazy.compactMap({ $0 }).first { throw error }
      }
    }
  }

  private struct Share {
    let count: Int
    let body: (Range<Int>) throws -> Void
    let errors: UnsafeMutableBufferPointer<(any Error)?>

    static let run: @convention(c) (Int32, Int32, UnsafeMutableRawPointer?) -> Void = { worker, workers, data in
      guard let share = data?.assumingMemoryBound(to: Share.self).pointee else { return }
      let (worker, workers) = (Int(worker), Int(workers))
      do {
        try share.body((share.count * worker / workers)..<(share.count * (worker + 1) / workers))
      } catch {
        share.errors[worker] = error
      }
    }
  }
}
