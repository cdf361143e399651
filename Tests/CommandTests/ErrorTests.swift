import Foundation
import Interchange
import Testing

/// Whatever is wrong, the program says what and where in a line or two, and leaves nothing behind.
@Suite struct ErrorTests {
  let chainrule: Chainrule

  init() throws { chainrule = try Chainrule() }

  /// - Parameter status: the process's status; nil for any but 0.
  private func expectFailure(
    _ run: Run, naming words: [String], leaving names: [String], status: Int32? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(!run.wasKilled, "ended by signal \(run.status)", sourceLocation: sourceLocation)
    #expect(status.map { $0 == run.status } ?? (run.status != 0), "\(run.status)", sourceLocation: sourceLocation)
    #expect(run.diagnostics.hasPrefix("chainrule: "), "\(run.diagnostics)", sourceLocation: sourceLocation)
    #expect((1...2).contains(run.diagnostics.split(separator: "\n").count), sourceLocation: sourceLocation)
    for word in words {
      #expect(run.diagnostics.contains(word), "\(run.diagnostics)", sourceLocation: sourceLocation)
    }
    #expect(try chainrule.names() == names, sourceLocation: sourceLocation)
  }

  @Test(arguments: [
    (["--learning-rate", "fast"], "--learning-rate"), (["--learning-rate", "nan"], "--learning-rate"),
    (["--learning-rate", "inf"], "--learning-rate"), (["--learning-rate=-1"], "--learning-rate"),
    (["--learning-rate", "0"], "--learning-rate"), (["--hiden", "3"], "--hidden"), (["--hidden", "0"], "--hidden"),
    (["--hidden", "12,"], "--hidden"), (["--hidden", "99999999999999999999"], "--hidden"),
    (["--activation", "rellu"], "identity, sigmoid, tanh, relu"), (["--optimizer", "sdg"], "sgd, adam"),
    (["--loss", "l2"], "meanSquaredError"), (["--schedule", "weekly"], "cosine"),
    (["--weight-initializer", "xavier"], "glorotUniform"), (["--batch-size", "0"], "'full'"),
    (["--batch-size", "half"], "'full'"), (["--epochs", "0"], "--epochs"), (["--epochs", "1.5"], "--epochs"),
    (["--seed", "one"], "--seed"), (["--seed=-1"], "--seed"), (["--threads", "0"], "--threads"),
    (["--dropout", "1"], "--dropout"), (["--dropout", "nan"], "--dropout"), (["--momentum", "0.9"], "--momentum"),
    (["--nesterov"], "--nesterov"), (["--stop-at-accuracy", "98"], "--stop-at-accuracy"),
    (["--validation-fraction", "1"], "--validation-fraction"), (["--patience", "0"], "--patience"),
    (["--clip-norm", "0"], "--clip-norm"), (["--clip-norm", "1", "--clip-value", "x"], "--clip-value"),
    (["--gaussian-prior", "x"], "--gaussian-prior"), (["--minimum-improvement", "1"], "--patience"),
    (["--flat-tolerance", "0.1"], "--flat-epochs"), (["--shift", "1.5"], "--shift"), (["--shift", "1001"], "shift"),
    (["--out"], "--out"), (["another"], "another"),
    (["--activation", "step"], "step"), (["--output-activation", "softmax"], "softmax"),
    (["--preset", "lenett"], "lenet"), (["--preset", "lenet"], "12x12"),
    (["--preset", "lenet", "--hidden", "32"], "--hidden"), (["--preset", "lenet", "--ensemble", "2"], "--ensemble"),
    (["--preset", "lenet", "--momentum", "0.9"], "--momentum"),
    (["--hidden", "1000000,1000000,1000000"], "memory"), (["--validation-fraction", "0.0000001"], "validation"),
  ])
  func refusesOptions(options: [String], name: String) throws {
    try expectFailure(chainrule.run(["train", "digits", "--threads", "1"] + options), naming: [name], leaving: [])
  }

