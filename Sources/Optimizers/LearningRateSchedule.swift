import RealModule

/// How the learning rate changes with the steps done: a factor on it that is a function of the step counter `t`, which
/// is 0 while the first step runs. All lengths are numbers of steps.
public indirect enum LearningRateSchedule: Hashable, Sendable {
  /// 1. The learning rate is then a constant of the graph.
  case constant
  /// `factor` to the power of `floor(t / every)`. As PyTorch's `StepLR`.
  case stepDecay(factor: Double, every: Int)
  /// `factor` to the power of `t / every`: smooth. As PyTorch's `ExponentialLR` where `every` is 1.
  case exponential(factor: Double, every: Int = 1)
  /// From 1 to `finalFactor` along half a cosine over `steps`, and constant afterwards. As PyTorch's
  /// `CosineAnnealingLR`. Source: Loshchilov and Hutter, "SGDR" (2017).
  case cosine(steps: Int, finalFactor: Double = 0)
  /// From `startFactor` to 1 along a line over `steps`, multiplied by another schedule that starts when this has ended.
  /// As PyTorch's `LinearLR` followed by another.
  case warmUp(steps: Int, startFactor: Double = 1.0 / 3, then: LearningRateSchedule = .constant)
  /// Up along half a cosine from `1 / divisor` to 1 for `peakFraction` of the steps, then down to
  /// `1 / (divisor finalDivisor)`, and constant afterwards: the learning rate is the peak. As PyTorch's `OneCycleLR`
  /// with momentum left as it is. Source: Smith and Topin, "Super-convergence" (2018).
  case oneCycle(steps: Int, peakFraction: Double = 0.3, divisor: Double = 25, finalDivisor: Double = 1e4)

  /// Every word for a schedule of a whole run; see `init(kind:totalSteps:)`.
  public static let kinds = ["constant", "stepDecay", "exponential", "cosine", "warmUp", "oneCycle"]

  /// A schedule fitted to the length of a run, by its word; nil when there is none.
  ///
  /// `stepDecay` divides the learning rate by ten after each third of the run, `exponential` takes it down to a
  /// hundredth, `cosine` to nothing; `warmUp` rises for a twentieth of the run and then falls along a cosine.
  public init?(kind: String, totalSteps: Int) {
    let steps = Swift.max(totalSteps, 1)
    switch kind {
    case "constant": self = .constant
    case "stepDecay": self = .stepDecay(factor: 0.1, every: Swift.max(steps / 3 + (steps % 3 == 0 ? 0 : 1), 1))
    case "exponential": self = .exponential(factor: 0.01, every: steps)
    case "cosine": self = .cosine(steps: steps)
    case "warmUp":
      let rise = Swift.max(steps / 20, 1)
      self = .warmUp(steps: rise, startFactor: 1 / Double(rise + 1), then: .cosine(steps: Swift.max(steps - rise, 1)))
    case "oneCycle": self = .oneCycle(steps: Swift.max(steps, 4))
    default: return nil
    }
  }

  /// - Throws: `OptimizerError` that names the setting that cannot be used.
  public func validate() throws {
    func requirePositive(_ value: Double, _ setting: String) throws {
      try require(value > 0 && value.isFinite, setting, value, "positive and finite")
    }
    func requireFactor(_ value: Double, _ setting: String) throws {
      try require(value >= 0 && value.isFinite, setting, value, "finite and not negative")
    }
    switch self {
    case .constant: break
    case .stepDecay(let factor, let every):
      try requirePositive(factor, "stepDecay: factor")
      try require(every >= 1, "stepDecay: every", every, "at least 1 step")
    case .exponential(let factor, let every):
      try requirePositive(factor, "exponential: factor")
      try require(every >= 1, "exponential: every", every, "at least 1 step")
    case .cosine(let steps, let finalFactor):
      try require(steps >= 1, "cosine: steps", steps, "at least 1")
      try requireFactor(finalFactor, "cosine: finalFactor")
    case .warmUp(let steps, let startFactor, let then):
      try require(steps >= 1, "warmUp: steps", steps, "at least 1")
      try requireFactor(startFactor, "warmUp: startFactor")
      try then.validate()
    case .oneCycle(let steps, let peakFraction, let divisor, let finalDivisor):
      try requirePositive(divisor, "oneCycle: divisor")
      try requirePositive(finalDivisor, "oneCycle: finalDivisor")
      try require(peakFraction > 0 && peakFraction <= 1, "oneCycle: peakFraction", peakFraction, "in (0, 1]")
      let peak = peakFraction * Double(steps)
      try require(peak > 1, "oneCycle: steps", steps, "so many that the peak comes after the first step")
    }
  }

  /// The learning rate as a scalar of the graph.
  func learningRate(_ base: Double, in graph: Graph) -> Tensor {
    self == .constant ? graph.constant(base) : base * factor(graph.stepCounter.cast(to: .float32))
  }

  /// - Parameter t: the steps done, as a float32 scalar.
  private func factor(_ t: Tensor) -> Tensor {
    switch self {
    case .constant: return t.constantLike(1)
    case .stepDecay(let factor, let every):
      // The half keeps whole quotients away from rounding.
      return exp(floor((t + 0.5) / Double(every)) * Double.log(factor))
    case .exponential(let factor, let every): return exp(t * (Double.log(factor) / Double(every)))
    case .cosine(let steps, let finalFactor):
      return halfCosine(from: 1, to: finalFactor, at: minimum(t, Double(steps)) / Double(steps))
    case .warmUp(let steps, let startFactor, let then):
      let rise = startFactor + (1 - startFactor) / Double(steps) * minimum(t, Double(steps))
      return then == .constant ? rise : rise * then.factor(relu(t - Double(steps)))
    case .oneCycle(let steps, let peakFraction, let divisor, let finalDivisor):
      let (peak, last) = (peakFraction * Double(steps) - 1, Double(steps) - 1)
      let rise = halfCosine(from: 1 / divisor, to: 1, at: minimum(t / peak, 1))
      guard last > peak else { return rise }
      let fall = halfCosine(from: 1, to: 1 / (divisor * finalDivisor), at: minimum((t - peak) / (last - peak), 1))
      return select(t .<= peak, rise, fall)
    }
  }

  /// - Parameter x: 0 at the start, 1 at the end.
  private func halfCosine(from start: Double, to end: Double, at x: Tensor) -> Tensor {
    end + (start - end) / 2 * (1 + cos(x * Double.pi))
  }
}

