import Foundation
import GRDB

/// What came of each trial of sweeps, in a SQLite file, so that a sweep that was interrupted goes on where it was.
struct SweepStore {
  /// One training with some settings.
  struct Trial: Codable, FetchableRecord, PersistableRecord, Equatable {
    static let databaseTableName = "trial"

    /// What was typed after `chainrule train`.
    let command: String
    /// Tells the examples from others: the same command on other examples is another trial.
    let fingerprint: String
    /// What the data are called.
    let data: String
    /// What was varied, such as `learning-rate=0.01`.
    let settings: String
    /// What the score is: `accuracy`, `RMSE` and so on.
    let measure: String
    /// How good the network was on held-back examples; nil where the training failed.
    let score: Double?
    /// Whether a greater score is a better one.
    let isBetterGreater: Bool
    /// The loss on the same examples.
    let loss: Double?
    /// None in a run of steps, which has a number of these instead.
    let epochs: Int
    let steps: Int?
    let seconds: Double
    /// Why the training failed.
    let error: String?

    /// Whether it went better than another one; of two equal scores, that with the lesser loss.
    func isBetter(than other: Trial) -> Bool {
      guard let score, let otherScore = other.score else { return score != nil }
      if score != otherScore { return (score > otherScore) == isBetterGreater }
      return loss ?? .infinity < other.loss ?? .infinity
    }
  }

  /// Where results are kept unless something else is asked for.
  static let standardPath = "sweep.sqlite"

  private let path: String
  private let queue: DatabaseQueue

  /// Opens the file, made where it is not there.
  /// - Throws: `StoreError` that names the file.
  init(path: String) throws {
    self.path = path
    queue = try Self.reporting(path) {
      var configuration = Configuration()
      // Another sweep may be writing its results.
      configuration.busyMode = .timeout(30)
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.write { database in
        try database.create(table: Trial.databaseTableName, options: .ifNotExists) { table in
          for name in ["command", "fingerprint", "data", "settings", "measure"] { table.column(name, .text).notNull() }
          table.column("score", .double)
          table.column("isBetterGreater", .boolean).notNull()
          table.column("loss", .double)
          table.column("epochs", .integer).notNull()
          table.column("seconds", .double).notNull()
          table.column("error", .text)
          table.primaryKey(["command", "fingerprint"])
        }
        let key = try database.primaryKey(Trial.databaseTableName).columns
        guard key == ["command", "fingerprint"] else {
          throw StoreError(path: path, reason: "its table '\(Trial.databaseTableName)' is not of sweeps")
        }
        // Files of earlier versions do not have it.
        if try !database.columns(in: Trial.databaseTableName).contains(where: { $0.name == "steps" }) {
          try database.alter(table: Trial.databaseTableName) { $0.add(column: "steps", .integer) }
        }
      }
      return queue
    }
  }

  /// What came of a command on the same examples; nil where it was not tried.
  /// - Throws: `StoreError`.
  func trial(_ command: String, fingerprint: String) throws -> Trial? {
    try Self.reporting(path) {
      try queue.read { try Trial.fetchOne($0, key: ["command": command, "fingerprint": fingerprint]) }
    }
  }

  /// Keeps a trial: once this returns, it survives the end of the process and of the machine.
  /// - Throws: `StoreError`.
  func add(_ trial: Trial) throws { try Self.reporting(path) { try queue.write { try trial.save($0) } } }

  /// Every trial, in the order in which they were made.
  /// - Throws: `StoreError`.
  func trials() throws -> [Trial] {
    try Self.reporting(path) { try queue.read { try Trial.order(Column.rowID).fetchAll($0) } }
  }

  private static func reporting<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as DatabaseError {
      throw StoreError(path: path, reason: error.message ?? "\(error.resultCode)")
    } catch let error as RowDecodingError {
      throw StoreError(path: path, reason: "\(error)")
    }
  }
}

/// A file of trials cannot be used.
struct StoreError: Error, CustomStringConvertible {
  let path: String
  let reason: String

  var description: String { "\(path): the file of trials cannot be used (\(reason)); give another with --database" }
}
