import CPUBackend
import Datasets
import Foundation
import NeuralNetworks
import Optimizers
import Testing
import Training

/// Training in bfloat16, emulated where the processor has no instructions for it.
struct PrecisionTests {
  /// The precision in which this processor can show what bfloat16 does; nil where it cannot.
  static let rounded = [Precision.bfloat16, .emulatedBfloat16].first { $0.missingInstructions == nil }

  private func accuracy(_ precision: Precision, _ network: some Layer, epochs: Int, seed: UInt64) throws -> Double {
    let digits = try Digits.load()
    let trainer = try makeTrainer(
      network, optimizer: .adam(learningRate: 0.002),
      options: TrainingOptions(epochs: epochs, batchSize: 32, seed: seed, precision: precision))
    try trainer.fit(digits.training)
    let weights = try trainer.model().weights.flatMap(\.values.scalars)
    // Master weights are not rounded.
    #expect(weights.contains { Double($0).roundedToBfloat16 != Double($0) })
    return try #require(try trainer.evaluate(digits.test).accuracy)
  }

  /// 0.3 points of 360 digits are one digit, by which seeds differ more: so it is the mean of some seeds.
  @Test(.enabled(if: rounded != nil, "the processor computes nothing in bfloat16"))
  func `digits are read as well as with Float32`() throws {
    let rounded = try #require(Self.rounded)
    let seeds: [UInt64] = [0, 1, 2, 3]
    func mean(_ precision: Precision) throws -> Double {
      try seeds.reduce(0) { sum, seed in
        try sum + accuracy(precision, smallNetwork(64, outputs: 10), epochs: 20, seed: seed)
      } / Double(seeds.count)
    }
    let (plain, mixed) = (try mean(.float32), try mean(rounded))
    #expect(plain > 0.95)
    #expect(abs(mixed - plain) <= 0.003, "\(mixed) in bfloat16, \(plain) in Float32")
  }

  @Test(.enabled(if: rounded != nil, "the processor computes nothing in bfloat16"))
  func `convolutional networks learn in it, in parts too, and the same bits each time`() throws {
    let digits = try Digits.load()
    let network = Sequential {
      Convolution(8, kernel: 3, activation: .relu)
      MaxPooling(2)
      Flatten()
      Dense(10)
    }
    func weights(_ precision: Precision) throws -> (bits: [UInt32], accuracy: Double) {
      let trainer = try makeTrainer(
        network, optimizer: .adam(learningRate: 0.005),
        options: TrainingOptions(epochs: 5, batchSize: 32, gradientAccumulation: 2, precision: precision))
      try trainer.fit(digits.training)
      return (
        try trainer.model().weights.flatMap { $0.values.scalars.map(\.bitPattern) },
        try #require(try trainer.evaluate(digits.test).accuracy)
      )
    }
    let rounded = try #require(Self.rounded)
    let (first, second, plain) = (try weights(rounded), try weights(rounded), try weights(.float32))
    #expect(first.bits == second.bits)
    #expect(first.bits != plain.bits)
    #expect(first.accuracy > 0.9)
  }

  @Test(arguments: Precision.allCases)
  func `a precision that the processor has no instructions for is refused with what is missing`(
    precision: Precision
  ) throws {
    let substitutes = Precision.allCases.filter { precision.substitute.contains($0.rawValue) }
    #expect(substitutes.contains(.float32) && substitutes.allSatisfy { $0.missingInstructions == nil })
    let error = message { _ = try makeTrainer(Dense(1), options: TrainingOptions(precision: precision)) }
    guard let missing = precision.missingInstructions else {
      #expect(error.isEmpty)
      return
    }
    for word in [precision.rawValue, missing, "use \(precision.substitute)"] {
      #expect(error.contains(word), "\(error)")
    }
  }

  @Test func `the precision is part of what a run is`() throws {
    let options = TrainingOptions(precision: .emulatedBfloat16)
    let coded = try JSONEncoder().encode(options)
    #expect(String(decoding: coded, as: UTF8.self).contains(#""precision":"emulatedBfloat16""#))
    #expect(try JSONDecoder().decode(TrainingOptions.self, from: coded) == options)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(TrainingOptions.self, from: Data(#"{"precision": "float64"}"#.utf8))
    }
  }
}
