#if os(Linux) && arch(x86_64)
  import Foundation
  import Testing

  /// What a step costs in numbers that depend on no clock: compared with what is written down in
  /// Benchmarks/budgets.jsonl.
  @Suite struct BudgetTests {
    private static let benchmarks = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Benchmarks")
    private static let hasValgrind = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { FileManager.default.isExecutableFile(atPath: "\($0)/valgrind") }

    /// By how much of itself each number may grow unnoticed: other versions of the system's libraries count a little
    /// differently.
    private static let tolerances = ["arena_bytes": 0.01, "instructions": 0.04]

    @Test func `no step has more kernels, memory or allocations than its budget`() throws {
      try check("kernels")
      for budget in try Self.budgets() where budget["allocations"] != nil {
        #expect(budget["allocations"] as? Int == 0, "a step allocates nothing, so its budget is 0: \(budget)")
      }
    }

    @Test(.enabled(if: hasValgrind, "valgrind is not installed: instructions are not counted"))
    func `no program takes more instructions than its budget`() throws {
      try check("instructions")
    }

    @Test func `what has grown is told`() {
      let budget: [String: Any] = ["workload": "tiny", "kernels": 12, "arena_bytes": 1000, "allocations": 0]
      func growth(_ changes: [String: Any]) -> [String] {
        Self.growth([budget.merging(changes) { $1 }], over: [budget])
      }
      #expect(growth([:]).isEmpty && growth(["kernels": 11, "arena_bytes": 1010]).isEmpty)
      #expect(growth(["kernels": 13]).first?.hasPrefix("tiny: kernels is 13, its budget 12") == true)
      #expect(growth(["arena_bytes": 1011]).count == 1 && growth(["allocations": 1]).count == 1)
      #expect(growth(["workload": "large"]).last?.hasPrefix("large: has no budget") == true)
      #expect(Self.growth([], over: [budget]).first?.hasPrefix("tiny: was not counted") == true)
    }

    private func check(_ kind: String) throws {
      let script = Self.benchmarks.appendingPathComponent("count").path
      let run = try Chainrule().shell("'\(script)' '\(Chainrule.program(named: "chainrule-bench").path)' \(kind)")
      try #require(run.status == 0, "\(run.diagnostics)")
      let isInstructions = kind == "instructions"
      let budgets = try Self.budgets().filter { ($0["instructions"] != nil) == isInstructions }
      for line in Self.growth(try run.jsonLines(), over: budgets) { Issue.record("\(line)") }
    }

    private static func budgets() throws -> [[String: Any]] {
      let text = try String(contentsOf: benchmarks.appendingPathComponent("budgets.jsonl"), encoding: .utf8)
      return try Run(output: text, diagnostics: "", status: 0, wasKilled: false).jsonLines()
    }

    /// A sentence on each number that is larger than its budget.
    private static func growth(_ counted: [[String: Any]], over budgets: [[String: Any]]) -> [String] {
      func name(_ line: [String: Any]) -> String {
        [line["workload"], line["while"]].compactMap { $0 as? String }.joined(separator: ", ")
      }
      let renewal = "if that is meant, 'make budgets' renews Benchmarks/budgets.jsonl"
      var sentences: [String] = []
      for budget in budgets where !counted.contains(where: { name($0) == name(budget) }) {
        sentences.append("\(name(budget)): was not counted; \(renewal)")
      }
      for line in counted {
        guard let budget = budgets.first(where: { name($0) == name(line) }) else {
          sentences.append("\(name(line)): has no budget; 'make budgets' adds it to Benchmarks/budgets.jsonl")
          continue
        }
        for (key, value) in line.sorted(by: { $0.key < $1.key }) where key != "steps" {
          guard let value = value as? Int, let allowed = budget[key] as? Int else { continue }
          if Double(value) > Double(allowed) * (1 + tolerances[key, default: 0]) {
            sentences.append("\(name(line)): \(key) is \(value), its budget \(allowed); \(renewal)")
          }
        }
      }
      return sentences
    }
  }
#endif
