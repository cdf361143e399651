import Datasets

extension Diagnosis {
  /// Whether a model gives every example about the same answer.
  public static func findings(of predictions: [[Float]], by model: Model, on data: Dataset) -> [Finding] {
    guard data.count >= 10, predictions.count == data.count, !data.hasSequenceTargets else { return [] }
    let advice = "use a smaller --learning-rate, another --activation, scaled features, or more --epochs"
    switch data.targets {
    case .classes(let classes):
      let chosen = Set(predictions.map { row in
        row.count == 1 ? (row[0] > 0.5 ? 1 : 0) : row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 }
      })
      guard let only = chosen.first, chosen.count == 1, Set(classes).count > 1 else { return [] }
      let name = model.classNames.indices.contains(only) ? model.classNames[only] : "\(only)"
      return [
        Finding(
          .constantPredictions, evidence: "all \(data.count) examples are taken for '\(name)', though there are "
            + "\(Set(classes).count) classes among them", advice: advice)
      ]
    case .values(let values):
      let (spread, truth) = (deviation(predictions.flatMap { $0 }), deviation(values))
      guard truth > 0, spread < 0.01 * truth else { return [] }
      return [
        Finding(
          .constantPredictions, evidence: "the predictions' standard deviation is \(short(spread)), but that of the "
            + "true numbers \(short(truth))", advice: advice)
      ]
    case .nextTokens: return []
    }
  }

  /// Columns each of which alone says what is to be predicted: with classes, one that separates all of them; with
  /// numbers, one that is a line of them.
  /// - Parameter columns: what the features are called and which of them belong together, as in
  ///   `Model.importance(of:on:repeats:seed:threads:)`; only columns of one feature are looked at.
  /// - Throws: `DatasetError`.
  public static func leaks(of columns: [(name: String, features: [Int])], in data: Dataset) throws -> [Finding] {
    let count = min(data.count, 5000)
    guard count >= 50, data.featureType == .float32, !data.hasSequenceTargets else { return [] }
    let width = data.featureShape.count
    var rows = [Float](repeating: 0, count: count * width)
    try rows.withUnsafeMutableBufferPointer { try data.copyFeatures(of: 0..<count, into: $0) }
    return columns.compactMap { column in
      guard column.features.count == 1, (0..<width).contains(column.features[0]) else { return nil }
      let values = (0..<count).map { rows[$0 * width + column.features[0]] }
      guard let evidence = leak(values, data.targets, data.targetShape.count) else { return nil }
      return Finding(
        .leakedColumn, evidence: "the column '\(column.name)' alone \(evidence)",
        advice: "leave it out if it is not known when predictions are made")
    }
  }

  private static func leak(_ values: [Float], _ targets: Dataset.Targets, _ targetCount: Int) -> String? {
    switch targets {
    case .classes(let classes):
      let order = values.indices.sorted { (values[$0], classes[$0]) < (values[$1], classes[$1]) }
      let classCount = Set(classes.prefix(values.count)).count
      let changes = zip(order, order.dropFirst()).count { classes[$0] != classes[$1] }
      let isShared = zip(order, order.dropFirst()).contains {
        classes[$0] != classes[$1] && values[$0] == values[$1]
      }
      guard classCount > 1, changes == classCount - 1, !isShared else { return nil }
      return "separates all \(classCount) classes of \(values.count) examples"
    case .values(let all):
      guard targetCount == 1 else { return nil }
      let correlation = abs(correlation(values, Array(all.prefix(values.count))))
      guard correlation > 0.9995 else { return nil }
      return "has a correlation of \(short(correlation)) with the target"
    case .nextTokens: return nil
    }
  }

  private static func deviation(_ values: [Float]) -> Double {
    let center = mean(values.map(Double.init)) ?? 0
    return (mean(values.map { (Double($0) - center) * (Double($0) - center) }) ?? 0).squareRoot()
  }

  private static func correlation(_ a: [Float], _ b: [Float]) -> Double {
    let (centerA, centerB) = (mean(a.map(Double.init)) ?? 0, mean(b.map(Double.init)) ?? 0)
    let product = mean(zip(a, b).map { (Double($0) - centerA) * (Double($1) - centerB) }) ?? 0
    let scale = deviation(a) * deviation(b)
    return scale > 0 ? product / scale : 0
  }
}
