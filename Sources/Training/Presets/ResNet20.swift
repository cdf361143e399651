import NeuralNetworks
import Optimizers

extension Preset {
  /// ResNet-20 for small photographs in classes.
  ///
  /// Source: He, Zhang, Ren and Sun, "Deep residual learning for image recognition" (2016), section 4.2, with their
  /// flips and shifts, and a learning rate that follows one cycle in the place of their steps.
  public static let resnet20 = Preset(
    name: "resnet20", summary: "ResNet-20, for small photographs in classes", loss: .softmaxCrossEntropy,
    optimizer: .sgd(learningRate: 0.1, momentum: 0.9, nesterov: true),
    schedule: { .oneCycle(steps: max($0, 20), peakFraction: 0.2) },
    options: TrainingOptions(epochs: 30, batchSize: 64, gaussianPrior: 5, shift: 4, flip: true)
  ) { data in
    let shape = data.featureShape
    guard data.classes != nil, shape.rank == 3, shape[0] >= 8, shape[1] >= 8 else {
      throw misfit("resnet20", data, takes: "images [height, width, channels] of at least 8x8 pixels in classes")
    }
    return Sequential.residualNetwork(blocksPerStage: 3, classes: data.classNames.count)
  }
}
