import Foundation

/// The one thread that runs programs.
///
/// The kernels' thread pool belongs to the thread that starts it, so everything runs on one; it is never one of Swift's
/// cooperative pool, which must not block. Whoever asks waits, so `perform` is as if `body` ran where it was called.
public final class ComputeThread: @unchecked Sendable {
  /// The thread, started when it is first used.
  public static let shared = ComputeThread()

  private let condition = NSCondition()
  private var jobs: [Job] = []
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

  /// A closure that somebody waits for.
  private final class Job {
    private var body: (() -> Void)?
    let done = DispatchSemaphore(value: 0)

    init(_ body: @escaping () -> Void) { self.body = body }

    /// Lets go of the closure before it returns: whoever waits may not outlive it by a reference.
    @inline(never)
    func run() {
      body?()
      body = nil
    }
  }

  private func work() {
    while true {
      condition.lock()
      while jobs.isEmpty { condition.wait() }
      let job = jobs.removeFirst()
      condition.unlock()
      job.run()
      job.done.signal()
    }
  }

  /// Runs `body` on the compute thread and waits for it; at once when the caller is on it already.
  public func perform<Value, Failure: Error>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
    if pthread_equal(pthread_self(), thread) != 0 { return try body() }
    return try withoutActuallyEscaping(body) { wait(for: $0) }.get()
  }

  private func wait<Value, Failure: Error>(
    for body: @escaping () throws(Failure) -> Value
  ) -> Result<Value, Failure> {
    var outcome: Result<Value, Failure>?
    let job = Job { outcome = Result(catching: body) }
    condition.lock()
    jobs.append(job)
    condition.signal()
    condition.unlock()
    job.done.wait()
    // `work` signals after `run`, whose body has set it, whether it threw or not.
    guard let outcome else { preconditionFailure("the compute thread signals only after it has run a job") }
    return outcome
  }
}
