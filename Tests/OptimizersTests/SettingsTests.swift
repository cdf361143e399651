import Foundation
import Optimizers
import ReferenceBackend
import Testing

struct SettingsTests {
  static let unusable: [(Optimizer, String)] = [
    (.sgd(learningRate: .nan), "learningRate must be finite and not negative, not nan"),
    (.sgd(learningRate: -0.1), "learningRate must be finite and not negative, not -0.1"),
    (.adam(learningRate: .infinity), "learningRate must be finite and not negative, not inf"),
    (.sgd(learningRate: 1, momentum: 1), "momentum must be at least 0 and less than 1, not 1.0"),
    (.sgd(learningRate: 1, nesterov: true), "momentum must be greater than 0 for Nesterov's form, not 0.0"),
    (.adam(beta1: 1.5), "beta1 must be at least 0 and less than 1, not 1.5"),
    (.adam(beta2: .nan), "beta2 must be at least 0 and less than 1, not nan"),
    (.adam(epsilon: -1), "epsilon must be finite and not negative, not -1.0"),
    (.adamW(weightDecay: -1), "weightDecay must be finite and not negative, not -1.0"),
    (.rmsProp(decay: 1), "decay must be at least 0 and less than 1, not 1.0"),
    (.adaGrad(epsilon: .infinity), "epsilon must be finite and not negative, not inf"),
    (.adam().clipped(norm: 0), "clipNorm must be positive and finite, not 0.0"),
    (.adam().clipped(norm: 1, value: .nan), "clipValue must be positive and finite, not nan"),
    (.adam().scheduled(.cosine(steps: 0)), "cosine: steps must be at least 1, not 0"),
    (.adam().scheduled(.stepDecay(factor: 0.5, every: 0)), "stepDecay: every must be at least 1 step, not 0"),
    (.adam().scheduled(.exponential(factor: 0)), "exponential: factor must be positive and finite, not 0.0"),
    (.adam().scheduled(.warmUp(steps: 3, then: .cosine(steps: -1))), "cosine: steps must be at least 1, not -1"),
    (
      .adam().scheduled(.oneCycle(steps: 2)),
      "oneCycle: steps must be so many that the peak comes after the first step, not 2"
    ),
  ]

  @Test(arguments: unusable.indices)
  func `settings that cannot be used are refused`(index: Int) {
    let (optimizer, message) = Self.unusable[index]
    let graph = Graph()
    let weight = graph.variable("weight", TensorType([2]))
    #expect(throws: OptimizerError(message)) { try optimizer.update([weight], with: [weight]) }
    #expect(graph.updates.isEmpty)
  }

