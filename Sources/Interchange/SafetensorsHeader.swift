import Descriptions
import Tensors

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The header of a safetensors file, as far as it can be checked without the data.
struct SafetensorsHeader {
  struct Entry {
    let name: String
    let type: String
    let shape: Shape
    let begin: Int
    let end: Int
  }

  /// In the order of their offsets.
  let tensors: [Entry]
  let metadata: [String: String]

  init(_ json: UnsafeRawBufferPointer, path: String) throws {
    let advice = "give a file in the safetensors format"
    guard json.first == UInt8(ascii: "{") else {
      throw SafetensorsError(.invalidHeader, path: path, "the header is not a JSON object", advice: advice)
    }
    let decoded: Decoded
    do {
      decoded = try JSONDecoder().decode(Decoded.self, from: Data(json))
    } catch let error as EntryError {
      throw SafetensorsError(.invalidTensor, path: path, tensor: error.name, error.message, advice: advice)
    } catch {
      throw SafetensorsError(
        .invalidHeader, path: path, "the header is not well-formed JSON (\(DescriptionError(of: error)))",
        advice: advice)
    }
    metadata = decoded.metadata
    tensors = decoded.tensors.sorted { ($0.begin, $0.end, $0.name) < ($1.begin, $1.end, $1.name) }
  }

  private struct EntryError: Error {
    let name: String
    let message: String
  }

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private struct Fields: Decodable {
    let dtype: String
    let shape: [Int]
    let data_offsets: [Int]
  }

  private struct Decoded: Decodable {
    var tensors: [Entry] = []
    var metadata: [String: String] = [:]

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Name.self)
      for key in container.allKeys {
        let name = key.stringValue
        if name == Safetensors.metadataKey {
          metadata = try Self.decode([String: String].self, key, container)
        } else {
          tensors.append(try Self.entry(name, Self.decode(Fields.self, key, container)))
        }
      }
    }

    private static func decode<Value: Decodable>(
      _ type: Value.Type, _ key: Name, _ container: KeyedDecodingContainer<Name>
    ) throws -> Value {
      do {
        return try container.decode(type, forKey: key)
      } catch {
        throw EntryError(
          name: key.stringValue, message: "its entry in the header is wrong (\(DescriptionError(of: error)))")
      }
    }

    private static func entry(_ name: String, _ fields: Fields) throws -> Entry {
      let shape = Shape(fields.shape)
      guard shape.isValid else {
        throw EntryError(name: name, message: "the shape \(shape) is negative or too large to be addressed")
      }
      guard fields.data_offsets.count == 2, fields.data_offsets.allSatisfy({ $0 >= 0 }) else {
        throw EntryError(name: name, message: "the data offsets \(fields.data_offsets) are not a beginning and an end")
      }
      return Entry(
        name: name, type: fields.dtype, shape: shape, begin: fields.data_offsets[0], end: fields.data_offsets[1])
    }
  }
}
