import Datasets
import FixtureSupport
import Foundation
import Tensors
import Testing

/// Images as files, and folders of them.
struct ImageTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// 8x6 pixels, (20, 120, 240) in the left half and (200, 30, 60) in the right; written by libjpeg with a quality of
  /// 90.
  static let colorJPEG = """
    /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYU\
    GBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAAGAAgDAREA\
    AhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAAB//EABgQAAIDAAAAAAAAAAAAAAAAAAAGRILB/8QAFQEBAQAAAAAAAAAAAAAAAAAABQf/xAAbEQABBAMA\
    AAAAAAAAAAAAAAAABwhEg0XCw//aAAwDAQACEQMRAD8AJGSNbCqKlCs0H2+5Snqf/9k=
    """
  /// The same size, 50 in the left half and 220 in the right.
  static let grayJPEG = """
    /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYU\
    GBIUFRT/wAALCAAGAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABf/EABgQAAIDAAAAAAAAAAAAAAAAAAAJR4XE/9oACAEBAAA/AE1lyRW6j//Z
    """

  private func jpeg(_ text: String) throws -> [UInt8] { Array(try #require(Data(base64Encoded: text))) }

  private func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let directory = URL(fileURLWithPath: "\(folder.path)/\(name)").deletingLastPathComponent()
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    return try folder.write(name, bytes)
  }

  private func kind(_ body: () throws -> Void) -> DatasetError.Kind? {
    do { try body() } catch { return (error as? DatasetError)?.kind }
    return nil
  }

  @Test(arguments: [1, 3])
  func `a PNG image gives the bytes that were written`(channels: Int) throws {
    let pixels = (0..<5 * 3 * channels).map { UInt8($0 * 37 % 256) }
    let image = try DecodedImage(contentsOf: write("a.png", png(width: 5, height: 3, channels: channels, pixels)))
    #expect(image.width == 5 && image.height == 3 && image.channels == channels && image.pixels == pixels)
  }

  @Test func `transparent places of a PNG image are white`() throws {
    let pixels: [UInt8] = [10, 20, 30, 255, 10, 20, 30, 0]
    let image = try DecodedImage(contentsOf: write("a.png", png(width: 2, height: 1, channels: 4, pixels)))
    #expect(image.pixels == [10, 20, 30, 255, 255, 255])
  }

  @Test func `a JPEG image gives about the colours that were written`() throws {
    let color = try DecodedImage(contentsOf: write("a.jpg", jpeg(Self.colorJPEG)))
    #expect(color.width == 8 && color.height == 6 && color.channels == 3)
    for (index, pixel) in color.pixels.enumerated() {
      let expected = (index / 3 % 8 < 4 ? [20, 120, 240] : [200, 30, 60])[index % 3]
      #expect(abs(Int(pixel) - expected) <= 6)
    }
    let gray = try DecodedImage(contentsOf: write("b.jpg", jpeg(Self.grayJPEG)))
    #expect(gray.channels == 1)
    for (index, pixel) in gray.pixels.enumerated() { #expect(abs(Int(pixel) - (index % 8 < 4 ? 50 : 220)) <= 4) }
  }

  @Test func `images cut short or changed anywhere are refused or read, never the end of the process`() throws {
    let pixels = (0..<12 * 9 * 3).map { UInt8($0 * 7 % 251) }
    for whole in [try jpeg(Self.colorJPEG), try jpeg(Self.grayJPEG), png(width: 12, height: 9, channels: 3, pixels)] {
      let intact = try DecodedImage(contentsOf: write("whole", whole))
      for count in 0..<whole.count - 2 {
        let path = try write("cut", Array(whole[..<count]))
        do {
          // The last 12 bytes of a PNG image only say that it ends.
          #expect(try DecodedImage(contentsOf: path) == intact && whole[0] == 137 && count >= whole.count - 12)
        } catch {
          let error = error as? DatasetError
          #expect(error?.kind == .corrupt && error?.path == path)
        }
      }
      var generator = PhiloxGenerator(seed: 1)
      for _ in 0..<300 {
        var changed = whole
        for _ in 0..<3 {
          changed[Int.random(in: 2..<whole.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        let path = try write("changed", changed)
        #expect([nil, .corrupt].contains(kind { _ = try DecodedImage(contentsOf: path) }))
      }
    }
  }

  @Test func `what is no image is told apart`() throws {
    #expect(kind { _ = try DecodedImage(contentsOf: try write("a.png", Array("hello".utf8))) } == .corrupt)
    #expect(kind { _ = try DecodedImage(contentsOf: try write("b.png", [])) } == .corrupt)
    #expect(kind { _ = try DecodedImage(contentsOf: folder.path) } == .unreadable)
    #expect(kind { _ = try DecodedImage(contentsOf: "\(folder.path)/none.png") } == .missing)
    // A header that promises more than memory holds.
    var huge = png(width: 2, height: 2, channels: 3, [UInt8](repeating: 0, count: 12))
    huge.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
    #expect(kind { _ = try DecodedImage(contentsOf: try write("huge.png", huge)) } == .corrupt)
  }

  @Test func `colours become grey and grey colours`() throws {
    let image = try DecodedImage(
      contentsOf: write("a.png", png(width: 2, height: 1, channels: 3, [255, 255, 255, 100, 200, 50])))
    #expect(image.converted(toChannels: 1).pixels == [255, 153])
    #expect(image.converted(toChannels: 1).converted(toChannels: 3).pixels == [255, 255, 255, 153, 153, 153])
  }

  /// Numbers of PyTorch's `interpolate` with `mode="bilinear", antialias=True`.
  @Test(arguments: [
    (3, 2, [35, 114, 193, 41, 120, 199]), (2, 5, [59, 163, 62, 166, 65, 169, 68, 172, 71, 175]),
    (
      10, 8,
      [
        0, 20, 46, 72, 98, 124, 150, 176, 202, 222, 1, 22, 48, 73, 99, 125, 151, 177, 203, 223, 3, 24, 49, 75, 101, 127, 153,
        179, 205, 225, 5, 25, 51, 77, 103, 129, 155, 181, 207, 227, 7, 27, 53, 79, 105, 131, 157, 183, 209, 229, 9, 29, 55, 81,
        107, 133, 159, 185, 210, 231, 11, 31, 57, 83, 109, 135, 161, 186, 212, 233, 12, 32, 58, 84, 110, 136, 162, 188, 214,
        234,
      ]
    ),
  ])
  func `images are resized as PyTorch does`(width: Int, height: Int, expected: [Int]) throws {
    let pixels = (0..<35).map { UInt8($0 * 37 % 256) }
    let image = try DecodedImage(contentsOf: write("a.png", png(width: 7, height: 5, channels: 1, pixels)))
    let resized = try image.resized(width: width, height: height)
    #expect(resized.width == width && resized.height == height && resized.pixels.count == expected.count)
    for (actual, expected) in zip(resized.pixels, expected) { #expect(abs(Int(actual) - expected) <= 1) }
    let color = try image.converted(toChannels: 3).resized(width: width, height: height)
    #expect(color.pixels == resized.converted(toChannels: 3).pixels)
  }

  @Test(arguments: [(-1, 3), (0, 3), (3, .min), (1 << 62, 3), (3, 65_536)])
  func `sizes that no image has are refused`(width: Int, height: Int) throws {
    let image = try DecodedImage(contentsOf: write("a.png", png(width: 2, height: 2, channels: 1, [1, 2, 3, 4])))
    #expect(throws: DatasetError.self) { try image.resized(width: width, height: height) }
  }

  // MARK: Folders

  private func image(_ brightness: UInt8, width: Int = 4, height: Int = 3, channels: Int = 1) -> [UInt8] {
    png(
      width: width, height: height, channels: channels,
      [UInt8](repeating: brightness, count: width * height * channels))
  }

  @Test func `each folder is a class, in both parts`() throws {
    for (name, brightness) in [
      ("train/cat/1", UInt8(10)), ("train/cat/2", 20), ("train/dog/1", 30), ("test/dog/9", 40),
    ] {
      _ = try write("\(name).png", image(brightness))
    }
    _ = try write("train/dog/notes.txt", [1])
    _ = try write("train/.hidden/1.png", [1])
    #expect(ImageFolder.isImageFolder(folder.path))
    let (splits, skipped) = try ImageFolder(path: folder.path).load()
    #expect(skipped.isEmpty)
    #expect(splits.training.classNames == ["cat", "dog"] && splits.training.featureShape == [3, 4, 1])
    #expect(splits.training.classes == [0, 0, 1] && splits.test?.classes == [1])
    let expected = [10, 20, 30].flatMap { [UInt8](repeating: $0, count: 12) }
    guard case .bytes(let bytes, let scale, let offset) = splits.training.features else {
      Issue.record("bytes stay bytes")
      return
    }
    #expect(bytes == expected && scale == 1 / 255 && offset == 0)
    _ = try write("test/cow/1.png", image(1))
    #expect(kind { _ = try ImageFolder(path: folder.path) } == .mismatch)
  }

  @Test func `where there is one part, some of each class is held back, the same each time`() throws {
    for index in 0..<20 { _ = try write("\(index % 2 == 0 ? 2 : 10)/\(index).png", image(UInt8(index))) }
    let options = ImageOptions(testFraction: 0.3)
    let splits = try ImageFolder(path: folder.path).load(options).splits
    // Numbers are ordered as such.
    #expect(splits.training.classNames == ["2", "10"])
    let classes = try #require(splits.test?.classes)
    #expect(classes.filter { $0 == 0 }.count == 3 && classes.filter { $0 == 1 }.count == 3)
    #expect(splits.training.count == 14)
    let again = try ImageFolder(path: folder.path).load(options).splits
    #expect(again.test?.features(at: 0) == splits.test?.features(at: 0))
  }

  @Test func `which images were held back is kept, and known of the same folder elsewhere alone`() throws {
    for index in 0..<20 { _ = try write("a/\(index % 2 == 0 ? "x" : "y")/\(index).png", image(UInt8(index))) }
    for name in ["b", "c"] {
      try FileManager.default.copyItem(atPath: "\(folder.path)/a", toPath: "\(folder.path)/\(name)")
    }
    _ = try write("c/x/more.png", image(1))
    let options = ImageOptions(testFraction: 0.3, seed: 5)
    let first = try ImageFolder(path: "\(folder.path)/a")
    let training = try first.load(options).splits.training
    let origin = try #require(training.imageOrigin)
    #expect(origin.testFraction == 0.3 && origin.seed == 5)
    #expect(try first.load(options, inBackground: true).splits.training.imageOrigin == origin)
    #expect(try training.reconstructing().imageOrigin == origin && training.subset([0]).imageOrigin == origin)
    #expect(try ImageFolder(path: "\(folder.path)/b").isOrigin(origin))
    #expect(try !ImageFolder(path: "\(folder.path)/c").isOrigin(origin))
    for inBackground in [false, true] {
      let whole = try first.load(ImageOptions(testFraction: 0), inBackground: inBackground).splits
      #expect(whole.training.count == 20 && whole.test == nil && whole.training.imageOrigin == nil)
    }
  }

  @Test func `images may be of some of the classes that are known, and of no others`() throws {
    _ = try write("dog/1.png", image(1))
    _ = try write("notes/readme.txt", [1])
    let known = try ImageFolder(path: folder.path, classes: ["cat", "dog"])
    let data = try known.load(ImageOptions(testFraction: 0)).splits.training
    #expect(data.classNames == ["cat", "dog"] && data.classes == [1])
    #expect(known.emptyFolders == ["\(folder.path)/notes"])
    #expect(kind { _ = try ImageFolder(path: folder.path, classes: ["cat", "cow"]) } == .mismatch)
    #expect(kind { try data.requireSeveralClasses() } == .wrongContent)
    #expect(throws: Never.self) { try data.reconstructing().requireSeveralClasses() }
  }

  @Test func `damaged images are named, or left out and named`() throws {
    for index in 0..<6 { _ = try write("\(index % 2)/\(index).png", image(UInt8(index))) }
    let damaged = try write("1/3.png", Array(image(3).dropLast(30)))
    let folder = try ImageFolder(path: folder.path)
    let error = #expect(throws: DatasetError.self) { try folder.load() }
    #expect(error?.path == damaged && error?.kind == .corrupt)
    let (splits, skipped) = try folder.load(ImageOptions(skipDamaged: true, testFraction: 0.4))
    #expect(skipped.map(\.path) == [damaged])
    #expect(splits.training.count + (splits.test?.count ?? 0) == 5)
  }

  /// The features of some examples, as bytes.
  private func bytes(_ data: Dataset, _ rows: [Int]) throws -> [Float] {
    var features = [Float](repeating: 0, count: rows.count * data.featureShape.count)
    try features.withUnsafeMutableBufferPointer { try data.copyFeatures(of: rows[...], into: $0) }
    return features
  }

  @Test func `images are decoded in the background, in whatever order they are asked for`() throws {
    for index in 0..<90 { _ = try write("\(index % 3)/\(index).png", image(UInt8(index * 2), channels: 3)) }
    let folder = try ImageFolder(path: folder.path)
    for options in [ImageOptions(), ImageOptions(imageSize: .init(width: 3, height: 5), imageColor: .gray)] {
      let expected = try folder.load(options).splits
      let splits = try folder.load(options, inBackground: true).splits
      guard case .loading = splits.training.features else {
        Issue.record("these are decoded in the background")
        return
      }
      let rows = Array((0..<splits.training.count).reversed())
      splits.training.expect(rows)
      #expect(splits.training.classes == expected.training.classes)
      #expect(try bytes(splits.training, rows) == bytes(expected.training, rows))
      #expect(try bytes(#require(splits.test), [2, 0]) == bytes(#require(expected.test), [2, 0]))
      let again = try folder.load(options, inBackground: true).splits
      #expect(again.training.fingerprint == splits.training.fingerprint)
    }
  }

  @Test func `in the background too the first damaged image is named`() throws {
    for index in 10..<90 { _ = try write("a/\(index).png", image(UInt8(index), channels: 3)) }
    for index in 0..<4 { _ = try write("b/\(index).png", image(UInt8(index), channels: 3)) }
    let damaged = try write("a/40.png", Array(image(3, channels: 3).dropLast(30)))
    for index in 41..<90 { _ = try write("a/\(index).png", [0x89]) }
    let folder = try ImageFolder(path: folder.path)
    for _ in 0..<10 {
      let data = try folder.load(inBackground: true).splits.training
      data.expect(Array((0..<data.count).reversed()))
      let error = #expect(throws: DatasetError.self) { try bytes(data, Array(0..<data.count)) }
      #expect(error?.path == damaged && error?.kind == .corrupt)
    }
    let skipping = try folder.load(ImageOptions(skipDamaged: true), inBackground: true)
    #expect(skipping.skipped.count == 50 && skipping.skipped.first?.path == damaged)
  }

  @Test func `images of different sizes need one, and those with and without colours are made alike`() throws {
    for index in 0..<4 { _ = try write("a/\(index).png", image(UInt8(index))) }
    let other = try write("b/0.png", image(9, width: 5, channels: 3))
    let folder = try ImageFolder(path: folder.path)
    let error = #expect(throws: DatasetError.self) { try folder.load() }
    #expect(error?.path == other && error?.message.contains("5x3") == true && error?.message.contains("4x3") == true)
    var options = ImageOptions(imageSize: ImageOptions.Size(width: 2, height: 6), testFraction: 0.4)
    #expect(try folder.load(options).splits.training.featureShape == [6, 2, 3])
    options.imageColor = .gray
    #expect(try folder.load(options).splits.training.featureShape == [6, 2, 1])
    #expect(ImageOptions().matching([6, 2, 1])?.imageColor == .gray && ImageOptions().matching([6, 2]) == nil)
    #expect(ImageOptions.Size(width: 0, height: 1) == nil)
  }

  @Test func `loose images have no class`() throws {
    let paths = try (0..<3).map { try write("\($0).png", image(UInt8($0))) }
    #expect(try imageFiles(at: folder.path) == paths && imageFiles(at: paths[1]) == [paths[1]])
    let images = try Dataset.images(paths, ImageOptions())
    #expect(images.data.count == 3 && images.data.classNames == [""] && images.paths == paths)
    #expect(kind { _ = try ImageFolder(path: folder.path) } == .wrongContent)
    let empty = try TemporaryFolder()
    #expect(kind { _ = try imageFiles(at: empty.path) } == .wrongContent)
    #expect(!ImageFolder.isImageFolder(empty.path) && !ImageFolder.isImageFolder("\(empty.path)/none"))
  }
}
