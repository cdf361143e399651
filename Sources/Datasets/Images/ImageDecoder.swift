import Foundation

/// Decodes images in the background, on all processors: those that are asked for next come first.
///
/// A class because several threads take from it what is to be done.
final class ImageDecoder: @unchecked Sendable {
  private let rows: ByteRows
  private let paths: [String]
  private let form: ImageForm
  private let lock = NSLock()
  private var isBegun: [Bool]
  private var order: [Int] = []
  private var (nextInOrder, nextInFile) = (0, 0)
  private var runningCount = 0
  /// Of the images that cannot be decoded the first one in the order of the files, so that it does not depend on time
  /// which one is named.
  private var failure: (index: Int, error: any Error)?

  /// Few enough that all processors end at about the same time.
  private static let takenCount = 16

  private init(_ paths: [String], _ form: ImageForm, _ rows: ByteRows) {
    (self.paths, self.form, self.rows) = (paths, form, rows)
    isBegun = Array(repeating: false, count: paths.count)
  }

  /// Begins to decode images, one set after the other.
  static func start(_ sets: [(paths: [String], form: ImageForm, rows: ByteRows)]) {
    let decoders = sets.map { ImageDecoder($0.paths, $0.form, $0.rows) }
    for decoder in decoders {
      decoder.rows.tellOrder { [weak decoder] order in decoder?.expect(order) }
    }
    for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
      DispatchQueue.global().async {
        for decoder in decoders { decoder.work() }
      }
    }
  }

  private func expect(_ order: [Int]) {
    lock.withLock { (self.order, nextInOrder) = (order, 0) }
  }

  private func work() {
    while let taken = take() {
      let done = taken.filter(decode)
      rows.finish(done)
      lock.withLock { runningCount -= taken.count }
    }
    let failure = lock.withLock { runningCount == 0 ? self.failure : nil }
    if let failure { rows.fail(failure.error) }
  }

  /// Images to decode; nil when there are no more. After one that cannot be decoded only those before it matter.
  private func take() -> [Int]? {
    lock.withLock {
      let end = failure?.index ?? paths.count
      var taken: [Int] = []
      func begin(_ index: Int) {
        guard index < end, !isBegun[index] else { return }
        isBegun[index] = true
        taken.append(index)
      }
      while taken.count < Self.takenCount, nextInOrder < order.count {
        begin(order[nextInOrder])
        nextInOrder += 1
      }
      while taken.count < Self.takenCount, nextInFile < end {
        begin(nextInFile)
        nextInFile += 1
      }
      runningCount += taken.count
      return taken.isEmpty ? nil : taken
    }
  }

  private func decode(_ index: Int) -> Bool {
    do {
      rows.row(index).copyBytes(from: try form.decode(paths[index]).pixels)
      return true
    } catch {
      lock.withLock {
        if index < failure?.index ?? .max { failure = (index, error) }
      }
      return false
    }
  }
}

extension DecodedImage {
  /// Reads an image, and resizes it where that is asked for.
  init(contentsOf path: String, resizing size: ImageOptions.Size?) throws {
    let image = try DecodedImage(contentsOf: path)
    self = try size.map { try image.resized(width: $0.width, height: $0.height) } ?? image
  }
}

/// The size and the channels that all images of a set have.
struct ImageForm {
  let width: Int
  let height: Int
  let channels: Int
  /// What images are resized to; nil where they must be of that size already.
  let resizing: ImageOptions.Size?

  /// The form of images of which one is given.
  init(_ image: DecodedImage, channels: Int, _ options: ImageOptions) {
    (width, height, self.channels, resizing) = (image.width, image.height, channels, options.imageSize)
  }

  /// How many bytes an image takes.
  var byteCount: Int { width * height * channels }

  /// Reads an image.
  /// - Throws: `DatasetError` when it is damaged or of another size.
  func decode(_ path: String) throws -> DecodedImage {
    let image = try DecodedImage(contentsOf: path, resizing: resizing)
    try check(image, path)
    return image.converted(toChannels: channels)
  }

  func check(_ image: DecodedImage, _ path: String) throws {
    guard image.width != width || image.height != height else { return }
    throw DatasetError(
      .mismatch, path: path,
      "the image is of \(image.width)x\(image.height) pixels, but those before it are of \(width)x\(height)",
      advice: "give a size that all images are resized to, such as \(width)x\(height)")
  }
}
