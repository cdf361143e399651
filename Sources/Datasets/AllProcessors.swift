import Dispatch

/// What `body` gives for the numbers from 0 to below `count`, each worked out by whichever processor is free.
func onAllProcessors<Result>(_ count: Int, _ body: (Int) -> Result) -> [Result] {
  [Result](unsafeUninitializedCapacity: count) { results, initializedCount in
    withoutActuallyEscaping(body) { body in
      // Each iteration writes what is its own, and all are done before this returns.
      nonisolated(unsafe) let (results, body) = (results, body)
      DispatchQueue.concurrentPerform(iterations: count) { index in
        results.initializeElement(at: index, to: body(index))
      }
    }
    initializedCount = count
  }
}
