import ArgumentParser
import Chainrule

/// A trained model, and what to try it on.
struct ModelAndData: ParsableArguments {
  @Argument(help: "A model that 'chainrule train' has saved.")
  var model: String

  @Argument(help: DataSource.help)
  var data: String

  @Option(help: ArgumentHelp("Which part of the data to use: training or test.", valueName: "part"))
  var split: DataSource.Split?

  @Option(
    help: ArgumentHelp("How many threads to use. (default: all processors)", valueName: "count"),
    transform: Parse.count)
  var threads: Int?

  @OptionGroup
  var images: ImageArguments

  /// The data in the form that the model takes.
  /// - Parameter needsClasses: whether images must lie in folders of their classes.
  func source(for model: Model, needsClasses: Bool) throws -> DataSource {
    try DataSource(data, for: model, images, needsClasses: needsClasses)
  }
}
