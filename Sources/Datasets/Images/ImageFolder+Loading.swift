import Dispatch
import Tensors

/// Images that were read, with those that were left out.
public struct LoadedImages: Sendable {
  /// The examples, `[height, width, channels]` bytes each, scaled to 0...1.
  public let data: Dataset
  /// The file of each example.
  public let paths: [String]
  /// What was wrong with each image that was left out.
  public let skipped: [DatasetError]
}

extension ImageFolder {
  /// Whether there is a part for testing, so that none is to be held back.
  public var hasTestPart: Bool { test != nil }

  /// Whether images of this folder, as it is, were held back so.
  public func isOrigin(_ origin: Origin) -> Bool { test == nil && origin.fingerprint == Self.fingerprint(training) }

  /// The names and sizes of the files, which tell folders from each other wherever they are.
  private static func fingerprint(_ examples: [Example]) -> UInt64 {
    var identity = Fingerprint()
    for example in examples {
      identity.add(example.path.split(separator: "/").suffix(2).joined(separator: "/"))
      identity.add(UInt64(fileByteCount(example.path) ?? 0))
    }
    return identity.value
  }

  /// Holds part of each class back, unless nothing is to be held back, and notes which.
  private func split(
    _ data: Dataset, _ options: ImageOptions, _ fingerprint: @autoclosure () -> UInt64
  ) throws -> DatasetSplits {
    guard options.testFraction != 0 else { return DatasetSplits(training: data, test: nil) }
    var parts = try data.split(validationFraction: options.testFraction, seed: options.seed, isStratified: true)
    parts.training.imageOrigin = Origin(
      testFraction: options.testFraction, seed: options.seed, fingerprint: fingerprint())
    return DatasetSplits(training: parts.training, test: parts.validation)
  }

  /// Reads both parts, or holds part of each class back for testing.
  /// - Parameter inBackground: whether images are decoded while other things are done with the parts; what is wrong
  ///   with them is then thrown where they are used. Where damaged images are left out, or the first one is grey and
  ///   others may be in colour, what examples there are and their form are known only after all were decoded, which is
  ///   then waited for.
  /// - Throws: `DatasetError` when an image is damaged (unless those are skipped) or of another size.
  /// - Returns: the parts, and what was wrong with each image that was left out.
  public func load(
    _ options: ImageOptions = ImageOptions(), inBackground: Bool = false
  ) throws -> (splits: DatasetSplits, skipped: [DatasetError]) {
    if inBackground, let splits = try begin(options) { return (splits, []) }
    let read = try Self.load(training, classNames: classNames, options)
    guard let test else { return (try split(read.data, options, Self.fingerprint(training)), read.skipped) }
    let tested = try Self.load(test, classNames: classNames, Self.matching(read.data, options))
    return (DatasetSplits(training: read.data, test: tested.data), read.skipped + tested.skipped)
  }

  /// Begins to decode; nil where that is not possible in the background.
  private func begin(_ options: ImageOptions) throws -> DatasetSplits? {
    func commonForm(_ examples: [Example], channels: Int?) throws -> ImageForm? {
      guard let example = examples.first else { return nil }
      let first = try DecodedImage(contentsOf: example.path, resizing: options.imageSize)
      guard let channels = channels ?? (first.channels == 3 ? 3 : nil) else { return nil }
      return ImageForm(first, channels: channels, options)
    }
    guard !options.skipDamaged, let form = try commonForm(training, channels: options.imageColor?.channelCount)
    else { return nil }
    let fingerprint = Self.fingerprint(training)
    let (read, rows) = try dataset(training, form, fingerprint)
    let set = (paths: training.map(\.path), form: form, rows: rows)
    guard let test else {
      let parts = try split(read, options, fingerprint)
      ImageDecoder.start([set])
      return parts
    }
    guard let testForm = try commonForm(test, channels: form.channels) else { return nil }
    let (tested, testRows) = try dataset(test, testForm, Self.fingerprint(test))
    ImageDecoder.start([set, (test.map(\.path), testForm, testRows)])
    return DatasetSplits(training: read, test: tested)
  }

