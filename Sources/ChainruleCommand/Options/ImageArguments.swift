import ArgumentParser
import Chainrule

/// Which images are examples.
struct ImageArguments: ParsableArguments {
  @Flag(help: "Leave out images that cannot be decoded, and say which.")
  var skipDamaged = false

  /// For images of any form.
  var options: ImageOptions { ImageOptions(skipDamaged: skipDamaged) }

  /// Those for images alone.
  var given: GivenOptions { ["--skip-damaged": skipDamaged] }
}

/// How images become examples to learn from.
struct ImageTrainingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("What images are resized to. (default: they must be of one size)", valueName: "WxH"),
    transform: Parse.imageSize)
  var imageSize: ImageOptions.Size?

  @Option(
    help: ArgumentHelp(
      "What a pixel of an image consists of: \(ImageOptions.Color.allCases.map(\.rawValue).joined(separator: ", ")). "
        + "(default: rgb where any image has colour)", valueName: "kind"),
    transform: { text in
      ImageOptions.Color(rawValue: try Parse.choice(text, of: ImageOptions.Color.allCases.map(\.rawValue))) ?? .rgb
    })
  var imageColor: ImageOptions.Color?

  @OptionGroup
  var images: ImageArguments

  @Option(
    help: ArgumentHelp(
      "The share of a table's rows, or of images where there is no folder 'test', that is held back for testing. "
        + "(default: \(ImageOptions().testFraction))", valueName: "share"),
    transform: Parse.fraction)
  var testFraction: Double?

  var options: ImageOptions {
    var options = images.options
    (options.imageSize, options.imageColor) = (imageSize, imageColor)
    if let testFraction { options.testFraction = testFraction }
    return options
  }

  /// Those for images alone.
  var given: GivenOptions {
    ["--image-size": imageSize != nil, "--image-color": imageColor != nil, "--skip-damaged": images.skipDamaged]
  }

  /// Those for tables too.
  var givenToSplit: GivenOptions { ["--test-fraction": testFraction != nil] }
}

extension Parse {
  /// A size such as `32x32`: width and height.
  static func imageSize(_ text: String) throws -> ImageOptions.Size {
    let parts = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let width = parts[0], let height = parts[1],
      let size = ImageOptions.Size(width: width, height: height)
    else { throw UsageError("it must be a width and a height in pixels, such as 32x32") }
    return size
  }
}
