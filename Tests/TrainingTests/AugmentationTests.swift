import Datasets
import NeuralNetworks
import Tensors
import Testing
import Training

/// Images that are shifted while they are learned from.
struct AugmentationTests {
  /// The image moved down and to the right, with zeros behind it.
  private func moved(_ image: ShapedArray<Float>, down: Int, right: Int) -> [Float] {
    let (height, width) = (image.shape[0], image.shape[1])
    let depth = image.shape.rank == 3 ? image.shape[2] : 1
    return (0..<height).flatMap { y in
      (0..<width).flatMap { x in
        (0..<depth).map { channel in
          let (fromY, fromX) = (y - down, x - right)
          guard (0..<height).contains(fromY), (0..<width).contains(fromX) else { return 0 }
          return image.scalars[(fromY * width + fromX) * depth + channel]
        }
      }
    }
  }

  @Test(arguments: [[5, 4], [3, 4, 2], [1, 1], [2, 7]])
  func `every shift up to the limit occurs, and nothing else`(extents: [Int]) throws {
    let shape = Shape(extents)
    let image = ShapedArray(shape: shape, unchecked: (0..<shape.count).map { Float($0 + 1) })
    for pixels in [1, 2, 9] {
      let all = (-pixels...pixels).flatMap { down in (-pixels...pixels).map { moved(image, down: down, right: $0) } }
      var seen: Set<[Float]> = []
      for row in 0..<4000 {
        let varied = try Augmentation(shift: pixels)(image, row: row, seed: 1, epoch: 0)
        #expect(varied.shape == shape)
        seen.insert(varied.scalars)
      }
      #expect(seen == Set(all))
    }
  }

  @Test func `a shift depends on the example, the epoch and the seed`() throws {
    let image = ShapedArray(shape: [9, 9], unchecked: (0..<81).map { Float($0 + 1) })
    let shift = Augmentation(shift: 4)
    let first = try shift(image, row: 1, seed: 1, epoch: 1)
    #expect(try shift(image, row: 1, seed: 1, epoch: 1) == first)
    func differs(_ row: Int, _ seed: UInt64, _ epoch: Int) throws -> Bool {
      try shift(image, row: row, seed: seed, epoch: epoch) != first
    }
    #expect(try (2..<12).contains { try differs($0, 1, 1) })
    #expect(try (2..<12).contains { try differs(1, UInt64($0), 1) })
    #expect(try (2..<12).contains { try differs(1, 1, $0) })
  }

  @Test(arguments: [[5, 4], [3, 5, 2], [2, 1]])
  func `half of the images are mirrored, also after a shift`(extents: [Int]) throws {
    let shape = Shape(extents)
    let (width, depth) = (shape[1], shape.rank == 3 ? shape[2] : 1)
    let image = ShapedArray(shape: shape, unchecked: (0..<shape.count).map { Float($0 + 1) })
    func mirrored(_ scalars: [Float]) -> [Float] {
      scalars.indices.map { index in
        let (row, column, channel) = (index / (width * depth), index / depth % width, index % depth)
        return scalars[(row * width + width - 1 - column) * depth + channel]
      }
    }
    let both = Augmentation(shift: 1, flip: true)
    var mirroredCount = 0
    for row in 0..<1000 {
      let flipped = try Augmentation(flip: true)(image, row: row, seed: 1, epoch: 2).scalars
      let isMirrored = flipped == mirrored(image.scalars)
      #expect(isMirrored || flipped == image.scalars)
      mirroredCount += isMirrored ? 1 : 0
      let shifted = try Augmentation(shift: 1)(image, row: row, seed: 1, epoch: 2).scalars
      let expected = isMirrored ? mirrored(shifted) : shifted
      #expect(try both(image, row: row, seed: 1, epoch: 2).scalars == expected)
    }
    // The deviation is 16; an image of one column is its own mirror image.
    #expect(width == 1 ? mirroredCount == 1000 : (420...580).contains(mirroredCount))
  }

  @Test func `what is not an image is refused`() throws {
    #expect(throws: TrainingError.self) {
      try Augmentation(shift: 1)(ShapedArray([1, 2]), row: 0, seed: 0, epoch: 0)
    }
    #expect(throws: TrainingError.self) {
      try Augmentation(shift: -1)(ShapedArray(repeating: 1, shape: [2, 2]), row: 0, seed: 0, epoch: 0)
    }
  }

  @Test func `training sees shifted images, evaluation does not`() throws {
    let digits = try Digits.load()
    func train(shift: Int) throws -> (report: TrainingReport, loss: Double) {
      let options = TrainingOptions(epochs: 15, shift: shift)
      let trainer = try makeTrainer(smallNetwork(32, outputs: 10), options: options)
      let report = try trainer.fit(digits.training)
      return (report, try trainer.evaluate(digits.training).loss)
    }
    let shifted = try train(shift: 1)
    let plain = try train(shift: 0)
    let lastShifted = try #require(shifted.report.epochs.last)
    #expect(lastShifted.loss > shifted.loss + 0.02)
    #expect(lastShifted.loss > (try #require(plain.report.epochs.last)).loss)
  }
}
