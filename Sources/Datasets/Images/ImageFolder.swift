import Tensors

/// How images become examples.
public struct ImageOptions: Hashable, Sendable {
  /// What all images are resized to; nil where they must be of one size already.
  public var imageSize: Size?
  /// Whether all are turned into grey or into colour; nil for colour where any image has some.
  public var imageColor: Color?
  /// Whether images that cannot be decoded are left out, rather than refused.
  public var skipDamaged: Bool
  /// The share of each class that is held back for testing where the folder has no part for that; 0 for none.
  public var testFraction: Double
  /// What is held back depends on this and the names of the files alone.
  public var seed: UInt64

  /// Pixels in a row, and rows.
  public struct Size: Hashable, Sendable {
    /// The number of pixels in a row, at least 1.
    public let width: Int
    /// The number of rows, at least 1.
    public let height: Int

    /// nil unless both are from 1 to 16,384.
    public init?(width: Int, height: Int) {
      guard (1...16_384).contains(width), (1...16_384).contains(height) else { return nil }
      self.width = width
      self.height = height
    }
  }

  /// What a pixel consists of.
  public enum Color: String, Hashable, Sendable, CaseIterable {
    /// Its brightness alone.
    case gray
    /// Red, green and blue.
    case rgb

    /// The number of channels.
    var channelCount: Int { self == .gray ? 1 : 3 }
  }

  /// Images as they are, a fifth of them held back for testing.
  public init(
    imageSize: Size? = nil, imageColor: Color? = nil, skipDamaged: Bool = false, testFraction: Double = 0.2,
    seed: UInt64 = 0
  ) {
    self.imageSize = imageSize
    self.imageColor = imageColor
    self.skipDamaged = skipDamaged
    self.testFraction = testFraction
    self.seed = seed
  }

  /// The same options for images in the form of examples that a model takes; nil for a shape that no image has.
  public func matching(_ featureShape: Shape) -> ImageOptions? {
    guard featureShape.rank == 3, let color = Color.allCases.first(where: { $0.channelCount == featureShape[2] }),
      let size = Size(width: featureShape[1], height: featureShape[0])
    else { return nil }
    var options = self
    (options.imageSize, options.imageColor) = (size, color)
    return options
  }
}

/// A folder of PNG and JPEG images, one folder a class: `cat/1.jpg`, `dog/2.png`.
///
/// Where there are folders `train` and `test` (or `validation`), each holds the classes of one part; else part of each
/// class is held back for testing. What is no image, and whose name begins with a full stop, is not looked at.
public struct ImageFolder: Sendable {
  /// The folder, as it was given.
  public let path: String
  /// What the classes are called, in order: by number where all names are numbers.
  public let classNames: [String]
  /// Folders beside those of the classes that hold no images themselves.
  public let emptyFolders: [String]
  /// The images to learn from, with their classes.
  let training: [Example]
  /// The images to test on; nil where they are yet to be chosen.
  let test: [Example]?

  struct Example: Sendable {
    let path: String
    let label: Int32
  }

  /// Which images of which folder were held back for testing.
  public struct Origin: Hashable, Sendable, Codable {
    /// The share of each class.
    public let testFraction: Double
    /// From which the random choice follows.
    public let seed: UInt64
    /// Tells the folder from others.
    let fingerprint: UInt64
  }

  /// Whether a folder holds images, in folders of their own or loose, rather than other files.
  public static func isImageFolder(_ path: String) -> Bool {
    guard let names = try? visibleNames(in: path) else { return false }
    if names.contains(where: isImage) { return true }
    let folders = names.map { "\(path)/\($0)" }.filter(isFolder)
    return folders.contains { folder in
      guard let inner = try? visibleNames(in: folder) else { return false }
      return inner.contains(where: isImage)
        || inner.contains { ((try? visibleNames(in: "\(folder)/\($0)")) ?? []).contains(where: isImage) }
    }
  }

