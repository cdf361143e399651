import CPUBackend
import Datasets
import Foundation
import Interchange
import NeuralNetworks
import Optimizers
import Training

/// A network that the tests train in a moment.
func smallNetwork(_ hidden: Int = 16, outputs: Int) -> Sequential {
  Sequential {
    Dense(hidden, activation: .tanh)
    Dense(outputs)
  }
}

func makeTrainer(
  _ network: some Layer, _ loss: Loss = .softmaxCrossEntropy, optimizer: Optimizer = .adam(learningRate: 0.01),
  options: TrainingOptions = TrainingOptions()
) throws -> Trainer {
  var options = options
  // Small work is done no sooner by several threads.
  options.threads = options.threads ?? 1
  return try Trainer(network, loss: loss, optimizer: optimizer, options: options)
}

/// Calls `body` with the path of a file that does not exist yet, in a folder that is removed afterwards.
func withTemporaryFile<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.appendingPathComponent("model.safetensors").path)
}

func bytes(of path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

/// The error that `body` throws, as text; empty when it throws none.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    return "\(error)"
  }
}
