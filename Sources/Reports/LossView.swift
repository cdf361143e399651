import Datasets
import NeuralNetworks
import Training

/// How a loss is shown to people. A network learns a table's numbers standardised; where the loss is that of one
/// number, it is shown in that number's own units.
public struct LossView: Hashable, Sendable, Codable {
  /// What the loss of epochs is called: `loss`, `RMSE`, `MAE`, or `standardised loss` where it cannot be told in units.
  public let title: String
  /// Whether losses are of standardised numbers.
  public let isStandardised: Bool
  /// The column whose units the loss is shown in; nil where it is shown as it is.
  public let target: String?
  /// The key of the converted loss in JSON; nil where nothing is converted.
  private let key: String?
  /// What a root is taken of is multiplied by this first; nil where there is no root.
  private let factorBelowRoot: Double?
  /// The deviation of the numbers before they were standardised.
  private let scale: Double

  /// - Parameter preprocessing: of a table; nil for other data.
  public init(_ loss: Loss, _ preprocessing: Preprocessing? = nil) {
    let predicted = preprocessing?.target
    isStandardised = predicted?.task == .regression
    let isOne = isStandardised && predicted?.scales.count == 1
    switch loss {
    case .meanSquaredError where isOne: (title, key, factorBelowRoot) = ("RMSE", "rootMeanSquaredError", 1)
    case .halfSumSquaredError where isOne: (title, key, factorBelowRoot) = ("RMSE", "rootMeanSquaredError", 2)
    case .meanAbsoluteError where isOne: (title, key, factorBelowRoot) = ("MAE", "meanAbsoluteError", nil)
    default: (title, key, factorBelowRoot) = (isStandardised ? "standardised loss" : "loss", nil, nil)
    }
    (target, scale) = key == nil ? (nil, 1) : (predicted?.columns.first, predicted?.scales.first ?? 1)
  }

  /// Makes of a loss the number that is shown.
  public func convert(_ loss: Double) -> Double {
    scale * (factorBelowRoot.map { ($0 * loss).squareRoot() } ?? loss)
  }

  /// The title for an axis, with the units.
  public var axisTitle: String {
    let name = title.prefix(1).uppercased() + title.dropFirst()
    return target.map { "\(name), in units of '\($0)'" } ?? name
  }

  /// The numbers of an epoch in JSON, with the losses in the target's units beside those that are made small.
  public struct EpochLine: Encodable {
    private let report: EpochReport
    private let view: LossView

    /// An epoch's losses, seen so.
    public init(_ report: EpochReport, _ view: LossView) {
      self.report = report
      self.view = view
    }

    public func encode(to encoder: any Encoder) throws {
      try report.encode(to: encoder)
      guard view.isStandardised else { return }
      var values = encoder.container(keyedBy: DescriptionKey.self)
      try values.encode(LossView.standardised, forKey: DescriptionKey("lossUnits"))
      guard let key = view.key else { return }
      try values.encode(view.convert(report.loss), forKey: DescriptionKey(key))
      let ofValidation = "validation" + key.prefix(1).uppercased() + key.dropFirst()
      try values.encodeIfPresent(report.validationLoss.map(view.convert), forKey: DescriptionKey(ofValidation))
    }
  }

  /// What the losses of a table's numbers are losses of, in JSON.
  public static let standardised = "standardised"
}
