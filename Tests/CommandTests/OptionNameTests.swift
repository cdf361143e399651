import Datasets
import Foundation
import NeuralNetworks
import Optimizers
import Testing
import Training

/// Every option of `chainrule train` has one name: on the command line, in descriptions of experiments and in Swift.
@Suite struct OptionNameTests {
  let chainrule: Chainrule

  init() throws { chainrule = try Chainrule() }

  /// What is asked of the command and not of the library: where it writes, what it keeps and what it says.
  private static let ofTheCommand: Set<String> = [
    "out", "saveExperiment", "json", "quiet", "help", "version", "runFolder", "resume", "noReport",
    "plotDecision", "plotReconstructions",
  ]

  /// A description in which each option has a value, in parts because some options exclude each other.
  private static let descriptions = [
    """
    hidden: [16, 8]
    activation: tanh
    outputActivation: identity
    dropout: 0.1
    weightInitializer: heNormal
    biasInitializer: zeros
    ensemble: 2
    loss: softmaxCrossEntropy
    labelSmoothing: 0.1
    optimizer: sgd
    learningRate: 0.01
    momentum: 0.9
    nesterov: true
    schedule: cosine
    classWeights: [1, 2]
    clipNorm: 1
    clipValue: 0.5
    gaussianPrior: 0.1
    laplacePrior: 0.1
    algorithm: backpropagation
    gridValues: 3
    gridBounds: [-1, 1]
    longestSearch: 10
    epochs: 2
    batchSize: full
    gradientAccumulation: 2
    seed: 3
    stopAtAccuracy: 0.9
    validationFraction: 0.2
    patience: 3
    minimumImprovement: 0.01
    flatEpochs: 4
    flatTolerance: 0.01
    shuffle: false
    shift: 2
    flip: true
    threads: 1
    precision: float32
    imageSize: 8x8
    imageColor: gray
    skipDamaged: true
    testFraction: 0.3
    checkpointSteps: 10
    checkpointMinutes: 0.5
    """,
    """
    preset: gpt
    steps: 20
    evaluationInterval: 5
    evaluationExamples: 100
    tokens: 300
    context: 16
    """,
    """
    network: {kind: sequential, layers: [{kind: dense, units: 2}]}
    target: [a, b]
    task: multiLabel
    labelDelimiter: ;
    column: ["c=categorical", "d=ignore"]
    missing: ["?", "none"]
    delimiter: tab
    decimalComma: true
    header: false
    dateOrder: dayMonthYear
    table: people
    groupColumn: family
    weightColumn: count
    folds: 3
    scaling: quantile
    intervalCount: 4
    greatestOneHotCount: 10
    """,
    "splitColumn: part\nquery: SELECT 1\n", "timeColumn: day\n",
  ]

  /// The names of a value's properties, or of an enumeration's case and what it carries.
  private static func names(_ value: Any) -> [String] {
    let mirror = Mirror(reflecting: value)
    let inner = mirror.displayStyle == .enum ? mirror.children.flatMap { names($0.value) } : []
    return mirror.children.compactMap(\.label) + inner
  }

  private static let swiftNames: Set<String> = {
    let values: [Any] = [
      TrainingOptions(), Optimizer.adam(), SGD(), RMSProp(), WeightPrior(), Augmentation(), DenseNetwork(),
      Preset.lenet, Loss.softmaxCrossEntropy(labelSmoothing: 0.1), CheckpointPolicy(path: ""), TableOptions(),
      PreparedTable.Options(target: []), PreprocessingOptions(), TableSplit(), TableSplit.Method.splitColumn(""),
      TableSplit.Method.groupColumn(""), TableSplit.Method.timeColumn(""), ImageOptions(), TextOptions(),
    ]
    // What is a function in Swift: the compiler checks its name.
    let functions = ["folds": PreparedTable.folds as Any, "preset": Preset.init(named:) as Any]
    return Set(values.flatMap(names)).union(functions.keys)
  }()

