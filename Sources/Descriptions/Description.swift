/// A description of a network, loss, initializer, schedule or optimizer cannot be read.
public struct DescriptionError: Error, CustomStringConvertible, Equatable {
  /// Where in the description, such as `layers[1].units`; empty at its top.
  public let path: String
  /// What is wrong, and what to write instead.
  public let message: String

  /// An error at a place in a description, such as `layers[1].units`.
  public init(path: String, message: String) {
    self.path = path
    self.message = message
  }

  /// An error at the place of a decoder.
  public init(_ codingPath: [any CodingKey], _ message: String) {
    var path = ""
    for key in codingPath {
      if let index = key.intValue {
        path += "[\(index)]"
      } else {
        path += path.isEmpty ? key.stringValue : ".\(key.stringValue)"
      }
    }
    self.init(path: path, message: message)
  }

  /// What a decoder has found wrong, in words that name no types of Swift.
  /// - Parameters:
  ///   - list: what the decoder calls a list when it expects one.
  ///   - object: what it calls an object.
  public init(of error: any Error, list: Any.Type = [Any].self, object: Any.Type = [String: Any].self) {
    switch error {
    case let error as DescriptionError: self = error
    case DecodingError.keyNotFound(let key, let context):
      self.init(context.codingPath, "the setting '\(key.stringValue)' is missing; add it")
    case DecodingError.typeMismatch(let type, let context), DecodingError.valueNotFound(let type, let context):
      let form = type == list ? "a list" : type == object ? "an object: 'key: value'" : formName(of: type)
      self.init(context.codingPath, "expected \(form)")
    case DecodingError.dataCorrupted(let context): self.init(context.codingPath, context.debugDescription)
    default: self.init(path: "", message: "the text is not well-formed")
    }
  }

  public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}

/// What is expected where a value of a type stands.
private func formName(of type: Any.Type) -> String {
  switch type {
  case is any FixedWidthInteger.Type: "a whole number"
  case is any BinaryFloatingPoint.Type: "a number"
  case is Bool.Type: "true or false"
  case is String.Type: "text"
  case let named as any NamedForm.Type: named.formName
  default: "a value of another form"
  }
}

/// Any key of a description.
public struct DescriptionKey: CodingKey {
  public let stringValue: String
  public var intValue: Int? { nil }

  /// A key of that name.
  public init(_ name: String) { stringValue = name }
  public init?(stringValue: String) { self.init(stringValue) }
  public init?(intValue: Int) { nil }
}

/// Refuses keys that an object does not have: a misspelt option must not be ignored.
/// - Parameters:
///   - keys: the keys that there are.
///   - subject: what a key is, for the message: "training option".
/// - Throws: `DescriptionError` at a key that is none of `Key`.
public func checkKeys<Key: CodingKey & CaseIterable>(
  of decoder: any Decoder, _ keys: Key.Type, subject: String
) throws {
  let known = Key.allCases.map(\.stringValue)
  let given = try decoder.container(keyedBy: DescriptionKey.self).allKeys
  let strangers = given.filter { !known.contains($0.stringValue) }
  if let stranger = strangers.min(by: { $0.stringValue < $1.stringValue }) {
    throw DescriptionError(
      decoder.codingPath + [stranger],
      "there is no \(subject) '\(stranger.stringValue)'; there are \(known.joined(separator: ", "))")
  }
}

/// A type that has a name in messages.
public protocol NamedForm {
  /// What is expected where it stands, such as "a list of layers".
  static var formName: String { get }
}

/// A type whose lists have a name in messages.
public protocol NamedInLists {
  /// What several of them are called, such as "layers".
  static var pluralName: String { get }
}

/// Reads a value of one of several kinds: `{"kind": "huber", "delta": 1}`, or just `"huber"` where defaults serve.
///
/// Unknown kinds, unknown keys, missing keys and values of the wrong type are errors that name the place and the
/// choices, so that a misspelt option is never ignored.
public struct DescriptionReader {
  /// Which of the kinds it is.
  public let kind: String
  private let subject: String
  private let values: KeyedDecodingContainer<DescriptionKey>?
  private let path: [any CodingKey]