  /// Options of which nothing would come, rather than to be passed over.
  @Test(arguments: [
    (["--interval-count=-5"], "--interval-count"), (["--greatest-one-hot-count=-5"], "--greatest-one-hot-count"),
    (["--split-column", "part"], "is for tables"), (["--task", "regression"], "--task is for tables"),
    (["--column", "x=numeric"], "is for tables"), (["--scaling", "quantile"], "is for tables"),
    (["--delimiter", ";"], "is for tables"), (["--no-header"], "--no-header is for tables"),
    (["--weight-column", "w"], "is for tables"), (["--folds", "3"], "--folds is for tables"),
    (["--image-size", "3x3"], "--image-size is for images"), (["--skip-damaged"], "--skip-damaged is for images"),
    (["--test-fraction", "0.3"], "is for tables and images"), (["--context", "8"], "--context is for texts"),
    (["--ensemble", "9223372036854775807"], "--ensemble"), (["--ensemble", "0"], "--ensemble"),
    (["--hidden", "none", "--activation", "tanh"], "--activation is for hidden layers"),
    (["--hidden", "none", "--dropout", "0.1"], "--dropout is for hidden layers"),
    (["--algorithm", "perceptron", "--activation", "tanh"], "--activation is for hidden layers"),
    (["--evaluation-interval", "5"], "--steps"), (["--grid-values", "3"], "--algorithm exhaustive"),
    (["--grid-bounds", "1,x,2"], "two numbers"), (["--grid-bounds=-1e39,1e39"], "two numbers"),
    (["--longest-search", "5"], "--algorithm exhaustive"),
    (["--algorithm", "exhaustive", "--grid-values", "9223372036854775807"], "--grid-values"),
    (["--algorithm", "exhaustive", "--steps", "1"], "--steps is not for"),
    (["--algorithm", "exhaustive", "--batch-size", "2"], "--batch-size is not for"),
    (["--algorithm", "exhaustive", "--learning-rate", "2"], "--learning-rate is not for"),
    (["--algorithm", "finite-differences", "--gradient-accumulation", "2"], "--gradient-accumulation"),
    (["--no-run-folder", "--checkpoint-minutes", "2"], "--checkpoint-minutes"),
  ])
  func refusesOptionsOfNoEffect(options: [String], words: String) throws {
    let run = try chainrule.run(["train", "digits", "--threads", "1"] + options)
    try expectFailure(run, naming: [words], leaving: [], status: Int32(EX_USAGE))
  }

  @Test(arguments: [
    (["learning-curve", "digits", "--repeats", "9223372036854775807"], "--repeats"),
    (["learning-curve", "digits", "--folds", "3"], "--folds is for 'train'"),
    (["find-learning-rate", "digits", "--folds", "3"], "--folds is for 'train'"),
    (["race", "digits", "--folds", "3"], "--folds is for 'train'"),
    (["sweep", "digits", "--folds", "3"], "--folds is for 'train'"),
    (["race", "digits", "--polynomial=-1"], "--polynomial"),
    (["describe", "net.yaml", "--json", "--yaml"], "--json or --yaml"),
    (["describe", "net.yaml", "--input", "64:bfloat16"], "64:int32"),
  ])
  func refusesOptionsOfOtherCommands(words: [String], message: String) throws {
    let run = try chainrule.run(words)
    #expect(!run.wasKilled && run.status == Int32(EX_USAGE) && run.diagnostics.contains(message), "\(run.diagnostics)")
  }

  @Test(arguments: ["1e20", "1e300"])
  func takesAnyNumberOfMinutes(_ minutes: String) throws {
    let run = try chainrule.run("train", "xor", "--epochs", "1", "--threads", "1", "--checkpoint-minutes", minutes)
    #expect(run.status == 0, "\(run.diagnostics)")
  }

  @Test func refusesWhatIsNotThere() throws {
    try expectFailure(chainrule.run("train"), naming: ["data"], leaving: [])
    try expectFailure(chainrule.run("trian", "digits"), naming: ["trian"], leaving: [])
    try expectFailure(chainrule.run("train", "nowhere"), naming: ["nowhere", "no such folder"], leaving: [])
    try expectFailure(chainrule.run("train", ""), naming: ["path"], leaving: [])
    try expectFailure(chainrule.run("evaluate", "no.safetensors", "digits"), naming: ["no.safetensors"], leaving: [])
    try expectFailure(chainrule.run("predict", ".", "digits"), naming: ["regular file"], leaving: [])
    try chainrule.write([], to: "empty/readme")
    try expectFailure(chainrule.run("train", "empty"), naming: ["empty", "train-images-idx3-ubyte"], leaving: ["empty"])
    try expectFailure(chainrule.run("train", "empty/readme"), naming: ["file is empty"], leaving: ["empty"])
  }

