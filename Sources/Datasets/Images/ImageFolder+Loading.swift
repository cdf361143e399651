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
  /// Reads both parts, or holds part of each class back for testing.
  /// - Throws: `DatasetError` when an image is damaged (unless those are skipped) or of another size.
  /// - Returns: the parts, and what was wrong with each image that was left out.
  public func load(_ options: ImageOptions = ImageOptions()) throws -> (splits: DatasetSplits, skipped: [DatasetError]) {
    let read = try Self.load(training, classNames: classNames, options)
    guard let test else {
      let parts = try read.data.split(
        validationFraction: options.testFraction, seed: options.seed, isStratified: true)
      return (DatasetSplits(training: parts.training, test: parts.validation), read.skipped)
    }
    let tested = try Self.load(test, classNames: classNames, Self.matching(read.data, options))
    return (DatasetSplits(training: read.data, test: tested.data), read.skipped + tested.skipped)
  }

  /// The options with which images become examples of the form of others.
  private static func matching(_ data: Dataset, _ options: ImageOptions) -> ImageOptions {
    var options = options
    options.channels = ImageOptions.Channels.allCases.first { $0.count == data.featureShape[2] }
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
      case .failure(let error as DatasetError) where options.skipsDamaged && error.kind == .corrupt:
        skipped.append(error)
      case .failure(let error): throw error
      }
    }
    guard let first = images.first else {
      throw DatasetError(.empty, path: skipped.first?.path ?? "", "no image can be decoded", advice: "give others")
    }
    if let index = images.firstIndex(where: { $0.width != first.width || $0.height != first.height }) {
      let (other, size) = (images[index], "\(first.width)x\(first.height)")
      throw DatasetError(
        .mismatch, path: kept[index].path,
        "the image is of \(other.width)x\(other.height) pixels, but those before it are of \(size)",
        advice: "give a size that all images are resized to, such as \(size)")
    }
    let channels = options.channels?.count ?? (images.contains { $0.channels == 3 } ? 3 : 1)
    let byteCount = images.count * first.width * first.height * channels
    guard canAllocate(byteCount) else {
      throw DatasetError(
        .tooLarge, "there is no memory for \(images.count) images of \(byteCount) bytes",
        advice: "resize them to a smaller size")
    }
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
          results[index] = Result {
            let image = try DecodedImage(contentsOf: paths[index])
            return options.size.map { image.resized(width: $0.width, height: $0.height) } ?? image
          }
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