  /// The options of the built command, in camel case; the opposite of another, such as `--no-flip`, is none of its own.
  private func options() throws -> Set<String> {
    struct Dump: Decodable {
      struct Command: Decodable { let arguments: [Argument] }
      struct Argument: Decodable {
        struct Name: Decodable { let kind, name: String }
        let names: [Name]?
      }
      let command: Command
    }
    let run = try chainrule.run("train", "--experimental-dump-help")
    let names = try JSONDecoder().decode(Dump.self, from: Data(run.output.utf8)).command.arguments.compactMap {
      $0.names?.first { $0.kind == "long" }?.name
    }
    return Set(names.filter { !$0.hasPrefix("no-") || !names.contains(String($0.dropFirst(3))) }.map { name in
      let words = name.split(separator: "-")
      return words.prefix(1).joined() + words.dropFirst().map(\.capitalized).joined()
    })
  }

  @Test func `the library calls every option what the command calls it`() throws {
    let options = try options()
    #expect(options.count > 70 && options.isSuperset(of: Self.ofTheCommand))
    for option in options.subtracting(Self.ofTheCommand).sorted() {
      #expect(Self.swiftNames.contains(option), "nothing in Swift is called '\(option)'")
    }
  }

  @Test(arguments: ["train", "find-learning-rate", "learning-curve", "race", "inspect", "evaluate", "predict"])
  func `the usage asks for no option`(_ command: String) throws {
    let help = try chainrule.run(command, "--help").output
    let usage = try #require(help.split(separator: "\n").first { $0.hasPrefix("USAGE:") })
    #expect(!usage.replacing("[<options>]", with: "").contains("--"), "\(usage)")
  }

  @Test func `a description of an experiment calls every option so too`() throws {
    var described: Set<String> = []
    for (index, text) in Self.descriptions.enumerated() {
      described.formUnion(text.split(separator: "\n").map { String($0.prefix { $0 != ":" }) })
      // What is read of the description comes before what is wrong with the data.
      let name = "experiment\(index).yaml"
      try chainrule.write(Array("data: nowhere\n\(text)\n".utf8), to: name)
      let run = try chainrule.run("train", name)
      #expect(run.status != 0 && run.diagnostics.contains("nowhere: there is no such folder"), "\(run.diagnostics)")
    }
    #expect(described == (try options()).subtracting(Self.ofTheCommand))
  }

  @Test func `options of a run, optimizers and losses are coded by the names of their properties`() throws {
    func keys(_ value: some Encodable) throws -> Set<String> {
      let coded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(value)) as? [String: Any]
      return Set(try #require(coded).keys).subtracting(["kind"])
    }
    let options = TrainingOptions(
      gradientAccumulation: 2, threads: 2, precision: .bfloat16, gaussianPrior: 1, laplacePrior: 2,
      validationFraction: 0.25, patience: 3,
      minimumImprovement: 0.01, flatEpochs: 2, flatTolerance: 0.5, stopAtAccuracy: 0.9, shuffle: false, shift: 2,
      flip: true, steps: 4, evaluationInterval: 3, evaluationExamples: 6, algorithm: .exhaustive, gridValues: 8,
      gridBounds: -1...3, longestSearch: 9)
    #expect(try keys(options) == Set(Self.names(options)))
    let optimizer = Optimizer.sgd(learningRate: 1, momentum: 0.5, nesterov: true).scheduled(.cosine(steps: 3))
      .clipped(norm: 1, value: 2)
    #expect(try keys(optimizer) == Set(Self.names(optimizer) + Self.names(SGD())).subtracting(["rule"]))
    let loss = Loss.softmaxCrossEntropy(labelSmoothing: 0.1, classWeights: [1, 2])
    #expect(try keys(loss).isSubset(of: Self.names(loss)))
    for split in [TableSplit.Method.splitColumn("a"), .groupColumn("a"), .timeColumn("a")] {
      #expect(try keys(TableSplit(split)) == Set(Self.names(split) + ["testFraction", "seed"]))
    }
    #expect(try keys(TableOptions()).isSubset(of: Self.names(TableOptions())))
    #expect(try keys(PreprocessingOptions()) == Set(Self.names(PreprocessingOptions())))
  }
}
