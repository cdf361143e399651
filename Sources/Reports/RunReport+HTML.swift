import Training

extension RunReport {
  /// The report as one page that needs nothing beside it: no scripts, no other files.
  public var html: String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(escaped(title))</title>
    <style>\(Self.style)</style>
    </head>
    <body>
    <h1>\(escaped(title))</h1>
    \(summary)
    \(section("What went wrong", findingList))
    \(section("Learning", figures(curves)))
    \(section("Images of the \(part) data, and below each what the network makes of it", reconstructionGrid))
    \(section("Cross-validation in \(folds?.count ?? 0) folds", foldTable))
    \(section("Scores on the \(part) data", scoreTable))
    \(section("Which class is taken for which", figures(confusion + calibration)))
    \(section("Each class", classTable))
    \(section("The worst mistakes", mistakeList))
    \(section("Which columns matter", figures(columns)))
    \(section("Inside the layers", figures(layers)))
    \(section("Data", table(data)))
    \(section("Settings", table(settings)))
    \(section("How to repeat it", "<pre>\(escaped(command))</pre>"))
    </body>
    </html>

    """
  }

  private static let style = """
    body { font: 15px/1.5 system-ui, sans-serif; max-width: 1120px; margin: 2em auto; padding: 0 1em; color: #222; }
    h1 { font-size: 1.7em; margin-bottom: 0.2em; } h2 { font-size: 1.2em; margin-top: 2em; }
    table { border-collapse: collapse; } td, th { padding: 3px 14px 3px 0; text-align: left; vertical-align: top; }
    th { color: #666; font-weight: 500; } tr + tr > * { border-top: 1px solid #eee; } td.n { text-align: right; }
    .figures { display: flex; flex-wrap: wrap; gap: 18px; } svg { max-width: 100%; height: auto; }
    .cards { display: flex; flex-wrap: wrap; gap: 12px; } .card { width: 112px; font-size: 13px; line-height: 1.35; }
    .card img { width: 96px; image-rendering: pixelated; border: 1px solid #ddd; }
    .big { font-size: 1.25em; color: #444; } pre { background: #f4f4f4; padding: 10px; overflow-x: auto; }
    .finding { border-left: 4px solid #d55e00; padding-left: 12px; margin-bottom: 12px; }
    """

  private func section(_ title: String, _ content: String) -> String {
    content.isEmpty ? "" : "<h2>\(escaped(title))</h2>\n\(content)"
  }

  private func figures(_ plots: [Plot]) -> String {
    plots.isEmpty ? "" : "<div class=\"figures\">\n" + plots.map { "<div>\($0.svg)</div>" }.joined() + "</div>"
  }

  private func table(_ facts: [Fact]) -> String {
    guard !facts.isEmpty else { return "" }
    return "<table>"
      + facts.map { "<tr><th>\(escaped($0.name))</th><td>\(escaped($0.value))</td></tr>" }.joined(separator: "\n")
      + "</table>"
  }

  private var summary: String {
    let folds = folds.flatMap { folds in
      folds.named.first.map { "\($0.name) \(words(of: $0.spread)) in \(folds.count) folds" }
    }
    let first = scores?.named.first.map { "\($0.name) \(label($0.value, digits: 4)) on the \(part) data" }
    let epochs = training.isOfSteps ? "" : "\(training.epochs.count) epochs, "
    let amount = epochs + "\(training.stepCount) steps, \(label(training.seconds)) s"
    let share = "\(label(100 * training.dataShare)) % of the steps' time waiting for data"
    let waiting = training.epochs.isEmpty ? nil : share
    let parts = [folds, first, amount, waiting].compactMap { $0 }
    return "<p class=\"big\">" + escaped(parts.joined(separator: " · ")) + "</p>"
  }

  private var findingList: String {
    findings.map { finding in
      "<div class=\"finding\"><b>\(escaped(finding.title.prefix(1).uppercased() + finding.title.dropFirst()))</b>: "
        + "\(escaped(finding.evidence)).<br>What helps: \(escaped(finding.advice)).</div>"
    }.joined(separator: "\n")
  }

  private var scoreTable: String {
    table((scores?.named ?? []).map { Fact($0.name, label($0.value, digits: 4)) })
  }

  private var foldTable: String {
    table((folds?.named ?? []).map { measure in
      let values = measure.spread.values.map { label($0, digits: 4) }.joined(separator: ", ")
      return Fact(measure.name, "\(words(of: measure.spread)) (\(values))")
    })
  }

  private func words(of spread: FoldScores.Spread) -> String {
    "\(label(spread.mean, digits: 4)) ± \(label(spread.deviation, digits: 2))"
  }

  private var reconstructionGrid: String {
    reconstructions.map {
      "<img alt=\"reconstructions\" src=\"data:image/png;base64,\($0.base64EncodedString())\">"
    } ?? ""
  }

  private var classTable: String {
    guard case .classes(let scores) = scores else { return "" }
    func cell(_ value: Double?) -> String { "<td class=\"n\">\(value.map { label($0) } ?? "")</td>" }
    let rows = scores.classes.map { score in
      "<tr><td>\(escaped(score.name))</td><td class=\"n\">\(score.count)</td>" + cell(score.precision)
        + cell(score.recall) + cell(score.f1) + cell(score.rocAUC) + "</tr>"
    }
    return "<table><tr><th>class</th><th>examples</th><th>precision</th><th>recall</th><th>F1</th><th>ROC AUC</th></tr>"
      + rows.joined(separator: "\n") + "</table>"
  }

  private var mistakeList: String {
    guard !mistakes.isEmpty else { return "" }
    let cards = mistakes.map { mistake in
      let image = mistake.picture.map { "<img alt=\"example \(mistake.index)\" src=\"\($0.address)\"><br>" } ?? ""
      let place = mistake.place ?? "example \(mistake.index)"
      return "<div class=\"card\">\(image)\(words(of: mistake)), \(place)</div>"
    }
    return "<div class=\"cards\">" + cards.joined(separator: "\n") + "</div>"
  }

  private func words(of mistake: Mistake) -> String {
    guard let truth = mistake.truth, let prediction = mistake.prediction else {
      return "off by \(label(mistake.score)) in all"
    }
    return "is <b>\(escaped(truth))</b>, taken for <b>\(escaped(prediction))</b> (\(label(mistake.score)))"
  }
}
