import Chainrule

/// How a loss is shown to people. A network learns a table's numbers standardised; where the loss is that of one
/// number, it is shown in that number's own units.
struct LossView {
  /// What the loss of epochs is called: `loss`, `RMSE`, `MAE`, or `standardised loss` where it cannot be told in units.
  let title: String
  /// Makes of a loss the number that is shown.
  let convert: (Double) -> Double
  /// The key of the converted loss in JSON; nil where nothing is converted.
  private let key: String?
  /// Whether losses are of standardised numbers.
  let isStandardised: Bool

  /// - Parameter preprocessing: of a table; nil for other data.
  init(_ loss: Loss, _ preprocessing: Preprocessing?) {
    let target = preprocessing?.target
    isStandardised = target?.task == .regression
    let scale = isStandardised && target?.scales.count == 1 ? target?.scales.first : nil
    switch (loss, scale) {
    case (.meanSquaredError, let scale?):
      (title, key, convert) = ("RMSE", "rootMeanSquaredError", { $0.squareRoot() * scale })
    case (.halfSumSquaredError, let scale?):
      (title, key, convert) = ("RMSE", "rootMeanSquaredError", { (2 * $0).squareRoot() * scale })
    case (.meanAbsoluteError, let scale?): (title, key, convert) = ("MAE", "meanAbsoluteError", { $0 * scale })
    default: (title, key, convert) = (isStandardised ? "standardised loss" : "loss", nil, { $0 })
    }
  }

  func text(_ value: Double) -> String { loss(convert(value)) }

  /// The line of an epoch in JSON, with the losses in the target's units beside those that are made small.
  struct EpochLine: Encodable {
    let report: EpochReport
    let view: LossView

    func encode(to encoder: any Encoder) throws {
      try report.encode(to: encoder)
      guard view.isStandardised else { return }
      var values = encoder.container(keyedBy: DescriptionKey.self)
      try values.encode(TrainingSummary.standardised, forKey: DescriptionKey("lossUnits"))
      guard let key = view.key else { return }
      try values.encode(view.convert(report.loss), forKey: DescriptionKey(key))
      let ofValidation = "validation" + key.prefix(1).uppercased() + key.dropFirst()
      try values.encodeIfPresent(report.validationLoss.map(view.convert), forKey: DescriptionKey(ofValidation))
    }
  }
}
