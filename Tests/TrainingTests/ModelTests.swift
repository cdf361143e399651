import Datasets
import Interchange
import NeuralNetworks
import Optimizers
import Testing
import Training

/// Models as files.
struct ModelTests {
  private func trainer(seed: UInt64 = 0, threads: Int = 1) throws -> Trainer {
    let network = Sequential {
      Dense(24, activation: .relu)
      Dropout(0.2)
      Dense(10, name: "head")
    }
    let options = TrainingOptions(
      epochs: 2, batchSize: 50, seed: seed, threads: threads, gaussianPrior: 0.1, shift: 1)
    return try makeTrainer(network, optimizer: .adam().scheduled(.cosine(steps: 60)), options: options)
  }

  private func trained(seed: UInt64 = 0, threads: Int = 1) throws -> Model {
    let trainer = try trainer(seed: seed, threads: threads)
    try trainer.fit(Digits.load().training)
    return try trainer.model()
  }

  @Test func `a saved model is read back as it was, and predicts the same`() throws {
    let model = try trained()
    let test = try Digits.load().test
    try withTemporaryFile { path in
      try model.save(to: path)
      let read = try Model(contentsOf: path)
      #expect(read == model)
      #expect(read.metadata["epochs"] == "2")
      #expect(read.featureScaling == FeatureScaling(scale: 1 / 16, offset: 0))
      #expect(read.classNames == (0..<10).map(String.init) && read.featureShape == [8, 8])
      #expect(read.weights.map(\.name) == ["dense1/weight", "dense1/bias", "head/weight", "head/bias"])
      #expect(try read.predictor(batchSize: 64).predict(test) == model.predictor(batchSize: 64).predict(test))
      #expect(try read.evaluate(test).correct == model.evaluate(test).correct)
    }
  }

  @Test(arguments: [1, 2])
  func `the same seed gives the same bytes, another other weights`(threads: Int) throws {
    func saved(seed: UInt64) throws -> [UInt8] {
      try withTemporaryFile { path in
        try trained(seed: seed, threads: threads).save(to: path)
        return try bytes(of: path)
      }
    }
    let first = try saved(seed: 7)
    #expect(try saved(seed: 7) == first)
    #expect(try saved(seed: 8) != first)
  }

  @Test func `a model that predicts numbers is read back too`() throws {
    let trainer = try makeTrainer(Dense(1), .huber(delta: 2), optimizer: .sgd(learningRate: 0.1))
    try trainer.fit(Synthetic.line(count: 20, seed: 0), epochs: 3)
    let model = try trainer.model()
    try withTemporaryFile { path in
      try model.save(to: path)
      let read = try Model(contentsOf: path)
      #expect(read == model && read.targetShape == [1] && read.classNames.isEmpty && read.featureScaling == nil)
      #expect(try read.predictor(batchSize: 1).chosenClass([1]) == nil)
    }
  }

  @Test func `metadata of one's own are kept, but not under the format's names`() throws {
    var model = try trained()
    model.metadata["test_accuracy"] = "0.97"
    try withTemporaryFile { path in
      try model.save(to: path)
      #expect(try Model(contentsOf: path).metadata["test_accuracy"] == "0.97")
      model.metadata["network"] = "mine"
      #expect(message { try model.save(to: path) }.contains("'network'"))
      #expect(try Model(contentsOf: path).metadata["test_accuracy"] == "0.97")
    }
  }

  @Test func `a trainer without training has no model`() throws {
    let error = #expect(throws: TrainingError.self) { try trainer().model() }
    #expect(error?.kind == .empty)
    #expect(throws: TrainingError.self) { try trainer().evaluate(Synthetic.xor()) }
  }