  /// A file that takes the place of one in a good folder.
  struct Damage: CustomTestStringConvertible, Sendable {
    let file: String
    let bytes: [UInt8]
    /// What must be said of it.
    let word: String

    init(_ file: String, _ bytes: [UInt8], _ word: String) {
      (self.file, self.bytes, self.word) = (file, bytes, word)
    }

    var testDescription: String { "\(file): \(word)" }
  }

  @Test(arguments: [
    Damage("train-images-idx3-ubyte", [], "empty"),
    Damage("train-images-idx3-ubyte", Array(idx([64, 4, 4], [UInt8](repeating: 1, count: 1000))), "too short"),
    Damage("train-images-idx3-ubyte", idx([64, 4, 4], [UInt8](repeating: 1, count: 2000)), "bytes follow"),
    Damage("train-images-idx3-ubyte", Array(idx([64, 4, 4], []).prefix(9)), "ends within"),
    Damage("train-images-idx3-ubyte", idx([64], [UInt8](repeating: 1, count: 64)), "swapped"),
    Damage("train-images-idx3-ubyte", idx([32, 4, 4], [UInt8](repeating: 1, count: 512)), "64 labels"),
    Damage("train-images-idx3-ubyte", idx([64, 0, 4], []), "no images"),
    Damage("train-images-idx3-ubyte", idx([4_000_000_000, 4_000_000_000, 4_000_000_000], []), "cannot be addressed"),
    Damage("train-images-idx3-ubyte", idx([64, 4, 4], [UInt8](repeating: 1, count: 1024), type: 7), "element type"),
    Damage("train-images-idx3-ubyte", Array("This is no IDX file, but some text.".utf8), "IDX file begins"),
    Damage(
      "train-images-idx3-ubyte", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + Array(repeating: 0xFF, count: 99), "damaged"),
    Damage("train-images-idx3-ubyte", [0x1F, 0x8B, 8], "cut short"),
    Damage("train-labels-idx1-ubyte", idx([64, 4, 4], [UInt8](repeating: 1, count: 1024)), "labels are expected"),
    Damage("train-labels-idx1-ubyte", Array(idx([64], [UInt8](repeating: 0, count: 64)).dropLast()), "too short"),
    Damage("train-labels-idx1-ubyte", storedGzip(idx([64], [UInt8](repeating: 0, count: 64)), checksum: 0), "damaged"),
    Damage("t10k-labels-idx1-ubyte", idx([64], [UInt8](repeating: 9, count: 64)), "classes"),
    Damage("t10k-images-idx3-ubyte", idx([64, 2, 2], [UInt8](repeating: 1, count: 256)), "shape"),
  ])
  func refusesDamagedFiles(damage: Damage) throws {
    try chainrule.writeHalves("halves")
    try chainrule.write(damage.bytes, to: "halves/\(damage.file)")
    try expectFailure(
      chainrule.run("train", "halves"), naming: ["halves/\(damage.file)", damage.word], leaving: ["halves"])
  }

  @Test func refusesFilesThatCannotBeRead() throws {
    try chainrule.writeHalves("halves")
    let file = chainrule.folder.appendingPathComponent("halves/train-labels-idx1-ubyte")
    try FileManager.default.removeItem(at: file)
    try expectFailure(chainrule.run("train", "halves"), naming: ["train-labels-idx1-ubyte"], leaving: ["halves"])
    try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
    try expectFailure(chainrule.run("train", "halves"), naming: [file.lastPathComponent, "folder"], leaving: ["halves"])
  }

  @Test(.enabled(if: geteuid() != 0, "root may read and write everything"))
  func refusesFilesThatMayNotBeRead() throws {
    try chainrule.writeHalves("halves")
    let file = "halves/train-labels-idx1-ubyte"
    let run = try chainrule.shell("chmod 000 \(file); exec $chainrule train halves")
    try expectFailure(run, naming: [file, "permission"], leaving: ["halves"])
  }

  @Test func refusesDataOfAnotherShape() throws {
    try chainrule.writeHalves("halves")
    let model = try chainrule.run("train", "digits", "--epochs", "1", "--quiet", "--threads", "1", "--out", "model")
    #expect(model.status == 0)
    for command in ["evaluate", "predict"] {
      try expectFailure(
        chainrule.run(command, "model", "halves"), naming: ["[4, 4]", "[8, 8]"], leaving: ["halves", "model"])
    }
  }

