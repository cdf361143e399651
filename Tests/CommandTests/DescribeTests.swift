import Foundation
import Testing

struct DescribeTests {
  private let chainrule: Chainrule

  init() throws { chainrule = try Chainrule() }

  private let network = """
    kind: graph
    inputs: [x]
    nodes:
      - {name: y, kind: dense, units: 2, inputs: [x, hidden]}
      - {name: hidden, kind: dense, units: 12, activation: tanh, inputs: [x]}
    """

  @Test func `a network is described, drawn, trained and described again`() throws {
    try chainrule.write(Array(network.utf8), to: "net.yaml")
    let first = try chainrule.run("describe", "net.yaml", "--input", "2", "--svg", "net.svg")
    #expect(first.status == 0, "\(first.diagnostics)")
    #expect(first.output.contains("hidden   dense") && first.output.contains("Parameters"))
    #expect(String(decoding: try chainrule.bytes("net.svg"), as: UTF8.self).contains("dense 12 tanh"))

    let training = try chainrule.run(
      "train", "moons", "--network", "net.yaml", "--epochs", "30", "--learning-rate", "0.01", "--json",
      "--plot-decision", "regions.png", "--out", "m.safetensors")
    #expect(training.status == 0, "\(training.diagnostics)")
    #expect(try #require(training.jsonLines().last?["test_accuracy"] as? Double) > 0.95)
    #expect(try Array(chainrule.bytes("regions.png").prefix(4)) == [0x89, 0x50, 0x4E, 0x47])

    let json = try #require(chainrule.run("describe", "m.safetensors", "--json").jsonLines().first)
    let summary = try #require(json["summary"] as? [String: Any])
    #expect(summary["parameter_count"] as? Int == 2 * 12 + 12 + 14 * 2 + 2)
    #expect((json["boxes"] as? [Any])?.count == 4)
    let yaml = try chainrule.run("describe", "m.safetensors", "--yaml").output
    #expect(yaml.hasPrefix("kind: graph\ninputs:\n- x\nnodes:\n"))
  }

  @Test func `mistakes name the line`() throws {
    try chainrule.write(Array((network + "\n  - {name: z, kind: dense, units: 0, inputs: [y]}").utf8), to: "net.yaml")
    for arguments in [["describe", "net.yaml", "--input", "2"], ["train", "moons", "--network", "net.yaml"]] {
      let run = try chainrule.run(arguments)
      #expect(run.status != 0 && !run.wasKilled)
      #expect(run.diagnostics.contains("net.yaml:6:"), "\(run.diagnostics)")
      #expect(run.diagnostics.contains("at least 1 unit"), "\(run.diagnostics)")
    }
    try chainrule.write(Array(network.replacingOccurrences(of: "hidden]", with: "hiden]").utf8), to: "net.yaml")
    let unknown = try chainrule.run("describe", "net.yaml", "--input", "2")
    #expect(unknown.diagnostics.contains("net.yaml:4:"), "\(unknown.diagnostics)")
    #expect(unknown.diagnostics.contains("there is no node or input 'hiden'"), "\(unknown.diagnostics)")
    #expect(try chainrule.run("describe", "net.yaml").status == 64)
    #expect(try chainrule.run("describe", "none.yaml", "--input", "2").status == 66)
    #expect(try chainrule.run("describe", "net.yaml", "--input", "0").status == 64)
  }

  @Test func `exclusive or is solved by one command`() throws {
    let run = try chainrule.run("train", "xor", "--json")
    #expect(run.status == 0, "\(run.diagnostics)")
    #expect(try run.jsonLines().last?["accuracy"] as? Double == 1)
  }
}
