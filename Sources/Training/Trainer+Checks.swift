import Datasets
import Foundation
import NeuralNetworks

extension Trainer {
  /// Memory that the system does not have would end the process.
  func checkMemory(_ parameters: [Parameter]) throws {
    let count = parameters.reduce(0.0) { $0 + Double($1.shape.count) }
    // Each has a gradient beside it, and up to two running means.
    guard 16 * count < Double(ProcessInfo.processInfo.physicalMemory) else {
      throw TrainingError(
        .invalidOption, "the network would have \(count) weights, more than this machine's memory holds",
        advice: "use fewer units")
    }
  }

  /// What is learned from, of weights of mean 1 where it has any, and what the run is judged by.
  func split(
    _ training: Dataset, _ validation: Dataset?, _ options: TrainingOptions
  ) throws -> (training: Dataset, validation: Dataset?) {
    if validation == nil, options.validationFraction > 0 {
      let parts = try training.split(
        validationFraction: options.validationFraction, seed: options.seed, isStratified: training.classes != nil)
      return (try parts.training.withWeightsOfMeanOne(), parts.validation)
    }
    let advice = "give validation data or set validationFraction"
    if validation == nil, options.patience != nil {
      throw TrainingError(.invalidOption, "patience watches validation data, but there are none", advice: advice)
    }
    if validation == nil, options.stopAtAccuracy != nil {
      throw TrainingError(.invalidOption, "stopAtAccuracy watches validation data, but there are none", advice: advice)
    }
    return (try training.withWeightsOfMeanOne(), validation)
  }
}
