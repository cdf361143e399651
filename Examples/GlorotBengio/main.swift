import Chainrule

// Why deep networks were hard to train, after Glorot and Bengio, "Understanding the difficulty of training deep
// feedforward neural networks" (2010). Sigmoids with standard normal weights sit at their bounds, where hardly any
// gradient passes, and the gradient shrinks from layer to layer on its way back. Tanh with weights scaled by Glorot's
// rule keeps the spread of activations and gradients about the same in every layer.
//
//   swift run -c release GlorotBengio

let digits = try Digits.load()

/// Five hidden layers of 100 units, watched while they learn the digits for some epochs.
func watch(_ title: String, _ activation: ActivationFunction, _ initializer: Initializer) throws {
  let network = Sequential {
    Flatten()
    for _ in 0..<5 { Dense(100, activation: activation, weightInitializer: initializer) }
    Dense(10, weightInitializer: initializer)
  }
  let trainer = try Trainer(
    network, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.05), options: TrainingOptions(epochs: 10))
  let report = try trainer.fit(digits.training, validation: digits.test, measuresLayers: true)

  print("\(title)\n")
  for moment in [report.statistics.first, report.statistics.last].compactMap({ $0 }) {
    print("  after \(moment.step) steps   deviation of activations   at the bounds   root mean square of the gradient")
    for (index, weight) in moment.weights.enumerated() {
      let activations = moment.activations.indices.contains(index) ? moment.activations[index] : nil
      let cells = [
        weight.path, activations.map { shortened($0.standardDeviation) } ?? "",
        activations.map { "\(Int(($0.saturated * 100).rounded())) %" } ?? "", shortened(weight.gradientSize),
      ]
      let widths = [16, 26, 15, 34]
      print("  " + zip(cells, widths).map { String(repeating: " ", count: max(0, $1 - $0.count)) + $0 }.joined())
    }
  }
  print("  accuracy on the test digits: \(shortened(try trainer.evaluate(digits.test).accuracy ?? 0))")
  for finding in Diagnosis.findings(of: report, learningRate: 0.05) {
    print("  \(finding.title): \(finding.advice)")
  }
  print()
}

/// Three digits or so.
func shortened(_ value: Double) -> String {
  if value == 0 { return "0" }
  var (scaled, exponent) = (value, 0)
  while abs(scaled) < 1 { (scaled, exponent) = (scaled * 10, exponent - 1) }
  while abs(scaled) >= 10 { (scaled, exponent) = (scaled / 10, exponent + 1) }
  let digits = (scaled * 100).rounded() / 100
  return (-2...2).contains(exponent) ? "\((value * 10_000).rounded() / 10_000)" : "\(digits)e\(exponent)"
}

try watch("Sigmoid, standard normal weights", .sigmoid, .normal(mean: 0, deviation: 1))
try watch("Tanh, Glorot's weights", .tanh, .glorotUniform)
