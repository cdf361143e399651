import NeuralNetworks

extension Preset {
  /// A small convolutional network for images such as MNIST's.
  ///
  /// As LeNet-5, with ReLU and max pooling in the place of its saturating units. Source: LeCun, Bottou, Bengio and
  /// Haffner, "Gradient-based learning applied to document recognition" (1998).
  public static let lenet = Preset(
    name: "lenet", summary: "a LeNet-5-like convolutional network for images in classes, such as MNIST",
    loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.003), schedule: { .cosine(steps: $0) },
    options: TrainingOptions(epochs: 10, batchSize: 64, shift: 1)
  ) { data in
    let shape = data.featureShape
    guard data.classes != nil, (2...3).contains(shape.rank), shape[0] >= 12, shape[1] >= 12 else {
      throw misfit("lenet", data, takes: "images of at least 12x12 pixels in classes")
    }
    return Sequential {
      Convolution(6, kernel: 5, padding: .same, activation: .relu)
      MaxPooling(2)
      Convolution(16, kernel: 5, activation: .relu)
      MaxPooling(2)
      Flatten()
      Dense(120, activation: .relu)
      Dense(84, activation: .relu)
      Dense(data.classNames.count)
    }
  }
}
