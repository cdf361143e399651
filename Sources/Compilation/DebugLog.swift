import Foundation

/// What `CHAINRULE_DEBUG` asks to see on standard error: 1 timings, 2 also passes with node counts, 3 also graphs, 4
/// also every rewrite.
enum DebugLog {
  static let level = Int(ProcessInfo.processInfo.environment["CHAINRULE_DEBUG"] ?? "") ?? 0

  /// Whether `CHAINRULE_VALIDATE=1` asks that every kernel be compared with the reference.
  static let validates = ProcessInfo.processInfo.environment["CHAINRULE_VALIDATE"] == "1"

  static func write(_ line: String) {
    try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
  }
}
