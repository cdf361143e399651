/// Data cannot be used: what is wrong, where, and what to do about it.
public struct DatasetError: Error, CustomStringConvertible, Equatable {
  /// What went wrong, for programs that tell errors apart.
  public enum Kind: String, Sendable, CaseIterable {
    /// There is no file or folder of that name.
    case missing
    /// It exists but cannot be read: no permission, a folder in place of a file, an input error.
    case unreadable
    /// There are no bytes or no examples.
    case empty
    /// It ends too early.
    case truncated
    /// Bytes follow where it should end.
    case trailingBytes
    /// It is of another format.
    case wrongFormat
    /// It is of the right format but holds something else, such as labels in place of images.
    case wrongContent
    /// Its compressed bytes are damaged, or their checksum does not fit.
    case corrupt
    /// Its stated size cannot be addressed or held in memory.
    case tooLarge
    /// Parts that belong together are of different sizes.
    case mismatch
    /// A value is outside of what is allowed.
    case invalidValue
    /// A parameter of a call is outside of what is allowed.
    case invalidArgument
  }

  /// What went wrong, for programs.
  public let kind: Kind
  /// The file or folder, empty for data that come from none.
  public let path: String
  /// What is wrong, and where.
  public let message: String
  /// What to do.
  public let advice: String

  /// An error of the given kind; without a path, one of data that come from no file.
  public init(_ kind: Kind, path: String = "", _ message: String, advice: String) {
    self.kind = kind
    self.path = path
    self.message = message
    self.advice = advice
  }

  public var description: String {
    (path.isEmpty ? "" : "\(path): ") + "\(message); \(advice)"
  }

  /// The same error, said of a file.
  func at(_ path: String) -> DatasetError {
    DatasetError(kind, path: path, message, advice: advice)
  }
}
