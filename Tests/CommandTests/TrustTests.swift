import Foundation
import Testing
import Training

/// Whatever happens while a network is trained, nothing is lost that was saved, and the run can go on as if nothing had
/// happened.
@Suite struct TrustTests {
  let chainrule: Chainrule

  init() throws {
    chainrule = try Chainrule()
    try chainrule.writeHalves("halves")
    try FileManager.default.createDirectory(
      at: chainrule.folder.appendingPathComponent("kept"), withIntermediateDirectories: true)
  }

  /// A run whose steps draw random numbers and depend on their number: dropout, a schedule, shuffles, early stopping.
  private func arguments(epochs: Int = 24, checkpointSteps: Int = 20) -> [String] {
    [
      "train", "halves", "--hidden", "8", "--batch-size", "8", "--epochs", "\(epochs)", "--dropout", "0.3",
      "--schedule", "cosine", "--validation-fraction", "0.25", "--patience", "1000", "--checkpoint-steps",
      "\(checkpointSteps)", "--threads", "1", "--quiet", "--no-report", "--run-folder", "kept/run", "--out",
      "kept/model",
    ]
  }

  private var run: URL { chainrule.folder.appendingPathComponent("kept/run") }

  private func names(_ folder: URL) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
  }

  /// The temporary files that are there, which are taken away.
  private func takeTemporaries() throws -> [String] {
    let files = [run, run.deletingLastPathComponent()].flatMap { folder in
      names(folder).filter { $0.hasSuffix(".tmp") }.map { folder.appendingPathComponent($0) }
    }
    for file in files { try FileManager.default.removeItem(at: file) }
    return files.map(\.lastPathComponent)
  }

  private func checkpoint() throws -> Checkpoint? {
    let path = run.appendingPathComponent("checkpoint.safetensors").path
    return FileManager.default.fileExists(atPath: path) ? try Checkpoint(contentsOf: path) : nil
  }

  @Test func `a run that is asked to end saves itself, and continues to the same bits`() throws {
    let undisturbed = try chainrule.run(arguments(epochs: 300))
    #expect(undisturbed.status == 0, "\(undisturbed.diagnostics)")
    let model = try chainrule.bytes("kept/model")
    for number in [SIGTERM, SIGINT] {
      try FileManager.default.removeItem(at: run)
      let ended = try chainrule.start(arguments(epochs: 300)) { process in
        while try checkpoint() == nil { usleep(1000) }
        kill(process.processIdentifier, number)
      }
      guard ended.status != 0 else { continue }
      #expect(ended.status == 128 + number && !ended.wasKilled)
      #expect(ended.diagnostics.contains("--resume --run-folder kept/run"))
      let saved = try #require(try checkpoint())
      #expect(saved.stopReason == nil && ended.diagnostics.contains("\(saved.stepCount) step"))
      #expect(try chainrule.run(arguments(epochs: 300) + ["--resume"]).status == 0)
      #expect(try chainrule.bytes("kept/model") == model)
    }
  }

  @Test func `only the same run can be continued`() throws {
    #expect(try chainrule.run(arguments(epochs: 2)).status == 0)
    let other = try chainrule.run(arguments(epochs: 2) + ["--resume", "--seed", "3"])
    #expect(other.status != 0 && other.diagnostics.contains("\"seed\":3"))
    // What has ended stays as it is.
    let model = try chainrule.bytes("kept/model")
    #expect(try chainrule.run(arguments(epochs: 2) + ["--resume"]).status == 0)
    #expect(try chainrule.bytes("kept/model") == model)
  }

  @Test func `a run is neither overwritten nor begun anew by mistake`() throws {
    let usage = Int32(EX_USAGE)
    var words = arguments(epochs: 2)
    let place = try #require(words.firstIndex(of: "kept/run"))
    func named(_ folder: String, _ more: String...) throws -> Run {
      words[place] = folder
      return try chainrule.run(words + more)
    }
    let none = try chainrule.run("train", "halves", "--epochs", "1", "--resume", "--threads", "1")
    #expect(none.status == usage && none.diagnostics.contains("no run of halves"), "\(none.diagnostics)")
    #expect(try named("kept/run").status == 0)
    let model = try chainrule.bytes("kept/run/model.safetensors")
    let again = try named("kept/run", "--seed", "1")
    #expect(again.status == usage && again.diagnostics.contains("There is a run in 'kept/run' already"))
    #expect(again.diagnostics.contains("--resume") && again.output.isEmpty)
    #expect(try chainrule.bytes("kept/run/model.safetensors") == model)
    let mistyped = try named("kept/rnu", "--resume")
    #expect(mistyped.status == usage && mistyped.diagnostics.contains("There is no run in 'kept/rnu'"))
    #expect(mistyped.diagnostics.contains("those in 'kept' are kept/run"), "\(mistyped.diagnostics)")
    #expect(names(run.deletingLastPathComponent()) == ["model", "run"])
    let other = try named("halves", "--resume")
    #expect(other.status == usage && other.diagnostics.contains("There is no run in 'halves'"), "\(other.diagnostics)")

    // Killed before anything was saved.
    try FileManager.default.createDirectory(
      at: chainrule.folder.appendingPathComponent("kept/early"), withIntermediateDirectories: false)
    let early = try named("kept/early", "--resume")
    #expect(early.status == 0 && early.diagnostics.contains("saved nothing yet"), "\(early.diagnostics)")
    #expect(try chainrule.bytes("kept/early/model.safetensors") == model)
    try FileManager.default.removeItem(at: run.appendingPathComponent("checkpoint.safetensors"))
    let lost = try named("kept/run", "--resume")
    #expect(lost.status == usage && lost.diagnostics.contains("no checkpoint"), "\(lost.diagnostics)")
  }

  @Test func `the best and the last model are kept`() throws {
    #expect(try chainrule.run(arguments()).status == 0)
    #expect(
      names(run) == [
        "best.safetensors", "checkpoint.safetensors", "events.out.tfevents.0.chainrule", "last.safetensors",
        "metrics.jsonl", "model.safetensors",
      ])
    #expect(try chainrule.bytes("kept/run/model.safetensors") == chainrule.bytes("kept/run/best.safetensors"))
    #expect(try chainrule.bytes("kept/run/model.safetensors") == chainrule.bytes("kept/model"))
    let lines = try String(decoding: chainrule.bytes("kept/run/metrics.jsonl"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 24)
    for name in ["best", "last"] {
      #expect(throws: Never.self) { try Model(contentsOf: run.appendingPathComponent("\(name).safetensors").path) }
    }
  }

  #if os(Linux)
    /// The library that makes file operations fail, compiled for this test.
    private func faults() throws -> String {
      let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Faults/faults.c")
      let library = chainrule.folder.appendingPathComponent("faults.so").path
      let compiled = try chainrule.shell("${CC:-clang} -shared -fPIC -o '\(library)' '\(source.path)' -ldl")
      try #require(compiled.status == 0, "\(compiled.diagnostics)")
      return library
    }

    private func environment(_ library: String, at operation: Int? = nil, error: Int32 = 0) -> [String: String] {
      var environment = [
        "LD_PRELOAD": library, "FAULT_FOLDER": "kept/", "FAULT_LOG": chainrule.folder.path + "/faults.log",
      ]
      if let operation {
        environment["FAULT_AT"] = "\(operation)"
        environment["FAULT_ERROR"] = "\(error)"
      }
      return environment
    }

    /// How many operations on files the last run did.
    private func operationCount() throws -> Int {
      let log = String(decoding: try chainrule.bytes("faults.log"), as: UTF8.self)
      return try #require(log.split(separator: " ").first.flatMap { Int($0) })
    }

    @Test func `killed at any instant, a run goes on to the same bits`() throws {
      let library = try faults()
      let start = ContinuousClock.now
      #expect(try chainrule.start(arguments(), environment(library)).status == 0)
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      let model = try chainrule.bytes("kept/model")
      let count = try operationCount()
      var generator = SystemRandomNumberGenerator()
      var (kills, killsWhileWriting, completions) = (0, 0, 0)
      while kills < 50 || killsWhileWriting < 15 || completions < 1 {
        // Every other time at a random operation on a file, in the middle of it, else at a random time.
        let isTimed = kills.isMultiple(of: 2)
        let isLast = kills >= 50 && killsWhileWriting >= 15
        let operation = isTimed || isLast ? nil : Int.random(in: 1...count, using: &generator)
        let options = arguments() + (FileManager.default.fileExists(atPath: run.path) ? ["--resume"] : [])
        let ended = try chainrule.start(options, environment(library, at: operation)) { process in
          guard isTimed, !isLast else { return }
          usleep(UInt32(Double.random(in: 0...seconds, using: &generator) * 1e6))
          kill(process.processIdentifier, SIGKILL)
        }
        if ended.wasKilled {
          kills += 1
          if names(run).contains(where: { $0.hasSuffix(".tmp") }) { killsWhileWriting += 1 }
          #expect(throws: Never.self, "an unreadable checkpoint") { try checkpoint() }
        } else {
          #expect(ended.status == 0, "\(ended.diagnostics)")
          #expect(try chainrule.bytes("kept/model") == model)
          #expect(!names(run).contains { $0.hasSuffix(".tmp") }, "what a killed process left is taken away")
          completions += 1
          try FileManager.default.removeItem(at: run)
        }
      }
      #expect(kills >= 50 && killsWhileWriting >= 15 && completions >= 1)
    }

    @Test func `whichever operation on a file fails, the old checkpoint loads`() throws {
      let library = try faults()
      let options = arguments(epochs: 6, checkpointSteps: 12)
      // An old checkpoint to go on from.
      let killed = try chainrule.start(options, environment(library, at: 40))
      #expect(killed.wasKilled)
      let old = try #require(try checkpoint())
      _ = try takeTemporaries()
      let saved = chainrule.folder.appendingPathComponent("saved")
      try FileManager.default.copyItem(at: run, to: saved)
      var operation = 0
      while true {
        operation += 1
        try FileManager.default.removeItem(at: run)
        try FileManager.default.copyItem(at: saved, to: run)
        let code = operation.isMultiple(of: 2) ? ENOSPC : EIO
        let ended = try chainrule.start(options + ["--resume"], environment(library, at: operation, error: code))
        if try operationCount() != operation { break }
        let text = "operation \(operation): \(ended.diagnostics)"
        #expect(ended.status != 0 && !ended.wasKilled, "\(text)")
        #expect(ended.diagnostics.contains("kept/"), "\(text)")
        #expect(ended.diagnostics.contains(String(cString: strerror(code))), "\(text)")
        #expect(try takeTemporaries().isEmpty, "\(text)")
        #expect(try #require(try checkpoint()).stepCount >= old.stepCount, "\(text)")
      }
      #expect(operation > 60)
      #expect(try checkpoint()?.stopReason == .epochsDone)
    }
  #endif
}
