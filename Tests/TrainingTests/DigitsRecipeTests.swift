import Datasets
import NeuralNetworks
import Optimizers
import Testing
import Training

/// The recipe for the digits that the package ships, which was chosen on parts of the training digits alone.
struct DigitsRecipeTests {
  @Test(arguments: [0, 1, 2])
  func `held-back digits are read with an accuracy of 97 percent`(seed: UInt64) throws {
    let digits = try Digits.load()
    let network = Sequential {
      Dense(512, activation: .relu)
      Dropout(0.5)
      Dense(256, activation: .relu)
      Dropout(0.5)
      Dense(10)
    }
    let options = TrainingOptions(epochs: 100, batchSize: 32, seed: seed)
    let schedule = LearningRateSchedule.cosine(steps: options.stepCount(exampleCount: digits.training.count))
    let trainer = try makeTrainer(
      network, optimizer: .adam(learningRate: 0.002).scheduled(schedule), options: options)
    try trainer.fit(digits.training)
    #expect(try #require(try trainer.evaluate(digits.test).accuracy) >= 0.97)
  }
}
