/// Something that goes wrong in a training, with the evidence and what helps.
public struct Finding: Hashable, Sendable, Codable {
  /// What goes wrong.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// The gradient is orders of magnitude smaller in the first layers than in the last.
    case vanishingGradients
    /// The gradient is orders of magnitude larger in the first layers than in the last, or grows so with time.
    case explodingGradients
    /// Units of sigmoid or tanh are near their bounds, where hardly any gradient passes.
    case saturatedUnits
    /// Units of ReLU give 0 for every example.
    case deadUnits
    /// The training data are learned by heart.
    case overfitting
    /// The loss jumps or rises.
    case learningRateTooLarge
    /// The loss has only begun to fall.
    case learningRateTooSmall
    /// Every example gets the same answer.
    case constantPredictions
    /// A column says what is to be predicted.
    case leakedColumn
  }

  /// What goes wrong.
  public let kind: Kind
  /// What was seen, in numbers.
  public let evidence: String
  /// What to try, with the option's name on the command line.
  public let advice: String

  /// A finding of yours, to show beside those of `Diagnosis`.
  public init(_ kind: Kind, evidence: String, advice: String) {
    self.kind = kind
    self.evidence = evidence
    self.advice = advice
  }

  /// The kind in words.
  public var title: String {
    switch kind {
    case .vanishingGradients: "vanishing gradients"
    case .explodingGradients: "exploding gradients"
    case .saturatedUnits: "saturated units"
    case .deadUnits: "dead units"
    case .overfitting: "overfitting"
    case .learningRateTooLarge: "the learning rate seems too large"
    case .learningRateTooSmall: "the learning rate seems too small"
    case .constantPredictions: "constant predictions"
    case .leakedColumn: "a column may give the answer away"
    }
  }
}
