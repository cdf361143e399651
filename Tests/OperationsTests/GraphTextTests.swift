import Foundation
import Operations
import ReferenceBackend
import Testing

@Suite struct GraphTextTests {
  @Test(arguments: SampleCase.all)
  func textIsReadAgain(_ test: SampleCase) throws {
    let graph = Graph()
    let results = graph.scope("layer // \"1\"\n{") {
      graph.phase = .backward
      return graph.apply(test.sample)
    }
    graph.output("result \\ \"0\" = %1", results[0])
    let parsed = try Graph(parsing: graph.text)
    #expect(parsed.text == graph.text)
    try parsed.verify()
    #expect(parsed.scope(of: parsed.nodes[0]) == "layer // \"1\"\n{")
    let (before, after) = (try Interpreter(test.sample).evaluate(results), try Interpreter(test.sample).evaluate(
      results.map { parsed.tensor($0.value) }))
    for (a, b) in zip(before, after) {
      #expect(a.shape == b.shape && zip(a.scalars, b.scalars).allSatisfy { $0.bitPattern == $1.bitPattern })
    }
  }

  @Test(arguments: SampleCase.all)
  func codableRoundTrip(_ test: SampleCase) throws {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let data = try encoder.encode(CodableOperation(test.sample.operation))
    let decoded = try decoder.decode(CodableOperation.self, from: data).operation
    #expect(AnyHashable(decoded) == AnyHashable(test.sample.operation))
  }

  @Test func unknownNamesAreAnError() {
    let data = Data(#"{"name": "fold", "attributes": {}}"#.utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(CodableOperation.self, from: data) }
  }

  /// `sum(tanh(x w))`, with an update.
  private func example() -> Graph {
    let graph = Graph()
    let x = graph.input("x", TensorType([2, 3]))
    let w = graph.variable("w", TensorType([3, 2]))
    let y = graph.scope("hidden") { tanh(matrixMultiply(x, w)) }
    graph.output("loss", y.sum())
    graph.phase = .update
    graph.update(w, to: w - 0.5 * w)
    return graph
  }

  @Test func textReadsLikeAProgram() {
    let lines = example().text.split(separator: "\n")
    #expect(lines.prefix(4) == [
      #"%0: float32[2, 3] = input() {"inputName":"x","type":{"elementType":"float32","shape":[2,3]}}"#,
      #"%1: float32[3, 2] = variable() {"type":{"elementType":"float32","shape":[3,2]},"variableName":"w"}"#,
      #"%2: float32[2, 2] = matrixMultiply(%0, %1) {"transposesLeft":false,"transposesRight":false} // hidden"#,
      "%3: float32[2, 2] = tanh(%2) // hidden",
    ])
    #expect(lines.suffix(2) == [#"output "loss" = %4"#, "update %1 = %8"])
    #expect(lines.contains("%7: float32[3, 2] = multiply(%6, %1) @update"))
  }

  @Test func updatesAndNamesSurvive() throws {
    let parsed = try Graph(parsing: "// a comment\n\n" + example().text.replacing("\n", with: "\r\n"))
    #expect(parsed.text == example().text)
    #expect(parsed.input("x", TensorType([2, 3])).value.index == 0)
    var interpreter = Interpreter(values: [
      "x": ShapedArray(repeating: 1, shape: [2, 3]), "w": ShapedArray(repeating: 2, shape: [3, 2]),
    ])
    _ = try interpreter.run(parsed)
    #expect(interpreter.values["w"]?.scalars == [1, 1, 1, 1, 1, 1])
  }

  @Test func errorsNameTheLine() {
    let first = #"%0: float32[2] = input() {"inputName":"x","type":{"elementType":"float32","shape":[2]}}"# + "\n"
    let cases: [(String, Int, String)] = [
      ("%1: float32[2] = tanh(%0", 2, "expected ')'"),
      ("\n%1: float32[2] = twist(%0)", 3, "no operation 'twist'"),
      ("%1: float32[2] = tanh(%7)", 2, "no %7"),
      ("%1: float32[3] = tanh(%0)", 2, "the line says"),
      ("%0: float32[2] = tanh(%0)", 2, "already a %0"),
      ("%1: float64[2] = tanh(%0)", 2, "no element type 'float64'"),
      ("%1: float32[2] = tanh(%0, %0)", 2, "takes 1 operands, not 2"),
      ("%1: float32[2] = tanh(%0) @sideways", 2, "no phase 'sideways'"),
      (#"%1: float32[1, 2] = reshape(%0) {"shape":"#, 2, "do not end"),
      (#"%1: float32[1, 2] = reshape(%0) {"form":[1,2]}"#, 2, "cannot be read"),
      ("%1: float32[2] = tanh(%0) and more", 2, "did not expect 'and more'"),
      ("output loss = %0", 2, "in quotes"), (#"output "loss = %0"#, 2, "does not end"),
      ("update %0 = %0", 2, "only a variable"), ("%99999999999999999999: float32[2] = tanh(%0)", 2, "not a number"),
    ]
    for (text, line, message) in cases {
      let error = #expect(throws: GraphParseError.self) { try Graph(parsing: first + text) }
      #expect(error?.line == line, "\(text)")
      #expect(error?.message.contains(message) == true, "\(text): \(error?.message ?? "")")
    }
  }

  /// No text traps: every prefix and every replaced byte of a good one is read or refused.
  @Test func brokenTextIsRefused() {
    let bytes = Array(example().text.utf8)
    var refused = 0
    for position in bytes.indices {
      var broken = bytes
      broken[position] = [0x25, 0x22, 0x5C, 0x39, 0x7B, 0x0A, 0xFF][position % 7]
      for text in [bytes[..<position], broken[...]] {
        do {
          try Graph(parsing: String(decoding: text, as: UTF8.self)).verify()
        } catch {
          refused += 1
        }
      }
    }
    #expect(refused > bytes.count)
  }

  @Test func graphvizHasABoxANodeAndAnArrowAnOperand() {
    let graph = example()
    let lines = graph.graphviz.split(separator: "\n")
    #expect(lines.filter { $0.contains("shape=box") || $0.contains("fillcolor=light") }.count == graph.nodes.count + 1)
    let arrows = graph.nodes.reduce(0) { $0 + graph.operands(of: $1).count } + graph.outputs.count + graph.updates.count
    #expect(lines.filter { $0.contains("->") }.count == arrows)
    #expect(graph.graphviz.contains(#"hidden\ntanh\n%3: float32[2, 2]"#))
  }
}
