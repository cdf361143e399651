import Foundation
import NeuralNetworks
import Reports
import Testing

struct DiagramTests {
  static let network = NetworkGraph(
    inputs: ["x", "z"],
    nodes: [
      .init(
        Sequential([Dense(8, activation: .relu), Dense(4)], name: "encoder"), inputs: ["x", .delayed("sum", by: 2)]),
      .init("twin", weightsOf: "encoder", inputs: ["z", .delayed("sum")]),
      .init(Merge(.add, name: "sum"), inputs: ["encoder", "twin"]),
    ], outputs: ["sum"])

  private let types = [TensorType([1, 5, 3]), TensorType([1, 5, 3])]

  @Test func `a diagram shows layers, shapes and what they read`() throws {
    let diagram = try NetworkDiagram(AnyLayer(Self.network), inputs: types)
    #expect(
      diagram.boxes.map(\.name) == ["x", "z", "encoder/dense1", "encoder/dense2", "twin", "sum", "output"])
    #expect(
      diagram.boxes.map(\.kind) == ["input", "input", "dense 8 relu", "dense 4", "weights of encoder", "add", "output"])
    #expect(diagram.boxes.map(\.shape) == ["5x3", "5x3", "8", "4", "4", "4", "5x4"])
    let edges = diagram.edges.map { [$0.from, $0.to, $0.delay] }
    #expect(edges == [[0, 2, 0], [5, 2, 2], [2, 3, 0], [1, 4, 0], [5, 4, 1], [3, 5, 0], [4, 5, 0], [5, 6, 0]])
    let svg = diagram.svg
    #expect(svg.hasPrefix("<svg"))
    #expect(svg.contains("delay 2") && svg.contains("stroke-dasharray") && svg.contains("encoder/dense1"))
    #expect(svg.components(separatedBy: "<polygon").count - 1 == edges.count)
  }

  @Test func `what lies between the two uses of an embedding is drawn`() throws {
    let network = TiedEmbedding(11, features: 6) {
      TransformerBlock(heads: 2)
      LayerNormalization()
    }
    let diagram = try NetworkDiagram(AnyLayer(network), inputs: [TensorType([1, 5], .int32)])
    #expect(
      diagram.boxes.map(\.kind) == [
        "input", "embedding 11", "transformerBlock", "layerNormalization", "times the embedding", "output",
      ])
    #expect(diagram.boxes.map(\.shape) == ["5", "5x6", "5x6", "5x6", "5x11", "5x11"])
    #expect(diagram.edges.map { [$0.from, $0.to] } == [[0, 1], [1, 2], [2, 3], [3, 4], [4, 5]])
  }

  @Test func `a summary counts parameters and operations`() throws {
    let network = Sequential {
      Dense(8, activation: .relu)
      Dense(2)
    }
    let summary = try NetworkSummary(AnyLayer(network), inputs: [TensorType([1, 4])])
    #expect(summary.parameterCount == 4 * 8 + 8 + 8 * 2 + 2)
    #expect(summary.layers.map(\.path) == ["dense1", "dense2"])
    #expect(summary.layers.map(\.parameterCount) == [40, 18])
    #expect(summary.layers.map(\.outputs) == [[[8]], [[2]]])
    #expect(summary.outputs == [[2]] && summary.inputs == [[4]])
    #expect(summary.operations >= 2 * (4 * 8 + 8 * 2))
    #expect(summary.operations == summary.layers.reduce(0) { $0 + $1.operations })
  }

  @Test func `a hundred nodes do not lie on each other`() throws {
    var nodes: [NetworkGraph.Node] = []
    for index in 0..<100 {
      // Each reads two earlier ones, chosen by a fixed rule.
      let steps = [(index * 7) % min(max(index, 1), 9), (index * 5) % min(max(index, 1), 4)]
      let earlier = index == 0 ? ["x"] : steps.map { "n\(index - 1 - $0)" }
      let inputs = Set(earlier).sorted().map { NetworkGraph.Source($0) }
      nodes.append(.init(Dense(1, activation: .tanh, name: "n\(index)"), inputs: inputs))
    }
    let read = Set(nodes.flatMap { $0.inputs.map(\.node) })
    let outputs = nodes.map(\.name).filter { !read.contains($0) }.map { NetworkGraph.Source($0) }
    let network = NetworkGraph(inputs: ["x"], nodes: nodes, outputs: outputs)
    let svg = try NetworkDiagram(AnyLayer(network), inputs: [TensorType([1, 2])]).svg
    let boxes = svg.split(separator: "\n").filter { $0.contains("rx=\"6\"") }.map { line in
      ["x", "y", "width", "height"].compactMap { name in
        line.components(separatedBy: " \(name)=\"").dropFirst().first.flatMap {
          Double($0.prefix { $0 != "\"" })
        }
      }
    }
    #expect(boxes.count == 102)
    for (index, a) in boxes.enumerated() {
      for b in boxes[..<index] {
        #expect(a[0] + a[2] <= b[0] || b[0] + b[2] <= a[0] || a[1] + a[3] <= b[1] || b[1] + b[3] <= a[1])
      }
    }
  }
}
