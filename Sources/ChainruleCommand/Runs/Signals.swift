import Dispatch
import Foundation

/// The signals that ask the program to end. The first is noted, so that a run can write a checkpoint before it goes;
/// the second ends the program at once.
final class Signals: @unchecked Sendable {
  static let shared = Signals()

  private let lock = NSLock()
  private var first: Int32?
  private var sources: [any DispatchSourceSignal] = []

  private init() {}

  /// The first signal; nil as long as there was none.
  var received: Int32? { lock.withLock { first } }

  /// From now on signals are noted rather than ending the program.
  func watch() {
    lock.withLock {
      guard sources.isEmpty else { return }
      for number in [SIGTERM, SIGINT] {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { [unowned self] in note(number) }
        source.resume()
        sources.append(source)
      }
    }
  }

  private func note(_ number: Int32) {
    let isSecond = lock.withLock {
      defer { first = first ?? number }
      return first != nil
    }
    if isSecond { _exit(128 + number) }
  }
}

/// A run was asked to end before it was done.
struct Interruption: Error, CustomStringConvertible {
  /// What asked for it.
  let signal: Int32
  let stepCount: Int
  /// The folder of the run.
  let folder: String

  var description: String {
    "stopped by \(signal == SIGINT ? "SIGINT" : "SIGTERM") after \(counted(stepCount, "step")), which are saved; "
      + "continue with the same command and --resume --run-folder \(quoted(folder))"
  }
}