extension LearningRateSchedule: Codable {
  /// - Throws: `DescriptionError`.
  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "schedule", keys: [
      "constant": [], "stepDecay": ["factor", "every"], "exponential": ["factor", "every"],
      "cosine": ["steps", "finalFactor"], "warmUp": ["steps", "startFactor", "then"],
      "oneCycle": ["steps", "peakFraction", "divisor", "finalDivisor"],
    ])
    switch description.kind {
    case "stepDecay":
      self = .stepDecay(factor: try description.value("factor"), every: try description.value("every"))
    case "exponential":
      self = .exponential(factor: try description.value("factor"), every: try description.value("every", default: 1))
    case "cosine":
      self = .cosine(
        steps: try description.value("steps"), finalFactor: try description.value("finalFactor", default: 0))
    case "warmUp":
      self = .warmUp(
        steps: try description.value("steps"), startFactor: try description.value("startFactor", default: 1.0 / 3),
        then: try description.value("then", default: .constant))
    case "oneCycle":
      self = .oneCycle(
        steps: try description.value("steps"), peakFraction: try description.value("peakFraction", default: 0.3),
        divisor: try description.value("divisor", default: 25),
        finalDivisor: try description.value("finalDivisor", default: 1e4))
    default: self = .constant
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var description: DescriptionWriter
    switch self {
    case .constant: description = DescriptionWriter("constant")
    case .stepDecay(let factor, let every):
      description = DescriptionWriter("stepDecay")
      description.set("factor", factor)
      description.set("every", every)
    case .exponential(let factor, let every):
      description = DescriptionWriter("exponential")
      description.set("factor", factor)
      description.set("every", every)
    case .cosine(let steps, let finalFactor):
      description = DescriptionWriter("cosine")
      description.set("steps", steps)
      description.set("finalFactor", finalFactor)
    case .warmUp(let steps, let startFactor, let then):
      description = DescriptionWriter("warmUp")
      description.set("steps", steps)
      description.set("startFactor", startFactor)
      description.set("then", then == .constant ? nil : then)
    case .oneCycle(let steps, let peakFraction, let divisor, let finalDivisor):
      description = DescriptionWriter("oneCycle")
      description.set("steps", steps)
      description.set("peakFraction", peakFraction)
      description.set("divisor", divisor)
      description.set("finalDivisor", finalDivisor)
    }
    try description.write(to: encoder)
  }
}