  @Test func refusesWhatIsNoModel() throws {
    _ = try chainrule.run("train", "digits", "--epochs", "1", "--quiet", "--threads", "1", "--out", "model")
    let bytes = [UInt8](try chainrule.bytes("model"))
    let damaged: [[UInt8]] = [
      [], Array("no model".utf8), Array(bytes.prefix(7)), Array(bytes.prefix(100)), bytes.dropLast(), bytes + [0],
      [UInt8](repeating: 0xFF, count: 64),
    ]
    for (index, bytes) in damaged.enumerated() {
      try chainrule.write(bytes, to: "damaged")
      let run = try chainrule.run("evaluate", "damaged", "digits", "--json")
      try expectFailure(run, naming: ["damaged"], leaving: ["damaged", "model"])
      #expect(run.output.isEmpty, "case \(index)")
    }
  }

  /// What a file says is quoted, but can neither steer a terminal nor fill it.
  @Test func quotesFilesReadably() throws {
    let long = String(repeating: "x", count: 1_000_000)
    for (value, expected) in [("\u{1B}[2Jred", #"'\u{1B}[2Jred'"#), ("a\nb", #"'a\nb'"#), (long, "xxx … xxx")] {
      let model = Safetensors(tensors: [], metadata: ["chainrule_format": value])
      try chainrule.write(model.serialized(), to: "model")
      let run = try chainrule.run("evaluate", "model", "digits")
      try expectFailure(run, naming: ["model", expected, "train the model again"], leaving: ["model"])
      #expect(run.diagnostics.count < 3000)
    }
  }

  @Test func refusesPlacesThatCannotBeWrittenBeforeItTrains() throws {
    try chainrule.write([], to: "file")
    for out in ["nowhere/model", ".", "folder/", "", "file/model"] {
      let run = try chainrule.run("train", "digits", "--epochs", "1000000", "--out", out)
      try expectFailure(run, naming: ["cannot"], leaving: ["file"])
      #expect(run.output.isEmpty)
    }
  }

  @Test func leavesNothingOnAFullDisk() throws {
    let train = "$chainrule train digits --epochs 1 --threads 1 --quiet --no-run-folder --out"
    try expectFailure(chainrule.shell("ulimit -f 1; exec \(train) model"), naming: ["model", "cannot"], leaving: [])
    try chainrule.write([1, 2, 3], to: "model")
    try expectFailure(chainrule.shell("ulimit -f 1; exec \(train) model"), naming: ["model"], leaving: ["model"])
    #expect(try chainrule.bytes("model") == Data([1, 2, 3]))
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "this system has no /dev/full"))
  func saysThatADeviceIsFull() throws {
    let train = "exec $chainrule train digits --epochs 1 --threads 1"
    try expectFailure(chainrule.shell("\(train) --out /dev/full"), naming: ["/dev/full", "space"], leaving: [])
    // What cannot be printed does not cost the model.
    try expectFailure(
      chainrule.shell("\(train) --out model >/dev/full"), naming: ["standard output"], leaving: ["model"])
    try expectFailure(
      chainrule.shell("exec $chainrule evaluate model digits --json >/dev/full"), naming: ["standard output"],
      leaving: ["model"])
    try expectFailure(
      chainrule.shell("exec $chainrule --help >/dev/full"), naming: ["standard output"], leaving: ["model"])
  }

  @Test func endsQuietlyWhenNobodyReads() throws {
    _ = try chainrule.run("train", "digits", "--epochs", "1", "--quiet", "--threads", "1", "--out", "model")
    let run = try chainrule.shell("{ sleep 1; $chainrule predict model digits; echo $? >status; } | true; cat status")
    // What a shell reports of a program that a closed pipe has ended.
    #expect(run.output == "141\n")
    #expect(run.diagnostics.isEmpty)
  }
}

/// A gzip file whose content is not compressed.
func storedGzip(_ bytes: [UInt8], checksum: UInt32) -> [UInt8] {
  func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 255) } }
  let block = [1] + little(bytes.count, 2) + little(~bytes.count, 2) + bytes
  return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + block + little(Int(checksum), 4) + little(bytes.count, 4)
}
