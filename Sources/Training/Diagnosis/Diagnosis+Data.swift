import Datasets

extension Diagnosis {
  /// Whether a model gives every example about the same answer.
  /// - Parameter predictions: as by `Predictor.outputs(_:rows:)`.
  public static func findings(of predictions: [[Float]], by model: Model, on data: Dataset) -> [Finding] {
    guard data.count >= 10, predictions.count == data.count, !data.hasSequenceTargets else { return [] }
    let advice = "use a smaller --learning-rate, another --activation, scaled features, or more --epochs"
    switch data.targets {
    case .classes(let classes):
      let chosen = Set(predictions.compactMap(model.chosenClass))
      guard let only = chosen.first, chosen.count == 1, Set(classes).count > 1 else { return [] }
      let name = model.classNames.indices.contains(only) ? model.classNames[only] : "\(only)"
      return [
        Finding(
          .constantPredictions, evidence: "all \(data.count) examples are taken for '\(name)', though there are "
            + "\(Set(classes).count) classes among them", advice: advice)
      ]
    case .values:
      let truth = deviation(model.trueNumbers(of: data))
      let spread = deviation(predictions.flatMap(model.numbers))
      guard truth > 0, spread < 0.01 * truth else { return [] }
      return [
        Finding(
          .constantPredictions, evidence: "the predictions' standard deviation is \(short(spread)), but that of the "
            + "true numbers \(short(truth))", advice: advice)
      ]
    case .nextTokens: return []
    }
  }

  /// Columns each of which alone says what is to be predicted. Of a number: one that separates all classes, or is a
  /// line of the numbers to predict. Of values that each occur in many examples, such as categories: one of which the
  /// most frequent class, or the mean number, of each value is as good as always right.
  /// - Parameter columns: what the features are called and which of them belong together, as in
  ///   `Model.importance(of:on:repeats:seed:threads:)`; the first feature of a column of numbers is the number.
  /// - Throws: `DatasetError`.
  public static func leaks(of columns: [(name: String, features: [Int])], in data: Dataset) throws -> [Finding] {
    let count = min(data.count, 5000)
    guard count >= 50, data.featureType == .float32, !data.hasSequenceTargets else { return [] }
    let width = data.featureShape.count
    var rows = [Float](repeating: 0, count: count * width)
    try rows.withUnsafeMutableBufferPointer { try data.copyFeatures(of: 0..<count, into: $0) }
    return columns.compactMap { column in
      guard let first = column.features.first, column.features.allSatisfy((0..<width).contains) else { return nil }
      let numbers = (0..<count).map { rows[$0 * width + first] }
      let evidence =
        leak(numbers, data.targets, data.targetShape.count)
        ?? leak(
          groups: Dictionary(grouping: 0..<count) { row in column.features.map { rows[row * width + $0] } }.values,
          data.targets, data.targetShape.count)
      guard let evidence else { return nil }
      return Finding(
        .leakedColumn, evidence: "the column '\(column.name)' alone \(evidence)",
        advice: "leave it out if it is not known when predictions are made")
    }
  }

  /// What a column of numbers says.
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
      let correlation = abs(correlation(values.map(Double.init), all.prefix(values.count).map(Double.init)))
      guard correlation > 0.9995 else { return nil }
      return "has a correlation of \(short(correlation)) with the target"
    case .nextTokens: return nil
    }
  }

  /// What a column says whose values each occur in many examples: with few examples a value, each would speak for
  /// itself.
  /// - Parameter groups: the examples of each value.
  private static func leak(
    groups: some Collection<[Int]>, _ targets: Dataset.Targets, _ targetCount: Int
  ) -> String? {
    let count = groups.reduce(0) { $0 + $1.count }
    guard groups.count > 1, groups.count * 10 <= count else { return nil }
    switch targets {
    case .classes(let classes):
      func errors(_ rows: [Int]) -> Int {
        rows.count - (Dictionary(rows.map { (classes[$0], 1) }, uniquingKeysWith: +).values.max() ?? 0)
      }
      let (before, after) = (errors(Array(0..<count)), groups.reduce(0) { $0 + errors($1) })
      guard before > 0, after * 100 <= before else { return nil }
      return "tells the class of \(count - after) of \(count) examples: each of its \(groups.count) values goes "
        + "with one"
    case .values(let values):
      guard targetCount == 1 else { return nil }
      func squares(_ rows: [Int]) -> Double {
        let center = mean(rows.map { Double(values[$0]) }) ?? 0
        return rows.reduce(0) { $0 + (Double(values[$1]) - center) * (Double(values[$1]) - center) }
      }
      let (before, after) = (squares(Array(0..<count)), groups.reduce(0) { $0 + squares($1) })
      guard before > 0, after * 1000 <= before else { return nil }
      return "tells the number to predict: the mean of each of its \(groups.count) values explains "
        + "\(short(100 * (1 - after / before))) % of the variance"
    case .nextTokens: return nil
    }
  }

  private static func deviation(_ values: [Double]) -> Double {
    let center = mean(values) ?? 0
    return (mean(values.map { ($0 - center) * ($0 - center) }) ?? 0).squareRoot()
  }

  private static func correlation(_ a: [Double], _ b: [Double]) -> Double {
    let (centerA, centerB) = (mean(a) ?? 0, mean(b) ?? 0)
    let product = mean(zip(a, b).map { ($0 - centerA) * ($1 - centerB) }) ?? 0
    let scale = deviation(a) * deviation(b)
    return scale > 0 ? product / scale : 0
  }
}
