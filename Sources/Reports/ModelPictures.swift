import Datasets
import Training

/// Colours that are told apart by people who do not see all of them, as in `SVG.palette`.
private let classColors: [PNGImage.Color] = [
  .init(0, 114, 178), .init(213, 94, 0), .init(0, 158, 115), .init(204, 121, 167), .init(230, 159, 0),
  .init(86, 180, 233), .init(127, 127, 127), .init(0, 0, 0),
]

/// Which class a model chooses at each point of the plane: strong colours where it is sure. Examples are drawn as dots,
/// dark ones where it is wrong.
/// - Parameters:
///   - data: classes with two features; the picture is a little larger than their range.
///   - size: of the picture, in pixels along each axis.
/// - Throws: `TrainingError` when model or data are of another form, `DatasetError` when the size cannot be used.
public func decisionRegions(of model: Model, _ data: Dataset, size: Int = 480) throws -> PNGImage {
  guard model.featureShape == [2], model.targetShape == nil, let classes = data.classes, data.count > 0 else {
    throw TrainingError(
      .mismatch, "decision regions are drawn for classes with two features, not for features \(model.featureShape)",
      advice: "leave the picture out")
  }
  var image = try PNGImage(width: size, height: size)
  let points = (0..<data.count).compactMap { data.features(at: $0)?.scalars }
  let area = Area(points, size: size)
  let predictor = try model.predictor(batchSize: size)
  for y in 0..<size {
    let outputs = try predictor.predict((0..<size).flatMap { area.place(x: $0, y: y) })
    for (x, output) in outputs.enumerated() {
      let chosen = predictor.chosenClass(output) ?? 0
      let sureness = output.count == 1 ? abs(2 * output[0] - 1) : sureness(output)
      image.set(x, y, to: lightened(chosen, by: 0.8 - 0.45 * max(0, min(1, sureness))))
    }
  }
  for (point, (label, output)) in zip(points, zip(classes, try predictor.predict(data))) {
    let (x, y) = area.pixel(point)
    let isRight = predictor.chosenClass(output) == Int(label)
    image.fillCircle(x, y, radius: 4, color: isRight ? .init(255, 255, 255) : .init(0, 0, 0))
    image.fillCircle(x, y, radius: 3, color: classColors[Int(label) % classColors.count])
  }
  return image
}

/// How far the most probable class is ahead of the next one.
private func sureness(_ probabilities: [Float]) -> Float {
  let sorted = probabilities.sorted(by: >)
  return sorted.count > 1 ? sorted[0] - sorted[1] : 1
}

private func lightened(_ label: Int, by share: Float) -> PNGImage.Color {
  classColors[label % classColors.count].mixed(with: .init(255, 255, 255), share: share)
}

/// The part of the plane that a picture shows.
private struct Area {
  private let low: [Float]
  private let step: Float
  private let size: Int

  init(_ points: [[Float]], size: Int) {
    let bounds = (0..<2).map { axis in
      let values = points.map { $0.count > axis ? $0[axis] : 0 }
      return (low: values.min() ?? 0, high: values.max() ?? 1)
    }
    let extent = max(bounds[0].high - bounds[0].low, bounds[1].high - bounds[1].low, 1e-6) * 1.2
    low = bounds.map { ($0.low + $0.high - extent) / 2 }
    step = extent / Float(size)
    self.size = size
  }

  /// The second feature grows upwards.
  func place(x: Int, y: Int) -> [Float] {
    [low[0] + (Float(x) + 0.5) * step, low[1] + (Float(size - 1 - y) + 0.5) * step]
  }

  func pixel(_ point: [Float]) -> (Double, Double) {
    guard point.count == 2 else { return (0, 0) }
    return (Double((point[0] - low[0]) / step), Double(size) - 1 - Double((point[1] - low[1]) / step))
  }
}

/// Images, and below each what an autoencoder makes of it, four times as large where they are small.
/// - Parameter count: how many of the examples are drawn, evenly spread; ten to a row.
/// - Throws: `TrainingError` when the model does not make images of images.
public func reconstructions(of model: Model, _ data: Dataset, count: Int = 40) throws -> PNGImage {
  let shape = model.featureShape
  let channels = shape.rank == 3 ? shape[2] : 1
  guard makesImages(model), data.count > 0, count > 0 else {
    throw TrainingError(
      .mismatch, "reconstructions are drawn of models that make images of images, not \(model.targetShape ?? []) of "
        + "\(shape)", advice: "train with --preset autoencoder or vae")
  }
  let shown = min(count, data.count, 400)
  let examples = try data.subset((0..<shown).map { $0 * data.count / shown })
  let outputs = try model.predictor(batchSize: shown).predict(examples)
  let (height, width) = (shape[0], shape[1])
  let scale = max(1, 64 / max(height, width))
  let (cellWidth, cellHeight) = (width * scale + 6, 2 * height * scale + 12)
  let columns = min(10, shown)
  var image = try PNGImage(
    width: columns * cellWidth + 6, height: ((shown - 1) / columns + 1) * cellHeight + 6,
    color: .init(255, 255, 255))
  for index in 0..<shown {
    let (left, top) = (6 + index % columns * cellWidth, 6 + index / columns * cellHeight)
    let original = examples.features(at: index)?.scalars ?? []
    for (pixels, start) in [(original, top), (outputs[index], top + height * scale + 2)] {
      guard pixels.count == shape.count else { continue }
      for y in 0..<(height * scale) {
        for x in 0..<(width * scale) {
          let first = ((y / scale) * width + x / scale) * channels
          let parts = (0..<3).map { byte(pixels[first + (channels == 3 ? $0 : 0)]) }
          image.set(left + x, start + y, to: .init(parts[0], parts[1], parts[2]))
        }
      }
    }
  }
  return image
}

/// Whether a model makes images of images, small enough to be drawn.
func makesImages(_ model: Model) -> Bool {
  let shape = model.featureShape
  return (2...3).contains(shape.rank) && (shape.rank == 2 || shape[2] == 1 || shape[2] == 3) && shape[0] <= 512
    && shape[1] <= 512 && model.featureType == .float32 && model.targetShape?.count == shape.count
}

private func byte(_ value: Float) -> UInt8 { value.isNaN ? 0 : UInt8(max(0, min(1, value)) * 255) }
