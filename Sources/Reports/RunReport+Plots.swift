import Training

extension RunReport {
  /// A plot, as a file and for the terminal.
  public struct Plot: Sendable {
    /// The name of its file, without the ending.
    public let name: String
    /// The plot as an SVG document.
    public let svg: String
    /// The plot in characters.
    public let text: String
  }

  /// Every plot of the report, in its order.
  public var plots: [Plot] { curves + confusion + calibration + columns + layers }

  private func plot(_ name: String, _ chart: LineChart) -> [Plot] {
    chart.series.isEmpty ? [] : [Plot(name: name, svg: chart.svg(), text: chart.text())]
  }

  var curves: [Plot] {
    let epochs = training.epochs, isOfSteps = training.isOfSteps
    let xTitle = isOfSteps ? "step" : "epoch"
    func series(_ name: String, _ value: (EpochReport) -> Double?) -> LineChart.Series {
      LineChart.Series(name, epochs.compactMap { epoch in
        value(epoch).map { (Double(isOfSteps ? epoch.step : epoch.epoch), $0) }
      })
    }
    let losses = epochs.flatMap { [$0.loss, $0.validationLoss ?? $0.loss] }.map(lossView.convert)
    let isWide = (losses.min() ?? 0) > 0 && (losses.max() ?? 0) > 50 * (losses.min() ?? 0)
    return plot(
      "loss",
      LineChart(
        lossView.axisTitle, xTitle: xTitle,
        [
          series("training") { lossView.convert($0.loss) },
          series("held back") { $0.validationLoss.map(lossView.convert) },
        ], isLogarithmicY: isWide))
      + plot(
        "accuracy",
        LineChart(
          "Accuracy", xTitle: xTitle,
          [series("training") { $0.accuracy }, series("held back") { $0.validationAccuracy }]))
      + plot(
        "learning-rate",
        LineChart("Learning rate", xTitle: xTitle, [series("learning rate") { $0.learningRate }]))
  }

  var confusion: [Plot] {
    guard case .classes(let scores) = scores, scores.classes.count <= 100 else { return [] }
    let names = scores.classes.map(\.name)
    let map = HeatMap(
      "Class (row) taken for (column)", rows: names, columns: names, scores.confusionMatrix.map { $0.map(Double.init) })
    return [Plot(name: "confusion", svg: map.svg(), text: map.text())]
  }

  var calibration: [Plot] {
    guard case .classes(let scores) = scores, !scores.reliability.isEmpty else { return [] }
    return plot(
      "calibration",
      LineChart(
        "Calibration: share that is right", xTitle: "how sure the network is",
        [
          LineChart.Series("this network", scores.reliability.map { ($0.confidence, $0.accuracy) }),
          LineChart.Series("ideal", [(0, 0), (1, 1)]),
        ]))
  }

  var columns: [Plot] {
    guard !importance.isEmpty else { return [] }
    let chart = BarChart(
      "Rise of the \(lossView.isStandardised ? "standardised " : "")loss when a column is shuffled",
      importance.prefix(30).map { ($0.name, $0.importance) })
    return [Plot(name: "columns", svg: chart.svg(), text: chart.text())]
  }

  var layers: [Plot] {
    let history = training.statistics
    let weights = Array((history.first?.weights ?? []).prefix(24))
    func series(_ value: (NetworkStatistics.ParameterStatistics) -> Double) -> [LineChart.Series] {
      weights.map { weight in
        LineChart.Series(
          weight.path,
          history.compactMap { moment in
            moment.parameters.first { $0.path == weight.path }.map { (Double(moment.step), value($0)) }
          })
      }
    }
    let activations = Array((history.first?.activations ?? []).enumerated().prefix(24))
    let spread = activations.map { index, activation in
      LineChart.Series(
        activation.path.isEmpty ? "\(activation.function) \(index + 1)" : activation.path,
        history.compactMap { moment in
          moment.activations.indices.contains(index)
            ? (Double(moment.step), moment.activations[index].standardDeviation) : nil
        })
    }
    return plot(
      "gradient-norms",
      LineChart("Norm of each layer's gradient", xTitle: "step", series(\.gradientNorm), isLogarithmicY: true))
      + plot("weight-norms", LineChart("Norm of each layer's weights", xTitle: "step", series(\.norm)))
      + plot("activations", LineChart("Standard deviation of activations", xTitle: "step", spread))
  }
}