  /// Examples that are yet to be decoded.
  private func dataset(
    _ examples: [Example], _ form: ImageForm, _ fingerprint: UInt64
  ) throws -> (data: Dataset, rows: ByteRows) {
    guard let rows = ByteRows(count: examples.count, width: form.byteCount) else {
      throw Self.tooLarge(examples.count, form.byteCount)
    }
    rows.identify(fingerprint)
    let data = try Dataset(
      features: .loading(rows, chosen: nil, scale: 1 / 255, offset: 0),
      featureShape: [form.height, form.width, form.channels], classes: examples.map(\.label), classNames: classNames)
    return (data, rows)
  }

  private static func tooLarge(_ count: Int, _ byteCount: Int) -> DatasetError {
    DatasetError(
      .tooLarge, "there is no memory for \(count) images of \(byteCount) bytes",
      advice: "resize them to a smaller size")
  }

  /// The options with which images become examples of the form of others.
  private static func matching(_ data: Dataset, _ options: ImageOptions) -> ImageOptions {
    var options = options
    options.imageColor = ImageOptions.Color.allCases.first { $0.channelCount == data.featureShape[2] }
    return options
  }

  static func load(
    _ examples: [Example], classNames: [String], _ options: ImageOptions
  ) throws -> LoadedImages {
    var (images, kept, skipped): ([DecodedImage], [Example], [DatasetError]) = ([], [], [])
    for (example, result) in zip(examples, decode(examples.map(\.path), options)) {
      switch result {
      case .success(let image):
        images.append(image)
        kept.append(example)
      case .failure(let error as DatasetError) where options.skipDamaged && error.kind == .corrupt:
        skipped.append(error)
      case .failure(let error): throw error
      }
    }
    guard let first = images.first else {
      throw DatasetError(.empty, path: skipped.first?.path ?? "", "no image can be decoded", advice: "give others")
    }
    let channels = options.imageColor?.channelCount ?? (images.contains { $0.channels == 3 } ? 3 : 1)
    let form = ImageForm(first, channels: channels, options)
    for (image, example) in zip(images, kept) { try form.check(image, example.path) }
    let byteCount = images.count * form.byteCount
    guard canAllocate(byteCount) else { throw tooLarge(images.count, form.byteCount) }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(byteCount)
    for index in images.indices {
      pixels += images[index].converted(toChannels: channels).pixels
      // Not needed any more, and of the same size once more.
      images[index] = DecodedImage(width: 0, height: 0, channels: channels, pixels: [])
    }
    let data = try Dataset(
      features: .bytes(pixels, scale: 1 / 255, offset: 0), featureShape: [first.height, first.width, channels],
      classes: kept.map(\.label), classNames: classNames)
    return LoadedImages(data: data, paths: kept.map(\.path), skipped: skipped)
  }

  /// Decodes files on all processors, in their order.
  private static func decode(_ paths: [String], _ options: ImageOptions) -> [Result<DecodedImage, any Error>] {
    var results = [Result<DecodedImage, any Error>?](repeating: nil, count: paths.count)
    // Small enough that all processors end at about the same time.
    let chunk = 64
    results.withUnsafeMutableBufferPointer { results in
      // Each iteration writes its own elements, and all are done before the buffer ends.
      nonisolated(unsafe) let results = results
      DispatchQueue.concurrentPerform(iterations: (paths.count + chunk - 1) / chunk) { position in
        for index in position * chunk..<min((position + 1) * chunk, paths.count) {
          results[index] = Result { try DecodedImage(contentsOf: paths[index], resizing: options.imageSize) }
        }
      }
    }
    return results.compactMap { $0 }
  }
}

extension Dataset {
  /// Images without classes, to predict for: all are of one class without a name.
  /// - Throws: as `ImageFolder.load`.
  public static func images(_ paths: [String], _ options: ImageOptions) throws -> LoadedImages {
    try ImageFolder.load(paths.map { ImageFolder.Example(path: $0, label: 0) }, classNames: [""], options)
  }
}
