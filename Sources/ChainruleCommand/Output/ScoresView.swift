import Chainrule

/// Scores as JSON: their measures, without a word for the kind of scores around them.
struct ScoresLine: Encodable {
  let scores: Scores

  func encode(to encoder: any Encoder) throws {
    switch scores {
    case .sequences(let scores): try scores.encode(to: encoder)
    case .classes(let scores): try scores.encode(to: encoder)
    case .numbers(let scores): try scores.encode(to: encoder)
    case .labels(let scores): try scores.encode(to: encoder)
    }
  }
}

extension Scores {
  /// What is worth saying beside accuracy and loss, as people read it.
  var lines: [(title: String, value: String)] {
    switch self {
    case .numbers(let scores):
      let errors = "\(loss(scores.rootMeanSquaredError)) root mean square, \(loss(scores.meanAbsoluteError)) mean"
      return [("Error", errors)] + (scores.rSquared.map { [("R²", fixed($0, 4))] } ?? [])
    case .labels(let scores):
      let text = "\(percent(scores.labelAccuracy)) right; of all examples \(percent(scores.exactMatch)) without fault"
      return [("Labels", text)]
    case .classes, .sequences:
      let others = named.filter { !["accuracy", "loss", "log loss"].contains($0.name) }
      return others.isEmpty ? [] : [("Scores", others.map { "\($0.name) \(loss($0.value))" }.joined(separator: ", "))]
    }
  }
}
