import Dispatch
import Tensors

/// Examples to learn from, and others, where there are some, to judge what was learned by.
public struct DatasetSplits: Sendable {
  /// The examples to learn from.
  public let training: Dataset
  /// The examples to judge by; nil where there are none.
  public let test: Dataset?

  /// Splits made elsewhere; whether they fit each other is checked where they are used.
  public init(training: Dataset, test: Dataset?) {
    self.training = training
    self.test = test
  }
}

/// A folder with the files of MNIST or of a data set in its form: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`
/// and, where there is a test split, `t10k-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`.
///
/// Each may be compressed, with `.gz` at the end of its name; `.idx` in place of `-idx` is fine too.
public struct IDXFolder: Sendable {
  /// The two files of a split.
  public struct Files: Hashable, Sendable {
    /// The path of the images.
    public let images: String
    /// The path of their labels.
    public let labels: String
  }

  /// The folder, as it was given.
  public let path: String
  /// The files of the examples to learn from.
  public let training: Files
  /// The files of the test split; nil where the folder has none.
  public let test: Files?

  /// Finds the files, without reading them.
  /// - Throws: `DatasetError` when the folder cannot be read, or lacks the training files or one of the two test files.
  public init(path: String) throws {
    self.path = path
    let names = try fileNames(in: path)
    training = try Self.files("train", names, path) ?? { throw Self.missing("train-images-idx3-ubyte", path) }()
    test = try Self.files("t10k", names, path)
  }

  /// Reads both splits, each on its own thread. Classes are named by their numbers, from 0 to the greatest in the
  /// training labels.
  /// - Parameter inBackground: whether images are read while other things are done with the splits; what is wrong with
  ///   them is then thrown where they are used.
  /// - Throws: `DatasetError` when a file is damaged or holds something else, or when splits do not fit each other.
  public func load(inBackground: Bool = false) throws -> DatasetSplits {
    let files = [training] + (test.map { [$0] } ?? [])
    var pairs = [Result<Pair, any Error>?](repeating: nil, count: files.count)
    pairs.withUnsafeMutableBufferPointer { pairs in
      // Each iteration writes its own element, and all are done before the buffer ends.
      nonisolated(unsafe) let pairs = pairs
      DispatchQueue.concurrentPerform(iterations: files.count) { index in
        pairs[index] = Result { try Pair(files[index], inBackground: inBackground) }
      }
    }
    let read = try pairs.compactMap { try $0?.get() }
    let training = try read[0].dataset(classCount: read[0].classCount)
    guard read.count > 1 else { return DatasetSplits(training: training, test: nil) }
    let test = try read[1].dataset(classCount: training.classNames.count)
    guard test.featureShape == training.featureShape else {
      throw DatasetError(
        .mismatch, path: read[1].files.images,
        "images are of shape \(test.featureShape), but those to learn from are of shape \(training.featureShape)",
        advice: "use files of the same data set")
    }
    return DatasetSplits(training: training, test: test)
  }

  /// Reads the training split alone.
  public func loadTraining() throws -> Dataset { try Dataset(idxImages: training.images, labels: training.labels) }

  /// Reads the test split alone.
  /// - Throws: `DatasetError` also when the folder has none.
  public func loadTest() throws -> Dataset {
    guard let test else { throw Self.missing("t10k-images-idx3-ubyte", path) }
    return try Dataset(idxImages: test.images, labels: test.labels)
  }

  /// The files of a split; nil when there are none of its files.
  private static func files(_ prefix: String, _ names: [String], _ folder: String) throws -> Files? {
    let images = names.filter { isIDX($0, "\(prefix)-images") }
    let labels = names.filter { isIDX($0, "\(prefix)-labels") }
    // In the order of names, a file comes before its compressed twin, which takes longer to read.
    switch (images.first, labels.first) {
    case (let images?, let labels?): return Files(images: "\(folder)/\(images)", labels: "\(folder)/\(labels)")
    case (nil, nil): return nil
    case (nil, _): throw missing("\(prefix)-images-idx3-ubyte", folder)
    case (_, nil): throw missing("\(prefix)-labels-idx1-ubyte", folder)
    }
  }

  /// Whether a name is, for instance, `train-images` + `-` or `.` + `idx3-ubyte` + perhaps `.gz`.
  private static func isIDX(_ name: String, _ start: String) -> Bool {
    guard name.hasPrefix(start + "-idx") || name.hasPrefix(start + ".idx") else { return false }
    let stem = name.hasSuffix(".gz") ? name.dropLast(3) : name[...]
    return stem.dropFirst(start.count).dropFirst().allSatisfy { $0 != "." }
  }

  private static func missing(_ name: String, _ folder: String) -> DatasetError {
    DatasetError(
      .missing, path: folder, "the folder has no file \(name) or \(name).gz",
      advice: "give a folder with train-images-idx3-ubyte and train-labels-idx1-ubyte, and the two of t10k for testing")
  }
}

extension Dataset {
  /// Reads images and their labels from IDX files. Bytes are scaled to 0...1.
  /// - Parameter classNames: what the classes are called; their numbers when nil.
  /// - Throws: `DatasetError` when a file is damaged or holds something else, or when the two do not fit each other.
  public init(idxImages: String, labels: String, classNames: [String]? = nil) throws {
    let pair = try Pair(IDXFolder.Files(images: idxImages, labels: labels), inBackground: false)
    self = try pair.dataset(classCount: classNames?.count ?? pair.classCount, classNames: classNames)
  }
}

/// Images and the labels that belong to them.
private struct Pair {
  let files: IDXFolder.Files
  let shape: Shape
  let features: Dataset.Features
  let classes: [Int32]

  init(_ files: IDXFolder.Files, inBackground: Bool) throws {
    self.files = files
    // The labels first: they are small, and wrong ones are then found at once.
    classes = try IDXFile(path: files.labels).classes()
    if inBackground, let (shape, rows) = try IDXFile.load(files.images) {
      (self.shape, features) = (shape, .loading(rows, chosen: nil, scale: 1 / 255, offset: 0))
    } else {
      let images = try IDXFile(path: files.images)
      (shape, features) = (images.shape, try images.features())
    }
    guard shape.rank > 1 else {
      throw DatasetError(
        .wrongContent, path: files.images, "images are expected, but the file holds an array of shape \(shape)",
        advice: "have the images and the labels file been swapped?")
    }
    guard shape[0] == classes.count else {
      throw DatasetError(
        .mismatch, path: files.images,
        "there are \(shape[0]) images, but \(classes.count) labels in \(files.labels)",
        advice: "use the labels that belong to the images")
    }
    guard shape.count > 0 else {
      throw DatasetError(
        .empty, path: files.images, "there are no images in an array of shape \(shape)",
        advice: "copy or download it again")
    }
  }

  /// One more than the greatest label.
  var classCount: Int { Int(classes.max() ?? -1) + 1 }

  func dataset(classCount: Int, classNames: [String]? = nil) throws -> Dataset {
    if let index = classes.firstIndex(where: { Int($0) >= classCount }) {
      throw DatasetError(
        .invalidValue, path: files.labels, "label \(index) is \(classes[index]), but there are \(classCount) classes",
        advice: "use labels of the same data set, or name all classes")
    }
    return try Dataset(
      features: features, featureShape: Shape(Array(shape.dimensions.dropFirst())), classes: classes,
      classNames: classNames ?? (0..<classCount).map(String.init))
  }
}
