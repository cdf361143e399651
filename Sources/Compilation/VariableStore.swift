import Foundation

/// The variables of one or several programs, by name: weights, moments, counters.
///
/// Programs that are compiled for the same store share them: what a training program updates, a prediction program
/// reads. Addresses are fixed for the life of the store.
public final class VariableStore {
  struct Entry {
    let type: TensorType
    let buffer: UnsafeMutableRawPointer
  }

  private let memory = PageMemory()
  private var entries: [String: Entry] = [:]
  /// In the order in which they were declared.
  public private(set) var names: [String] = []

  /// Counts the changes of any variable: what programs have prepared from variables holds as long as this stays.
  private(set) var generation = 0
  /// Whether somebody holds a variable's memory, and so can change it unnoticed.
  private var isLent = false

  /// A store without variables.
  public init() {}

  /// The shape and element type of a variable; nil where there is none of that name.
  public func type(of name: String) -> TensorType? { entries[name]?.type }

  /// Makes a variable that starts as zeros, unless there is one.
  /// - Throws: `VariableError` when there is one of another type, or the type has a shape that no array can have or is
  ///   larger than this machine's memory.
  public func declare(_ name: String, _ type: TensorType) throws {
    if let existing = entries[name] {
      guard existing.type == type else { throw VariableError.typeMismatch(name, existing.type, type) }
      return
    }
    guard type.shape.isValid, type.byteCount < Int(clamping: ProcessInfo.processInfo.physicalMemory) else {
      throw VariableError.impossible(name, type)
    }
    entries[name] = Entry(type: type, buffer: memory.allocate(type.byteCount))
    names.append(name)
  }

  /// The variable's memory, declared if needed.
  func buffer(_ name: String, _ type: TensorType) throws -> UnsafeMutableRawPointer {
    try declare(name, type)
    guard let entry = entries[name] else { throw VariableError.unknown(name) }
    return entry.buffer
  }

  /// Says that a program writes to variables.
  func noteChange() { generation &+= 1 }

  /// Whether no variable can have changed since a generation.
  func isUnchanged(since generation: Int?) -> Bool { generation == self.generation && !isLent }

  /// The memory of a variable, row-major, for reading and changing it in place. The pointer is valid as long as the
  /// store; from here on, programs prepare nothing from variables once and for all.
  /// - Throws: `VariableError` when there is no such variable or its elements are of another type.
  public func buffer<Scalar: ProgramScalar>(
    _ name: String, as: Scalar.Type
  ) throws -> UnsafeMutableBufferPointer<Scalar> {
    guard let entry = entries[name] else { throw VariableError.unknown(name) }
    guard entry.type.elementType == Scalar.elementType else {
      throw VariableError.typeMismatch(name, entry.type, TensorType(entry.type.shape, Scalar.elementType))
    }
    isLent = true
    return UnsafeMutableBufferPointer(
      start: entry.buffer.assumingMemoryBound(to: Scalar.self), count: entry.type.count)
  }

  /// Reads a variable; integers and booleans as numbers.
  public func value(of name: String) throws -> ShapedArray<Float> {
    guard let entry = entries[name] else { throw VariableError.unknown(name) }
    return ShapedArray(shape: entry.type.shape, unchecked: entry.buffer.floats(entry.type))
  }

  /// Sets a variable that has been declared, or declares a float32 one.
  /// - Throws: `VariableError` when the shapes differ.
  public func set(_ name: String, to value: ShapedArray<Float>) throws {
    if entries[name] == nil { try declare(name, TensorType(value.shape)) }
    guard let entry = entries[name] else { throw VariableError.unknown(name) }
    guard entry.type.shape == value.shape else {
      throw VariableError.typeMismatch(name, entry.type, TensorType(value.shape, entry.type.elementType))
    }
    noteChange()
    entry.buffer.store(value.scalars, as: entry.type.elementType)
  }

  /// Reads an int32 variable exactly.
  public func integers(of name: String) throws -> [Int32] {
    guard let entry = entries[name] else { throw VariableError.unknown(name) }
    guard entry.type.elementType == .int32 else {
      throw VariableError.typeMismatch(name, entry.type, TensorType(entry.type.shape, .int32))
    }
    let integers = entry.buffer.assumingMemoryBound(to: Int32.self)
    return Array(UnsafeBufferPointer(start: integers, count: entry.type.count))
  }

  /// Sets an int32 variable, declared if needed.
  public func setIntegers(_ name: String, to integers: [Int32], shape: Shape) throws {
    let type = TensorType(shape, .int32)
    guard shape.isValid else { throw VariableError.impossible(name, type) }
    guard integers.count == shape.count else {
      throw VariableError.typeMismatch(name, type, TensorType([integers.count], .int32))
    }
    let buffer = try buffer(name, type)
    noteChange()
    for (index, integer) in integers.enumerated() {
      buffer.storeBytes(of: integer, toByteOffset: index * 4, as: Int32.self)
    }
  }
}

/// A variable was asked for that does not exist, or whose type is another.
public enum VariableError: Error, CustomStringConvertible, Equatable {
  /// There is no variable of that name.
  case unknown(String)
  /// A variable of that name, its type and the other one that was asked for.
  case typeMismatch(String, TensorType, TensorType)
  /// The name of a variable, and a type whose values this machine's memory cannot hold.
  case impossible(String, TensorType)

  public var description: String {
    switch self {
    case .unknown(let name): "there is no variable '\(name)'"
    case .impossible(let name, let type):
      "variable '\(name)' cannot be \(type): extents must not be negative, nor their product more than memory holds"
    case .typeMismatch(let name, let existing, let given): "variable '\(name)' is \(existing), not \(given)"
    }
  }
}
