import CPUBackend
import Foundation
import Testing

/// `--precision`: refused where the processor lacks the instructions, else trained with.
@Suite struct PrecisionTests {
  let chainrule: Chainrule

  init() throws { chainrule = try Chainrule() }

  @Test(arguments: [Precision.bfloat16, .emulatedBfloat16])
  func trainsOrSaysWhatIsMissing(precision: Precision) throws {
    let run = try chainrule.run(
      "train", "digits", "--precision", precision.rawValue, "--epochs", "2", "--threads", "1", "--json")
    if let missing = precision.missingInstructions {
      #expect(run.status == EX_USAGE && run.output.isEmpty)
      for word in [precision.rawValue, missing, "use float32"] {
        #expect(run.diagnostics.contains(word), "\(run.diagnostics)")
      }
      #expect(try chainrule.names().isEmpty)
    } else {
      #expect(run.status == 0, "\(run.diagnostics)")
      #expect(try #require(try run.jsonLines().last?["test_accuracy"] as? Double) > 0.8)
    }
  }

  @Test(arguments: [Precision.bfloat16, .emulatedBfloat16])
  func benchmarksMeasureItOrSayWhatIsMissing(precision: Precision) throws {
    let bench = Chainrule.program(named: "chainrule-bench").path
    let run = try chainrule.shell(
      "'\(bench)' --workload tiny --seconds 0.01 --json --threads 1 --precision \(precision.rawValue)")
    if let missing = precision.missingInstructions {
      #expect(run.status != 0 && run.diagnostics.contains(missing), "\(run.diagnostics)")
    } else {
      #expect(run.status == 0, "\(run.diagnostics)")
      #expect(try run.jsonLines().first?["precision"] as? String == precision.rawValue)
    }
  }

  @Test func wordsThatAreNoPrecisionAreNamed() throws {
    let run = try chainrule.run("train", "digits", "--precision", "half")
    #expect(run.status == EX_USAGE && run.diagnostics.contains("float32, bfloat16, emulatedBfloat16"))
  }
}