  /// - Parameters:
  ///   - subject: what is read, for messages: "layer", "loss".
  ///   - keys: the keys of each kind, without `kind` itself.
  /// - Throws: `DescriptionError`.
  public init(_ decoder: any Decoder, of subject: String, keys: [String: [String]]) throws {
    try self.init(decoder, of: subject, kinds: keys.keys.sorted())
    let known = keys[kind] ?? []
    let others = Self.foreignKeysInfoKey.flatMap { decoder.userInfo[$0] as? [String] } ?? []
    let given = values?.allKeys ?? []
    let strangers = given.filter { !(["kind"] + known + others).contains($0.stringValue) }
    if let stranger = strangers.min(by: { $0.stringValue < $1.stringValue }) {
      let choices = known.isEmpty ? "takes no settings" : "takes \((known + others).joined(separator: ", "))"
      throw DescriptionError(
        path + [stranger], "\(subject) '\(kind)' has no setting '\(stranger.stringValue)'; it \(choices)")
    }
  }

  /// The key of a decoder's `userInfo` under which whoever reads settings of its own from the same object lists their
  /// names, as `[String]`.
  public static let foreignKeysInfoKey = CodingUserInfoKey(rawValue: "chainrule.foreignKeys")

  /// Reads the kind alone and leaves the other keys to whoever reads on.
  public init(_ decoder: any Decoder, of subject: String, kinds: [String]) throws {
    self.subject = subject
    path = decoder.codingPath
    let choices = kinds.joined(separator: ", ")
    if let values = try? decoder.container(keyedBy: DescriptionKey.self) {
      self.values = values
      guard values.contains(DescriptionKey("kind")) else {
        throw DescriptionError(path, "the \(subject) has no 'kind'; choose one of \(choices)")
      }
      guard let kind = try? values.decode(String.self, forKey: DescriptionKey("kind")) else {
        throw DescriptionError(path, "the \(subject)'s 'kind' must be text, one of \(choices)")
      }
      self.kind = kind
    } else if let kind = try? decoder.singleValueContainer().decode(String.self) {
      values = nil
      self.kind = kind
    } else {
      throw DescriptionError(
        path, "expected a \(subject): the name of a kind or an object with a 'kind', one of \(choices)")
    }
    guard kinds.contains(kind) else {
      throw DescriptionError(path, "there is no \(subject) of kind '\(kind)'; choose one of \(choices)")
    }
  }

  /// A setting that may be left out.
  public func optional<Value: Decodable>(_ key: String, as type: Value.Type = Value.self) throws -> Value? {
    guard let values, values.contains(DescriptionKey(key)) else { return nil }
    do {
      return try values.decodeIfPresent(Value.self, forKey: DescriptionKey(key))
    } catch is DecodingError {
      throw DescriptionError(path + [DescriptionKey(key)], "expected \(formName(of: Value.self))")
    }
  }

  /// A setting that must be there unless it has a default.
  public func value<Value: Decodable>(_ key: String, default standard: Value? = nil) throws -> Value {
    if let value = try optional(key, as: Value.self) ?? standard { return value }
    throw DescriptionError(path, "\(subject) '\(kind)' needs the setting '\(key)', \(formName(of: Value.self))")
  }

  /// A setting that is one of a few words.
  public func choice<Value: RawRepresentable & CaseIterable>(
    _ key: String, default standard: Value
  ) throws -> Value where Value.RawValue == String {
    guard let word = try optional(key, as: String.self) else { return standard }
    if let value = Value(rawValue: word) { return value }
    let choices = Value.allCases.map(\.rawValue).joined(separator: ", ")
    throw DescriptionError(path + [DescriptionKey(key)], "there is no '\(word)'; choose one of \(choices)")
  }
}

/// Writes what `DescriptionReader` reads; a kind without settings becomes a single word.
public struct DescriptionWriter {
  private let kind: String
  private var settings: [(key: String, write: (inout KeyedEncodingContainer<DescriptionKey>) throws -> Void)] = []

  /// Begins a description; `kind` is the word by which the reader tells types apart.
  public init(_ kind: String) { self.kind = kind }

  /// Adds a setting, unless it is nil.
  public mutating func set(_ key: String, _ value: (some Encodable)?) {
    guard let value else { return }
    settings.append((key, { try $0.encode(value, forKey: DescriptionKey(key)) }))
  }

  /// - Parameter asObject: whether to write an object even when there are no settings.
  public func write(to encoder: any Encoder, asObject: Bool = false) throws {
    guard asObject || !settings.isEmpty else {
      var container = encoder.singleValueContainer()
      return try container.encode(kind)
    }
    var container = encoder.container(keyedBy: DescriptionKey.self)
    try container.encode(kind, forKey: DescriptionKey("kind"))
    for setting in settings { try setting.write(&container) }
  }
}

extension Array: NamedForm where Element: NamedInLists {
  public static var formName: String { "a list of \(Element.pluralName)" }
}
