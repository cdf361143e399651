import Chainrule

/// What a model says of one example, and what is true.
struct Prediction: Encodable {
  /// The example's position in its part of the data, from 0.
  let index: Int
  /// Where it is in the file of the table that it is from; nil for other data.
  let place: String?
  /// The class that is predicted; nil for numbers.
  let predicted: String?
  /// How sure the model is of it; nil where its outputs are no probabilities.
  let probability: Double?
  /// What the network gives for the example: for each class, in the order of the classes, or the predicted numbers.
  let outputs: Numbers
  /// The true class; nil for numbers.
  let label: String?
  let correct: Bool?
  /// The true numbers; nil for classes.
  let target: Numbers?

  /// Numbers in as many digits as they have: those of a table are not rounded to Float32.
  enum Numbers: Encodable {
    case ofNetwork([Float])
    case ofTable([Double])

    var values: [Double] {
      switch self {
      case .ofNetwork(let numbers): numbers.map(Double.init)
      case .ofTable(let numbers): numbers
      }
    }

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .ofNetwork(let numbers): try numbers.encode(to: encoder)
      case .ofTable(let numbers): try numbers.encode(to: encoder)
      }
    }
  }

  init(row: Int, _ outputs: [Float], by predictor: Predictor, of data: Dataset, hasTargets: Bool) {
    let model = predictor.model
    (index, place) = (row, data.place(ofExample: row))
    self.outputs = model.predictsTableNumbers ? .ofTable(model.numbers(outputs)) : .ofNetwork(outputs)
    let names = model.classNames
    let chosen = predictor.chosenClass(outputs)
    let target = model.preprocessing?.target
    let hasLabels = target?.task == .multiLabel
    predicted =
      chosen.map { names.indices.contains($0) ? names[$0] : "\($0)" } ?? (hasLabels ? target?.labels(outputs) : nil)
    probability = model.predictsProbabilities ? Self.probability(of: chosen, outputs) : nil
    guard hasTargets else {
      (label, correct, self.target) = (nil, nil, nil)
      return
    }
    switch data.targets {
    case .classes(let classes) where data.targetShape.rank == 0:
      // Images without classes are all of one that has no name.
      let truth = data.classNames[Int(classes[row])]
      label = truth.isEmpty ? nil : truth
      correct = truth.isEmpty ? nil : predicted.map { $0 == truth }
      self.target = nil
    case .values(let values):
      let truth = Array(values[(row * data.targetShape.count)..<((row + 1) * data.targetShape.count)])
      label = hasLabels ? target?.labels(truth) : nil
      correct = label == nil ? nil : label == predicted
      self.target =
        hasLabels
        ? nil : model.predictsTableNumbers ? .ofTable(model.trueNumbers(ofExample: row, in: data)) : .ofNetwork(truth)
    case .classes, .nextTokens: (label, correct, self.target) = (nil, nil, nil)
    }
  }

  private static func probability(of chosen: Int?, _ outputs: [Float]) -> Double? {
    guard let chosen else { return nil }
    if outputs.count == 1 { return outputs.first.map { Double(chosen == 1 ? $0 : 1 - $0) } }
    return outputs.indices.contains(chosen) ? Double(outputs[chosen]) : nil
  }

  static let header = "example  predicted   probability  truth"

  /// A row of the table.
  var text: String {
    let number = "\(index)".padded(to: 7)
    guard let predicted else {
      return "\(number)  \(numbers(outputs).leading(10))  \("".padded(to: 11))  \(target.map(numbers) ?? "")"
    }
    let truth = (label ?? "") + (correct == false ? "  " + Terminal.current.red("wrong") : "")
    return "\(number)  \(predicted.leading(10))  \((probability.map(percent) ?? "").padded(to: 11))  \(truth)"
  }

  private func numbers(_ numbers: Numbers) -> String { numbers.values.map { fixed($0, 4) }.joined(separator: " ") }
}