  @Test func `what does not fit is refused`() throws {
    let graph = Graph()
    let weight = graph.variable("layer/weight", TensorType([2]))
    let other = graph.variable("other", TensorType([3]))
    let optimizer = Optimizer.sgd(learningRate: 1)
    #expect(throws: OptimizerError("there is nothing to train: the network has no parameters")) {
      try optimizer.update([], with: [])
    }
    #expect(throws: OptimizerError("1 parameters were given with 2 gradients")) {
      try optimizer.update([weight], with: [weight, other])
    }
    #expect(throws: OptimizerError("the gradient of 'layer/weight' is float32[3], but the parameter is float32[2]")) {
      try optimizer.update([weight], with: [other])
    }
    #expect(throws: OptimizerError("only variables of the graph can be updated, not the result of another operation")) {
      try optimizer.update([weight + weight], with: [weight])
    }
    #expect(throws: OptimizerError("gaussianPrior must be finite and not negative, not -1.0")) {
      try WeightPrior(gaussianPrior: -1).objective(weight.sum(), weights: [weight], exampleCount: 5)
    }
    #expect(throws: OptimizerError("laplacePrior must be finite and not negative, not inf")) {
      try WeightPrior(laplacePrior: .infinity).objective(weight.sum(), weights: [weight], exampleCount: 5)
    }
    #expect(throws: OptimizerError("exampleCount must be at least 1, not 0")) {
      try WeightPrior(laplacePrior: 1).objective(weight.sum(), weights: [weight], exampleCount: 0)
    }
    #expect(throws: OptimizerError.self) {
      try WeightPrior(laplacePrior: 1).objective(weight.sum(), weights: [], exampleCount: 5)
    }
  }

  @Test(arguments: [
    Optimizer.sgd(learningRate: 0.1), .sgd(learningRate: 0.1, momentum: 0.9, nesterov: true), .adam(),
    .adamW(learningRate: 0.5, weightDecay: 0.125).clipped(norm: 2),
    .rmsProp(momentum: 0.5, isCentered: true).scheduled(.oneCycle(steps: 100)).clipped(norm: 1, value: 3),
    .adaGrad().scheduled(.warmUp(steps: 5, startFactor: 0, then: .exponential(factor: 0.5, every: 10))),
    .adam().scheduled(.stepDecay(factor: 0.1, every: 30)), .adam().scheduled(.cosine(steps: 9)),
  ])
  func `an optimizer survives JSON`(optimizer: Optimizer) throws {
    let data = try JSONEncoder().encode(optimizer)
    #expect(try JSONDecoder().decode(Optimizer.self, from: data) == optimizer)
  }

  @Test func `descriptions are readable and their mistakes named`() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let optimizer = Optimizer.sgd(learningRate: 0.5, momentum: 0.75).scheduled(.cosine(steps: 9))
    #expect(
      String(decoding: try encoder.encode(optimizer), as: UTF8.self)
        == #"{"kind":"sgd","learningRate":0.5,"momentum":0.75,"schedule":{"finalFactor":0,"kind":"cosine","steps":9}}"#)
    #expect(try decode(#""adam""#) == .adam())
    #expect(throws: DescriptionError(
      path: "momentum",
      message: "optimizer 'adam' has no setting 'momentum'; it takes learningRate, schedule, clipNorm, clipValue, "
        + "beta1, beta2, epsilon")
    ) { try decode(#"{"kind": "adam", "momentum": 0.9}"#) }
    #expect(throws: DescriptionError(
      path: "", message: "there is no optimizer of kind 'adan'; choose one of adaGrad, adam, adamW, rmsProp, sgd")
    ) { try decode(#""adan""#) }
    #expect(throws: DescriptionError(path: "learningRate", message: "expected a number")) {
      try decode(#"{"kind": "sgd", "learningRate": "fast"}"#)
    }
    #expect(throws: DescriptionError(
      path: "schedule", message: "schedule 'cosine' needs the setting 'steps', a whole number")
    ) { try decode(#"{"kind": "sgd", "schedule": "cosine"}"#) }
  }

  private func decode(_ text: String) throws -> Optimizer {
    try JSONDecoder().decode(Optimizer.self, from: Data(text.utf8))
  }

  @Test func `words choose optimizers`() {
    #expect(Optimizer.kinds == ["sgd", "adam", "adamW", "rmsProp", "adaGrad"])
    for kind in Optimizer.kinds { #expect(Optimizer(kind: kind)?.kind == kind) }
    #expect(Optimizer(kind: "adam") == .adam())
    #expect(Optimizer(kind: "adamW", learningRate: 0.5) == .adamW(learningRate: 0.5))
    #expect(Optimizer(kind: "rmsProp") == .rmsProp())
    #expect(Optimizer(kind: "adaGrad") == .adaGrad())
    #expect(Optimizer(kind: "sgd") == .sgd(learningRate: 0.1))
    #expect(Optimizer(kind: "nothing") == nil)
  }

  @Test func `one bound leaves the other`() {
    let both = Optimizer.adam().clipped(norm: 2, value: 3)
    #expect(both.clipNorm == 2 && both.clipValue == 3)
    #expect(Optimizer.adam().clipped(norm: 2).clipped(value: 3) == both)
    #expect(Optimizer.adam().clipped(value: 3).clipped(norm: 2) == both)
    #expect(both.clipped(norm: 1) == .adam().clipped(norm: 1, value: 3))
  }

  @Test func `samples are of every kind, all different and usable`() {
    #expect(Set(Optimizer.samples.map(\.kind)) == Set(Optimizer.kinds))
    #expect(Set(Optimizer.samples).count == Optimizer.samples.count)
    for optimizer in Optimizer.samples { #expect(throws: Never.self) { try optimizer.validate() } }
  }

  @Test func `priors add up`() throws {
    let weight = Graph().constant(ShapedArray([3, -4]))
    func objective(_ prior: WeightPrior, _ weights: [Tensor]) throws -> Double {
      let objective = try prior.objective(weight.constantLike(7).sum() / 2, weights: weights, exampleCount: 5)
      return try #require(Interpreter(values: [:]).evaluate([objective]).first?.scalars.first)
    }
    let both = WeightPrior(gaussianPrior: 0.5, laplacePrior: 2)
    // The weights' squares add up to 50, their magnitudes to 14.
    let (squares, magnitudes) = (0.25 * 50, 2.0 * 14)
    #expect(abs(try objective(both, [weight, weight]) - 7 - (squares + magnitudes) / 5) < 1e-12)
    #expect(try objective(WeightPrior(), []) == 7)
  }

  @Test func `elements are held within bounds before the norm is`() throws {
    let graph = Graph()
    let weight = graph.variable("weight", TensorType([3]))
    let gradient = graph.constant(ShapedArray([30, -0.4, 0.3]))
    try Optimizer.sgd(learningRate: 1).clipped(norm: 1, value: 2).update([weight], with: [gradient])
    let update = try #require(graph.updates.first { $0.variable == weight.value })
    let zero = ShapedArray<Double>(repeating: 0, shape: [3])
    let moved = try Interpreter(values: ["weight": zero]).evaluate([graph.tensor(update.value)])[0]
    let norm = 4.25.squareRoot() + 1e-6
    for (new, bounded) in zip(moved.scalars, [2, -0.4, 0.3]) { #expect(abs(new + bounded / norm) < 1e-7) }
  }
}
