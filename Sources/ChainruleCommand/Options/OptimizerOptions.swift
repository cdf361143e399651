import ArgumentParser
import Chainrule

/// What is made small, and how.
struct OptimizerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What training makes small: \(Loss.kinds.joined(separator: ", ")). "
        + "(default: softmaxCrossEntropy for classes, meanSquaredError for numbers)", valueName: "kind"),
    transform: { try Parse.choice($0, of: Loss.kinds) })
  var loss: String?

  @Option(
    help: ArgumentHelp(
      "The share of each target that is spread over all classes, for the softmax cross-entropy.", valueName: "share"),
    transform: Parse.fraction)
  var labelSmoothing: Double?

  @Option(
    help: ArgumentHelp(
      "How weights follow the gradient: \(Optimizer.kinds.joined(separator: ", ")). (default: adam, for tables adamW, "
        + "or the preset's)", valueName: "kind"),
    transform: { try Parse.choice($0, of: Optimizer.kinds) })
  var optimizer: String?

  @Option(
    help: ArgumentHelp(
      "The size of a step. (default: 0.001 for adam and adamW, 0.01 for rmsProp and adaGrad, 0.1 for sgd, or what the "
        + "preset or a table's size asks for)", valueName: "number"),
    transform: Parse.positive)
  var learningRate: Double?

  @Option(
    help: ArgumentHelp("How much of the last step stays in the next, for sgd and rmsProp.", valueName: "share"),
    transform: Parse.fraction)
  var momentum: Double?

  @Flag(help: "Look ahead along the momentum, for sgd.")
  var nesterov = false

  @Option(
    help: ArgumentHelp(
      "How the learning rate changes during the run: \(LearningRateSchedule.kinds.joined(separator: ", ")). "
        + "(default: constant, for tables cosine, or the preset's)", valueName: "kind"),
    transform: { try Parse.choice($0, of: LearningRateSchedule.kinds) })
  var schedule: String?

  @Option(
    help: ArgumentHelp(
      "How much each class counts: numbers such as 1,5, or 'balanced' for all classes alike.", valueName: "weights"),
    transform: ClassWeights.init)
  var classWeights: ClassWeights?

  @Option(
    help: ArgumentHelp("Scale all gradients together down to this norm where they are longer.", valueName: "norm"),
    transform: Parse.positive)
  var clipNorm: Double?

  @Option(
    help: ArgumentHelp("Hold each element of the gradients between -bound and bound.", valueName: "bound"),
    transform: Parse.positive)
  var clipValue: Double?

  @Option(
    help: ArgumentHelp(
      "Believe that weights are normally distributed with this precision (L2 decay).", valueName: "precision"),
    transform: Parse.notNegative)
  var gaussianPrior: Double?

  @Option(
    help: ArgumentHelp("Believe that weights have a Laplace distribution of this rate (L1 decay).", valueName: "rate"),
    transform: Parse.notNegative)
  var laplacePrior: Double?

  /// - Throws: `UsageError` for settings that the optimizer, which may be the preset's, does not have.
  func validate(with preset: Preset?) throws {
    let kind = optimizer ?? preset?.optimizer.kind ?? "adam"
    guard (momentum ?? 0) == 0 || kind == "sgd" || kind == "rmsProp" else {
      throw UsageError("--momentum is for --optimizer sgd and rmsProp; \(kind) has its own.")
    }
    guard !nesterov || (kind == "sgd" && (momentum ?? 0) > 0) else {
      throw UsageError("--nesterov is for --optimizer sgd with --momentum, such as 0.9.")
    }
  }

  /// Sets what is believed of the weights.
  func apply(to options: inout TrainingOptions) {
    if let gaussianPrior { options.gaussianPrior = gaussianPrior }
    if let laplacePrior { options.laplacePrior = laplacePrior }
  }

  /// The optimizer for a run: the preset's, where there is one, with what was given in its place.
  /// - Parameter stepCount: the length of the run, to which the schedule is fitted.
  func optimizer(preset: Preset?, stepCount: Int) throws -> Optimizer {
    var result = preset?.optimizer(stepCount: stepCount) ?? .adam()
    if let optimizer, let chosen = Optimizer(kind: optimizer) {
      var other = chosen.scheduled(result.schedule)
      (other.clipNorm, other.clipValue) = (result.clipNorm, result.clipValue)
      result = other
    }
    if let learningRate { result.learningRate = learningRate }
    if let schedule, let fitted = LearningRateSchedule(kind: schedule, totalSteps: stepCount) {
      result.schedule = fitted
    }
    if let momentum {
      switch result.rule {
      case .sgd(let rule): result.rule = .sgd(SGD(momentum: momentum, nesterov: nesterov || rule.nesterov))
      case .rmsProp(let rule):
        result.rule = .rmsProp(RMSProp(
          decay: rule.decay, epsilon: rule.epsilon, momentum: momentum, isCentered: rule.isCentered))
      case .adam, .adamW, .adaGrad: break
      }
    }
    if let clipNorm { result.clipNorm = clipNorm }
    if let clipValue { result.clipValue = clipValue }
    return result
  }

  /// The loss that was asked for, or the preset's, or the one that suits the data.
  /// - Throws: `UsageError` when another loss is given settings of the softmax cross-entropy, or a wrong number of
  ///   them.
  func loss(preset: Preset?, algorithm: LearningAlgorithm, for data: Dataset) throws -> Loss {
    let chosen = loss.flatMap(Loss.init(kind:)) ?? algorithm.loss ?? preset?.loss
      ?? (data.classes == nil ? .meanSquaredError : .softmaxCrossEntropy)
    guard labelSmoothing != nil || classWeights != nil else { return chosen }
    guard chosen == .softmaxCrossEntropy, let classes = data.classes else {
      throw UsageError("--label-smoothing and --class-weights are for classes and --loss softmaxCrossEntropy.")
    }
    let weights = try classWeights?.weights(classes, count: data.classNames.count) ?? []
    return .softmaxCrossEntropy(labelSmoothing: labelSmoothing ?? 0, classWeights: weights)
  }
}
