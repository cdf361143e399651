// Why deep networks were hard to train: the experiment of Glorot and Bengio, "Understanding the difficulty of training
// deep feedforward neural networks" (2010), on the digits of the package. Five hidden layers of 100 units, with two
// activations and two ways to choose the first weights:
//
//   swift run -c release Saturation
//
// Weights from the standard normal distribution make sums of 100 inputs that are ten times too large. Sigmoid and tanh
// units then sit where their curves are flat, so that hardly any error passes, or, with tanh, where errors grow on their
// way back by the same large weights. Glorot's weights keep the variance from layer to layer, forward and backward.

import Chainrule
import Foundation

let hiddenLayers = 5

func network(_ activation: ActivationFunction, _ initializer: Initializer) -> Sequential {
  Sequential {
    for _ in 0..<hiddenLayers { Dense(100, activation: activation, weightInitializer: initializer) }
    Dense(10, weightInitializer: initializer)
  }
}

func column(_ text: String, _ width: Int = 10) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }

/// Three digits, with an exponent.
func short(_ value: Double) -> String {
  guard value != 0, value.isFinite else { return "\(value)" }
  let exponent = Int(floor(log10(abs(value))))
  return "\((value / pow(10, Double(exponent)) * 100).rounded() / 100)e\(exponent)"
}

func row(_ title: String, _ values: [String]) { print("  " + title.padding(toLength: 26, withPad: " ", startingAt: 0) + values.map { column($0) }.joined()) }

func show(_ moment: String, _ statistics: NetworkStatistics) {
  print("  \(moment)")
  row("  layer", (1...hiddenLayers).map(String.init) + ["output"])
  row("  activation variance", statistics.activations.map { short($0.standardDeviation * $0.standardDeviation) })
  row("  saturated", statistics.activations.map { "\(Int(($0.saturated * 100).rounded())) %" })
  row("  gradient norm", statistics.weights.map { short($0.gradientNorm) })
}

let (training, test) = try Digits.load()
let cases: [(String, ActivationFunction, Initializer)] = [
  ("sigmoid, standard normal weights", .sigmoid, .normal(mean: 0, deviation: 1)), ("sigmoid, Glorot's weights", .sigmoid, .glorotUniform),
  ("tanh, standard normal weights", .tanh, .normal(mean: 0, deviation: 1)), ("tanh, Glorot's weights", .tanh, .glorotUniform),
]
for (title, activation, initializer) in cases {
  let trainer = try Trainer(
    network(activation, initializer), loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.05),
    options: TrainingOptions(epochs: 20, batchSize: 32))
  let report = try trainer.fit(training, measuresLayers: true)
  let accuracy = try trainer.evaluate(test).accuracy ?? 0
  print("\(title): \((accuracy * 1000).rounded() / 10) % of held-back digits after 20 epochs")
  if let first = report.statistics.first { show("before training", first) }
  if let last = report.statistics.last { show("after training", last) }
  print()
}
