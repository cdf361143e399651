import Chainrule

/// How good a model is: overall, for each class, and which classes it takes for which.
struct EvaluationView {
  private let evaluation: Evaluation
  private let names: [String]
  private let split: String
  private let scores: Scores?
  private let lossView: LossView
  private let terminal = Terminal.current

  /// - Parameter scores: nil where it is not known what is to be predicted.
  init(_ evaluation: Evaluation, of model: Model, split: String, scores: Scores?) {
    self.scores = scores
    self.evaluation = evaluation
    self.split = split
    names = model.classNames
    lossView = LossView(model.loss, model.preprocessing)
  }

  var text: String {
    var text = "\(terminal.bold("Examples"))  \(grouped(evaluation.count)) (\(split) split)\n"
    if let accuracy = evaluation.accuracy, let correct = evaluation.correct {
      text += "\(terminal.bold("Accuracy"))  \(terminal.green(percent(accuracy))) "
        + "(\(grouped(correct)) right, \(grouped(evaluation.count - correct)) wrong)\n"
    }
    let units = lossView.isStandardised ? " (of standardised numbers)" : ""
    text += "\(terminal.bold("Loss"))      \(loss(evaluation.loss))\(units)\n"
    for (title, value) in scores?.lines ?? [] { text += "\(terminal.bold(title.leading(8)))  \(value)\n" }
    guard let matrix = evaluation.confusionMatrix else { return text }
    text += "\n" + classTable(matrix)
    return text
  }

  /// Precision: how many of those taken for the class are of it. Recall: how many of the class are recognised.
  private func classTable(_ matrix: [[Int]]) -> String {
    var rows = [["class", "examples", "precision", "recall", "most often taken for"]]
    for (index, counts) in matrix.enumerated() {
      let total = counts.reduce(0, +)
      let taken = matrix.reduce(0) { $0 + ($1.indices.contains(index) ? $1[index] : 0) }
      let right = counts.indices.contains(index) ? counts[index] : 0
      rows.append([
        name(index), grouped(total), share(right, of: taken), share(right, of: total), mistakes(counts, except: index),
      ])
    }
    let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      let cells = [row[0].leading(widths[0])] + (1..<4).map { row[$0].padded(to: widths[$0]) }
      return (cells + [row[4]]).joined(separator: "   ")
    }
    return lines.enumerated().map { ($0 == 0 ? terminal.dim($1) : $1) + "\n" }.joined()
  }

  /// The three classes that one is most often taken for: `9 (4), 5 (1)`.
  private func mistakes(_ counts: [Int], except index: Int) -> String {
    counts.enumerated().filter { $0.offset != index && $0.element > 0 }
      .sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }.prefix(3)
      .map { "\(name($0.offset)) (\($0.element))" }.joined(separator: ", ")
  }

  private func share(_ part: Int, of whole: Int) -> String {
    whole == 0 ? "-" : percent(Double(part) / Double(whole))
  }

  private func name(_ index: Int) -> String { names.indices.contains(index) ? names[index] : "\(index)" }
}
