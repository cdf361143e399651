import Foundation
import Interchange
import NeuralNetworks
import Testing

struct YAMLTests {
  static let network = Sequential {
    Flatten()
    Dense(16, activation: .tanh, weightInitializer: .uniform(lower: -0.5, upper: 1e-3), name: "first.hidden")
    Dense(2)
  }

  static let text = """
    # A comment
    kind: sequential
    layers:
      - flatten
      - kind: dense
        units: 16
        activation: tanh
        weightInitializer: {kind: uniform, lower: -0.5, upper: 1e-3}
        name: first.hidden
      - {kind: dense, units: 2}
    """

  @Test func `YAML and JSON give the same value`() throws {
    #expect(try YAMLDocument(Self.text).decode(AnyLayer.self) == AnyLayer(Self.network))
    let json = String(decoding: try JSONEncoder().encode(Self.network), as: UTF8.self)
    #expect(try YAMLDocument(json).decode(AnyLayer.self) == AnyLayer(Self.network))
    #expect(try YAMLDocument(yamlText(Self.network)).decode(AnyLayer.self) == AnyLayer(Self.network))
  }

  @Test func `what is encoded is what people would write`() throws {
    #expect(try yamlText(Sequential { Dense(2, activation: .relu) }) == """
      kind: sequential
      layers:
      - kind: dense
        units: 2
        activation: relu

      """)
  }

  static let mistakes: [(text: String, line: Int?, column: Int?, message: String)] = [
    ("kind: sequential\nlayers:\n  - kind: dense\n    units: ten\n", 4, 5, "layers[0].units: expected a whole number"),
    (
      "kind: sequential\nlayers:\n  - kind: dense\n    unts: 10\n", 4, 5,
      "layers[0].unts: layer 'dense' has no setting"
    ),
    ("kind: sequential\nlayers:\n  - flatten\n  - {kind: dense}\n", 4, 5, "layers[1]: layer 'dense' needs the setting"),
    ("kind: sequential\nlayers: [flatten, dnse]\n", 2, 19, "layers[1]: there is no layer of kind 'dnse'"),
    ("kind: dense\nunits: 3\nunits: 4\n", 2, 1, "the object has 'units' twice"),
    ("kind: dense\n\tunits: 3\n", 2, 1, "a tab cannot indent; use spaces"),
    ("kind: [dense\n", 2, 1, "the text is not YAML"),
    ("- dense\n", 1, 1, "expected a layer"),
    ("", nil, nil, "the text is empty"),
    ("# nothing\n", nil, nil, "the text is empty"),
    ("{kind: dense, units: 3, activation: relux}", 1, 25, "activation: there is no 'relux'"),
  ]

  @Test(arguments: mistakes.indices)
  func `mistakes name line and column`(index: Int) {
    let (text, line, column, message) = Self.mistakes[index]
    let error = #expect(throws: YAMLError.self) { try YAMLDocument(text, file: "net.yaml").decode(AnyLayer.self) }
    #expect(error?.line == line && error?.column == column, "\(error.map(String.init(describing:)) ?? "")")
    #expect(error?.message.contains(message) == true, "\(error.map(String.init(describing:)) ?? "")")
    let place = [line, column].compactMap { $0.map(String.init) }.map { ":\($0)" }.joined()
    #expect(error?.description.hasPrefix("net.yaml\(place): ") == true)
  }

  private struct Plain: Codable, Equatable {
    enum Key: String, CodingKey, CaseIterable { case count, share, names }
    var count: Int
    var share: Double
    var names: [String]
  }

  @Test func `values of any type tell where they are wrong`() throws {
    #expect(
      try YAMLDocument("count: 3\nshare: .5\nnames: [a, 'b c']\n").decode(Plain.self)
        == Plain(count: 3, share: 0.5, names: ["a", "b c"]))
    let mistakes = [
      ("count: 3\nshare: .5\n", "line 1, column 1: the setting 'names' is missing; add it"),
      ("count: 3\nshare: much\nnames: []\n", "line 2, column 1: share: expected a number"),
      ("count: 3\nshare: 1\nnames: 7\n", "line 3, column 1: names: expected a list"),
      ("count: 99999999999999999999\nshare: 1\nnames: []\n", "line 1, column 1: count: expected a whole number"),
    ]
    for (text, message) in mistakes {
      let error = #expect(throws: YAMLError.self) { try YAMLDocument(text).decode(Plain.self) }
      #expect(error?.description == message)
    }
  }

  @Test func `deep and explosive texts are refused`() {
    let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
    #expect(throws: YAMLError.self) { try YAMLDocument(deep) }
    #expect(throws: YAMLError.self) { try YAMLDocument(String(repeating: "{a: ", count: 5000)) }
    #expect(throws: YAMLError.self) { try YAMLDocument(String(repeating: "- ", count: 5000)) }
    var laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let many = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      laughs += "a\(level): &a\(level) [\(many)]\n"
    }
    #expect(throws: YAMLError.self) { try YAMLDocument(laughs) }
  }

  @Test func `files that cannot be read are named`() {
    let error = #expect(throws: YAMLError.self) { try YAMLDocument(contentsOf: "no/such.yaml") }
    #expect(error?.kind == .missing)
    #expect(error?.description == "no/such.yaml: there is no such file; check the path")
  }
}
