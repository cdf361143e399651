import CZlib
import Datasets
import FixtureSupport
import Foundation
import Tensors
import Testing

@Suite struct IDXFolderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func writeTraining() throws {
    try folder.write("train-images-idx3-ubyte", imageBytes)
    try folder.write("train-labels-idx1-ubyte", labelBytes)
  }

  @Test func readsBothSplitsUnderEitherName() throws {
    try folder.write("train-images.idx3-ubyte", imageBytes)
    try folder.write("train-labels-idx1-ubyte.gz", gzip(labelBytes))
    try folder.write("t10k-images-idx3-ubyte.gz", gzip(idx([1, 2, 3], [255, 0, 0, 0, 0, 51])))
    try folder.write("t10k-labels.idx1-ubyte", idx([1], [1]))
    try folder.write("train-images-idx3-ubyte.gz.part", [1, 2, 3])
    let splits = try IDXFolder(path: folder.path).load()
    #expect(splits.training.count == 2)
    #expect(splits.training.featureShape == [2, 3])
    #expect(splits.training.classes == [1, 0])
    #expect(splits.training.classNames == ["0", "1"])
    let test = try #require(splits.test)
    #expect(test.classes == [1])
    #expect(test.classNames == ["0", "1"])
    #expect(test.features(at: 0)?.scalars == [1, 0, 0, 0, 0, 51 * (1 / 255 as Float)])
    #expect(test.features(at: 0)?.shape == [2, 3])
    #expect(try IDXFolder(path: folder.path).loadTest().classes == [1])
    #expect(try IDXFolder(path: folder.path).loadTraining().classes == [1, 0])
  }

  /// All rows of a data set as its features, in an order of their own.
  private func features(_ data: Dataset) throws -> [Float] {
    try [Float](unsafeUninitializedCapacity: data.count * data.featureShape.count) { buffer, count in
      try data.copyFeatures(of: (0..<data.count).reversed()[...], into: buffer)
      count = buffer.count
    }
  }

  @Test func readsImagesInTheBackground() throws {
    let pixels = (0..<30_000).map { UInt8($0 * $0 % 251) }
    let names = ["train-images-idx3-ubyte", "train-images-idx3-ubyte.gz"]
    try folder.write("train-labels-idx1-ubyte", idx([5000], (0..<5000).map { UInt8($0 % 2) }))
    for name in names {
      let images = idx([5000, 2, 3], pixels)
      try folder.write(name, name.hasSuffix("gz") ? gzip(images) : images)
      let expected = try IDXFolder(path: folder.path).load().training
      let data = try IDXFolder(path: folder.path).load(inBackground: true).training
      data.expect([4999, 0, 17])
      #expect(data.count == 5000 && data.featureShape == [2, 3] && data.classes == expected.classes)
      #expect(try features(data) == features(expected))
      #expect(data.features(at: 4999) == expected.features(at: 4999))
      let parts = try data.split(validationFraction: 0.3, seed: 1, isStratified: true)
      let expectedParts = try expected.split(validationFraction: 0.3, seed: 1, isStratified: true)
      #expect(try features(parts.training) == features(expectedParts.training))
      #expect(try features(parts.validation.subset([3, 5])) == features(expectedParts.validation.subset([3, 5])))
      let again = try IDXFolder(path: folder.path).load(inBackground: true).training
      #expect(again.fingerprint == data.fingerprint && parts.training.fingerprint != data.fingerprint)
      try FileManager.default.removeItem(atPath: folder.path + "/" + name)
    }
  }

  /// The errors are those of reading at once, where the images are used.
  @Test func namesDamagedImagesInTheBackground() throws {
    try folder.write("train-labels-idx1-ubyte", labelBytes)
    let whole = try gzip(imageBytes)
    var flipped = whole
    flipped[whole.count - 6] ^= 1
    for bytes in [Array(whole.dropLast(9)), flipped, whole + [1, 2, 3], try gzip(imageBytes + [0])] {
      let path = try folder.write("train-images-idx3-ubyte.gz", bytes)
      let expected = #expect(throws: DatasetError.self) { try IDXFolder(path: folder.path).load() }
      let data = try IDXFolder(path: folder.path).load(inBackground: true).training
      let error = #expect(throws: DatasetError.self) { try features(data) }
      #expect(error?.path == path && error?.kind == expected?.kind && error?.message == expected?.message)
    }
    // Parts that were compressed one after the other are one file.
    let parts = try gzip(Array(imageBytes.prefix(20))) + gzip(Array(imageBytes.dropFirst(20)))
    try folder.write("train-images-idx3-ubyte.gz", parts)
    #expect(try features(IDXFolder(path: folder.path).load(inBackground: true).training).count == 12)
  }

  @Test func readsAFolderWithoutTestSplit() throws {
    try writeTraining()
    let found = try IDXFolder(path: folder.path)
    #expect(try found.load().test == nil)
    expect(.missing, at: folder.path, mentioning: "t10k-images") { try found.loadTest() }
  }

  @Test func namesWhatIsMissing() throws {
    expect(.missing, at: folder.path, mentioning: "train-images-idx3-ubyte") { try IDXFolder(path: folder.path) }
    let images = try folder.write("train-images-idx3-ubyte", imageBytes)
    expect(.missing, at: folder.path, mentioning: "train-labels-idx1-ubyte") { try IDXFolder(path: folder.path) }
    try folder.write("train-labels-idx1-ubyte", labelBytes)
    try folder.write("t10k-labels-idx1-ubyte", labelBytes)
    expect(.missing, at: folder.path, mentioning: "t10k-images-idx3-ubyte") { try IDXFolder(path: folder.path) }
    let absent = "\(folder.path)/absent"
    expect(.missing, at: absent, mentioning: "no such folder") { try IDXFolder(path: absent) }
    expect(.unreadable, at: images, mentioning: "not a folder") { try IDXFolder(path: images) }
  }

  @Test func refusesSwappedFiles() throws {
    let images = try folder.write("train-images-idx3-ubyte", labelBytes)
    let labels = try folder.write("train-labels-idx1-ubyte", imageBytes)
    expect(.wrongContent, at: labels, mentioning: "swapped") { try IDXFolder(path: folder.path).load() }
    try folder.write("train-labels-idx1-ubyte", labelBytes)
    expect(.wrongContent, at: images, mentioning: "images are expected") { try IDXFolder(path: folder.path).load() }
  }

  @Test func refusesFilesThatDoNotBelongTogether() throws {
    let images = try folder.write("train-images-idx3-ubyte", imageBytes)
    try folder.write("train-labels-idx1-ubyte", idx([3], [0, 1, 0]))
    expect(.mismatch, at: images, mentioning: "2 images, but 3 labels") { try IDXFolder(path: folder.path).load() }
    try writeTraining()
    let testImages = try folder.write("t10k-images-idx3-ubyte", idx([1, 3, 2], [0, 0, 0, 0, 0, 0]))
    let testLabels = try folder.write("t10k-labels-idx1-ubyte", idx([1], [0]))
    expect(.mismatch, at: testImages, mentioning: "[3, 2]") { try IDXFolder(path: folder.path).load() }
    try folder.write("t10k-labels-idx1-ubyte", idx([1], [9]))
    expect(.invalidValue, at: testLabels, mentioning: "label 0 is 9") { try IDXFolder(path: folder.path).load() }
  }

  @Test func refusesArraysWithoutImages() throws {
    for shape: [UInt32] in [[0, 2, 3], [2, 0, 3]] {
      let images = try folder.write("train-images-idx3-ubyte", idx(shape, []))
      try folder.write("train-labels-idx1-ubyte", idx([shape[0]], [UInt8](repeating: 0, count: Int(shape[0]))))
      expect(.empty, at: images, mentioning: "no images") { try IDXFolder(path: folder.path).load() }
    }
  }

  @Test func checksLabelsAgainstNames() throws {
    let images = try folder.write("images", imageBytes)
    let labels = try folder.write("labels", labelBytes)
    #expect(try Dataset(idxImages: images, labels: labels, classNames: ["no", "yes", "maybe"]).classNames.count == 3)
    expect(.invalidValue, at: labels, mentioning: "label 0 is 1, but there are 1 classes") {
      try Dataset(idxImages: images, labels: labels, classNames: ["no"])
    }
  }
}

/// The real MNIST, which is no part of the package.
@Suite struct MNISTTests {
  static let path = SharedData.path("data/mnist")

  @Test(.enabled(if: path != nil, "MNIST is not at ../shared/data/mnist: nothing checked"))
  func readsMNIST() throws {
    let splits = try IDXFolder(path: #require(Self.path)).load()
    let test = try #require(splits.test)
    #expect(splits.training.count == 60_000)
    #expect(test.count == 10_000)
    #expect(splits.training.featureShape == [28, 28])
    #expect(splits.training.classNames == (0..<10).map(String.init))
    #expect(splits.training.classes?.prefix(10) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    #expect(test.classes?.prefix(10) == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
    guard case .bytes(let pixels, scale: 1 / 255, offset: 0) = splits.training.features else {
      Issue.record("the images are not held as bytes")
      return
    }
    // Of the uncompressed training images, whose MD5 is 6bbc9ace898e44ae57da46a324031adb.
    let checksum = crc32(crc32(0, idx([60_000, 28, 28], []), 16), pixels, UInt32(pixels.count))
    #expect(checksum == 0xE9F4_D8B3)
  }
}
