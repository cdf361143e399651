import ArgumentParser
import Chainrule

/// Which pictures are drawn of a trained model.
struct PictureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Draw which class the model chooses where, for data of two features.", valueName: "file.png"))
  var plotDecision: String?

  @Option(
    help: ArgumentHelp("Draw images above what an autoencoder makes of them.", valueName: "file.png"))
  var plotReconstructions: String?

  /// - Throws: `FileWriteError` when a picture would have nowhere to go.
  func checkWritable() throws {
    for path in [plotDecision, plotReconstructions].compactMap({ $0 }) { try AtomicFile(path: path).checkWritable() }
  }

  /// - Throws: `TrainingError` when the model and the data are not of the form that a picture needs.
  func draw(_ model: Model, _ data: Dataset) throws {
    if let plotDecision {
      try AtomicFile(path: plotDecision).write(decisionRegions(of: model, data).encoded())
    }
    if let plotReconstructions {
      try AtomicFile(path: plotReconstructions).write(reconstructions(of: model, data).encoded())
    }
  }
}
