import Tensors

/// Named arrays and text in one file, in the safetensors format that Python's library of that name reads and writes.
///
/// The format: the length of the header as a little-endian 64-bit number; the header, a JSON object that maps each name
/// to `dtype`, `shape` and `data_offsets`, and `__metadata__` to strings; the arrays' little-endian elements, without
/// gaps. Source: https://huggingface.co/docs/safetensors, section "Format".
public struct Safetensors: Sendable, Equatable {
  /// The elements of an array in a file.
  public enum Values: Sendable, Equatable {
    /// Real numbers of 32 bits: written as `F32`, read from `F64`, `F16` and `BF16` too.
    case float32(ShapedArray<Float>)
    /// Whole numbers of 32 bits with a sign, `I32` in the file.
    case int32(ShapedArray<Int32>)

    /// The extents along each axis, outermost first.
    public var shape: Shape {
      switch self {
      case .float32(let array): array.shape
      case .int32(let array): array.shape
      }
    }
  }

  /// An array and what it is called in the file.
  public struct NamedTensor: Sendable, Equatable {
    /// The key in the header, unique in the file; `__metadata__` is taken.
    public let name: String
    /// The elements and their shape.
    public let values: Values

    /// Nothing is checked before the file is written.
    public init(name: String, values: Values) {
      self.name = name
      self.values = values
    }
  }

  /// The arrays in the order of their data in the file.
  public var tensors: [NamedTensor]
  /// The text under `__metadata__`, by its key.
  public var metadata: [String: String]

  /// The content of a file to be written; names and shapes are checked then.
  public init(tensors: [NamedTensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// The array of that name, nil when there is none.
  public subscript(name: String) -> Values? {
    tensors.first { $0.name == name }?.values
  }

  /// The key of the header that holds text, which is no name for an array.
  static let metadataKey = "__metadata__"
  /// The greatest length of a header, in bytes, that the reference implementation reads.
  static let greatestHeaderByteCount = 100_000_000
}

/// A safetensors file cannot be used: what is wrong, where, and what to do about it.
public struct SafetensorsError: Error, CustomStringConvertible, Equatable {
  /// What went wrong, for programs that tell errors apart.
  public enum Kind: String, Sendable, CaseIterable {
    /// There is no such file.
    case missing
    /// It exists but cannot be read.
    case unreadable
    /// It is too large for the memory.
    case tooLarge
    /// It ends too early.
    case truncated
    /// Bytes follow the last array.
    case trailingBytes
    /// The header is not what the format asks for.
    case invalidHeader
    /// An array's entry in the header is not what the format asks for.
    case invalidTensor
    /// An array is of a type that is not read here.
    case unsupportedType
    /// An array cannot be written under that name or in that shape.
    case invalidArgument
  }

  /// What went wrong, for programs.
  public let kind: Kind
  /// The file, empty for bytes in memory.
  public let path: String
  /// The array, nil when the error is in none.
  public let tensor: String?
  /// What is wrong.
  public let message: String
  /// What to do.
  public let advice: String

  /// An error of the given kind; an empty path is said of bytes in memory.
  public init(_ kind: Kind, path: String, tensor: String? = nil, _ message: String, advice: String) {
    self.kind = kind
    self.path = path
    self.tensor = tensor
    self.message = message
    self.advice = advice
  }

  public var description: String {
    (path.isEmpty ? "" : "\(path): ") + (tensor.map { "tensor '\($0)': " } ?? "") + "\(message); \(advice)"
  }
}