  /// A change to a saved model, and what the error must say besides the file's name.
  static let damages: [(name: String, damage: @Sendable (inout Safetensors) -> Void, expected: String)] = [
    ("missing weights", { $0.tensors.remove(at: 1) }, "'dense1/bias'"),
    ("extra weights", { $0.tensors.append(.init(name: "other", values: .float32(ShapedArray([1])))) }, "'other'"),
    ("misshapen weights", { $0.tensors[1] = .init(name: "dense1/bias", values: .float32(ShapedArray([1]))) }, "[24]"),
    (
      "whole numbers", { $0.tensors[1] = .init(name: "dense1/bias", values: .int32(ShapedArray([1]))) },
      "whole numbers"
    ),
    (
      "weights that are not finite",
      { $0.tensors[1] = .init(name: "dense1/bias", values: .float32(ShapedArray(repeating: .nan, shape: [24]))) },
      "finite"
    ),
    ("no description", { $0.metadata = [:] }, "describes no network"),
    ("another format", { $0.metadata["chainrule_format"] = "99" }, "'99'"),
    (
      "the format before", { $0.metadata["chainrule_format"] = "1" },
      "the model is of format '1', but this version reads '2'; use the version that has saved it, or train"
    ),
    ("no network", { $0.metadata["network"] = nil }, "'network'"),
    ("no loss", { $0.metadata["loss"] = nil }, "'loss'"),
    ("no classes", { $0.metadata["class_names"] = nil }, "'class_names'"),
    ("an unknown layer", { $0.metadata["network"] = #"{"kind":"magic"}"# }, "'magic'"),
    ("an unknown loss", { $0.metadata["loss"] = #""magic""# }, "'magic'"),
    ("no JSON", { $0.metadata["network"] = "{" }, "'network'"),
    ("another shape", { $0.metadata["feature_shape"] = "[8,9]" }, "[64, 24]"),
    ("an impossible shape", { $0.metadata["feature_shape"] = "[-8,8]" }, "[-8, 8]"),
    ("a huge shape", { $0.metadata["feature_shape"] = "[4611686018427387904,4]" }, "feature shape"),
    ("too few classes", { $0.metadata["class_names"] = #"["0"]"# }, "10 outputs"),
    ("a layer without units", { $0.metadata["network"] = #"{"kind":"dense","units":0}"# }, "at least 1 unit"),
    (
      "a tokenizer that is none", { $0.metadata["tokenizer"] = #"{"kind":"characters","characters":7}"# },
      "'tokenizer' cannot be read (characters: expected text)"
    ),
    (
      "a tokenizer of other tokens", { $0.metadata["tokenizer"] = #"{"kind":"characters","characters":"ab"}"# },
      "vocabulary"
    ),
    (
      "an origin without a seed", { $0.metadata["image_origin"] = #"{"testFraction":0.5,"fingerprint":1}"# },
      "'image_origin' cannot be read (the setting 'seed' is missing; add it)"
    ),
    (
      "an impossible share of images",
      { $0.metadata["image_origin"] = #"{"testFraction":-1,"fingerprint":1,"seed":0}"# }, "share -1.0"
    ),
    (
      "a huge layer", { $0.metadata["network"] = #"{"kind":"dense","units":9223372036854775807}"# },
      "model.safetensors"
    ),
  ]

  @Test(arguments: damages.indices)
  func `a damaged model is refused with its name and the reason`(index: Int) throws {
    let (name, damage, expected) = Self.damages[index]
    try withTemporaryFile { path in
      try trained().save(to: path)
      var file = try Safetensors(contentsOf: path)
      damage(&file)
      try file.write(to: path)
      let error = #expect(throws: TrainingError.self, "\(name)") { try Model(contentsOf: path) }
      #expect(error?.kind == .invalidModel && error?.path == path, "\(name)")
      #expect(error?.description.contains(expected) == true, "\(name): \(error?.description ?? "")")
    }
  }

  private func table(_ classes: [String]) throws -> Table {
    let rows = 0..<60
    return try Table(columns: [
      .init(name: "a", values: .numbers(rows.map { Double($0 % 7) * 1.5 })),
      .init(name: "b", values: .numbers(rows.map { Double($0 % 11) * 0.5 })),
      .init(
        name: "class", values: .text(.init(codes: rows.map { Int32($0 % classes.count) }, dictionary: classes))),
    ])
  }

  @Test func `a preprocessing that does not fit the network is refused before it is saved`() throws {
    let prepared = try PreparedTable(table(["u", "v"]), .init(target: ["class"]))
    let trainer = try makeTrainer(smallNetwork(4, outputs: 2))
    try trainer.fit(prepared.splits.training, epochs: 1)
    trainer.preprocessing = prepared.preprocessing
    let model = try trainer.model()
    try withTemporaryFile { path in
      try model.save(to: path)
      #expect(try Model(contentsOf: path) == model)
    }
    for (options, classes, expected) in [
      (PreparedTable.Options(target: ["a"]), ["u", "v"], "does not fit the network"),
      (.init(target: ["class"], column: ["b": .ignore]), ["u", "v"], "makes 1 features for 2 targets"),
      (.init(target: ["class"]), ["u", "w"], "the classes of the preprocessing are 'u', 'w'"),
      (.init(target: ["class"]), ["u", "v", "w"], "for 3 targets"),
    ] {
      trainer.preprocessing = try PreparedTable(table(classes), options).preprocessing
      #expect(message { _ = try trainer.model() }.contains(expected))
      #expect(message {
        _ = try Model(
          network: model.network, loss: model.loss, featureShape: model.featureShape, classNames: model.classNames,
          preprocessing: trainer.preprocessing, weights: model.weights)
      }.contains(expected))
    }
  }

  @Test func `a file cut short at any length is refused`() throws {
    try withTemporaryFile { path in
      try trained().save(to: path)
      let whole = try bytes(of: path)
      for count in [0, 7, 8, 100, whole.count / 2, whole.count - 1] {
        try AtomicFile(path: path).write(Array(whole[..<count]))
        #expect(throws: SafetensorsError.self) { try Model(contentsOf: path) }
      }
    }
    #expect(throws: SafetensorsError.self) { try Model(contentsOf: "no such file") }
  }

  /// A layer that this library does not know.
  private struct Doubling: UnaryLayer {
    static let kind = "doubling"
    var name: String? { nil }

    func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor { input * 2 }

    init() {}

    init(from decoder: any Decoder) throws {
      _ = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: []])
    }

    func encode(to encoder: any Encoder) throws { try DescriptionWriter(Self.kind).write(to: encoder) }
  }

  @Test func `layers of one's own are read when they are named`() throws {
    let network = Sequential {
      Doubling()
      Dense(2)
    }
    let trainer = try makeTrainer(network)
    try trainer.fit(Synthetic.xor(), epochs: 1)
    let model = try trainer.model()
    try withTemporaryFile { path in
      try model.save(to: path)
      #expect(message { _ = try Model(contentsOf: path) }.contains("Model(contentsOf:layers:)"))
      #expect(try Model(contentsOf: path, layers: [Doubling.self]) == model)
    }
  }
}
