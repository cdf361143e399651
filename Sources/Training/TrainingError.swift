/// A network cannot be trained, used, saved or loaded: what is wrong, where, and what to do about it.
public struct TrainingError: Error, CustomStringConvertible, Equatable {
  /// What went wrong, for programs that tell errors apart.
  public enum Kind: String, Sendable, CaseIterable {
    /// An option is outside of what is allowed.
    case invalidOption
    /// Data, network and loss do not fit each other.
    case mismatch
    /// There is nothing yet: no examples, or no weights because nothing was trained.
    case empty
    /// The loss or a weight became infinite or not a number.
    case notFinite
    /// It would take too long.
    case infeasible
    /// A file is no model, or a damaged one.
    case invalidModel
  }

  /// What went wrong, for programs.
  public let kind: Kind
  /// The file, empty where the error is in none.
  public let path: String
  /// What is wrong, and where.
  public let message: String
  /// What to do.
  public let advice: String

  /// An error of the given kind; without a path, one that is in no file.
  public init(_ kind: Kind, path: String = "", _ message: String, advice: String) {
    self.kind = kind
    self.path = path
    self.message = message
    self.advice = advice
  }

  public var description: String { (path.isEmpty ? "" : "\(path): ") + "\(message); \(advice)" }
}
