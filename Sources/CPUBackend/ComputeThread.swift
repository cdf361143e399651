import Foundation

/// The one thread that runs programs.
///
/// The kernels' thread pool belongs to the thread that starts it, so everything runs on one; it is never one of Swift's
/// cooperative pool, which must not block. Whoever asks waits, so `perform` is as if `body` ran where it was called.
public final class ComputeThread: @unchecked Sendable {
  public static let shared = ComputeThread()

  private let condition = NSCondition()
  private var tasks: [() -> Void] = []
  private var thread = pthread_self()

  private init() {
    let started = DispatchSemaphore(value: 0)
    let worker = Thread { [unowned self] in
      thread = pthread_self()
      started.signal()
      work()
    }
    worker.name = "chainrule"
    worker.stackSize = 16 << 20
    worker.start()
    started.wait()
  }

  private func work() {
    while true {
      condition.lock()
      while tasks.isEmpty { condition.wait() }
      let task = tasks.removeFirst()
      condition.unlock()
      task()
    }
  }

  /// Runs `body` on the compute thread and waits for it; at once when the caller is on it already.
  public func perform<Value>(_ body: () throws -> Value) rethrows -> Value {
    if pthread_equal(pthread_self(), thread) != 0 { return try body() }
    return try withoutActuallyEscaping(body) { try wait(for: $0) }
  }

  private func wait<Value>(for body: @escaping () throws -> Value) rethrows -> Value {
    var outcome: Result<Value, any Error>?
    let done = DispatchSemaphore(value: 0)
    condition.lock()
    tasks.append {
      outcome = Result { try body() }
      done.signal()
    }
    condition.signal()
    condition.unlock()
    done.wait()
    switch outcome {
    case .success(let value)?: return value
    case .failure(let error)?:
      func rethrow(_ body: () throws -> Value) rethrows -> Value { try { throw error }() as Value }
      return try rethrow(body)
    case nil: preconditionFailure("the compute thread signals only after it has run a task")
    }
  }
}