  /// Finds the images, without reading them.
  /// - Parameter knownClasses: what the classes of a model are called, in order, of which there need not be images of
  ///   each; nil where the folders are the classes.
  /// - Throws: `DatasetError` when the folder cannot be read or has no classes of images, or when it has a class that
  ///   is not known, or the part for testing one that the other lacks.
  public init(path: String, classes knownClasses: [String]? = nil) throws {
    self.path = path
    let names = try visibleNames(in: path)
    func part(_ choices: [String]) -> String? {
      names.first { choices.contains($0.lowercased()) && isFolder("\(path)/\($0)") }.map { "\(path)/\($0)" }
    }
    let trainingPath = part(["train", "training"])
    let testPath = trainingPath == nil ? nil : part(["test", "testing", "val", "valid", "validation"])
    let (classes, empty) = try Self.classes(in: trainingPath ?? path)
    let classNames = knownClasses ?? classes.map(\.name)
    let tested = try testPath.map(Self.classes)
    self.classNames = classNames
    training = try Self.examples(
      classes, classNames, trainingPath ?? path,
      advice: "use the same classes, or 'chainrule predict', which needs none")
    test = try tested.map {
      try Self.examples($0.classes, classNames, testPath ?? path, advice: "use the same classes in both parts")
    }
    emptyFolders = empty + (tested?.empty ?? [])
  }

  private static func examples(
    _ classes: [(name: String, images: [String])], _ classNames: [String], _ path: String, advice: String
  ) throws -> [Example] {
    try classes.flatMap { name, images in
      guard let label = classNames.firstIndex(of: name) else {
        let known = classNames.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
        throw DatasetError(
          .mismatch, path: path,
          "there is a class '\(name)', which is none of those that are learned "
            + "(\(known)\(classNames.count > 12 ? ", …" : ""))", advice: advice)
      }
      return images.map { Example(path: $0, label: Int32(label)) }
    }
  }

  /// The folders that hold images, and those that hold none.
  private static func classes(
    in folder: String
  ) throws -> (classes: [(name: String, images: [String])], empty: [String]) {
    let names = try visibleNames(in: folder).filter { isFolder("\(folder)/\($0)") }
    let all = try names.map { name in
      let path = "\(folder)/\(name)"
      return (name: name, images: try visibleNames(in: path).filter(isImage).map { "\(path)/\($0)" })
    }
    let classes = all.filter { !$0.images.isEmpty }
    let empty = all.filter(\.images.isEmpty).map { "\(folder)/\($0.name)" }
    guard !classes.isEmpty else {
      throw DatasetError(
        .wrongContent, path: folder, "there are no folders with PNG or JPEG images",
        advice: "put the images of each class into a folder of its own, named after the class")
    }
    let numbers = classes.map { Int($0.name) }
    guard numbers.allSatisfy({ $0 != nil }) else { return (classes, empty) }
    return (zip(numbers, classes).sorted { ($0.0 ?? 0) < ($1.0 ?? 0) }.map(\.1), empty)
  }
}

/// The images in a folder, or the one that the path is of, in the order of their names.
/// - Throws: `DatasetError` when there are none.
public func imageFiles(at path: String) throws -> [String] {
  if !isFolder(path), isImage(path) { return [path] }
  let images = try visibleNames(in: path).filter(isImage).map { "\(path)/\($0)" }
  guard !images.isEmpty else {
    throw DatasetError(
      .wrongContent, path: path, "there are no PNG or JPEG images here", advice: "give an image or a folder of images")
  }
  return images
}

/// Whether a file's name ends as those of images do.
public func isImage(_ name: String) -> Bool {
  let lowercased = name.lowercased()
  return [".png", ".jpg", ".jpeg"].contains { lowercased.hasSuffix($0) }
}

private func visibleNames(in folder: String) throws -> [String] {
  try fileNames(in: folder).filter { !$0.hasPrefix(".") }
}
