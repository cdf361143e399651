import Foundation
import Tensors

/// How the next token is drawn from probabilities.
public struct Sampling: Hashable, Sendable {
  /// What logits are divided by: 1 follows the probabilities, less prefers what is likely, 0 takes the likeliest.
  public var temperature: Double
  /// Among how many of the likeliest tokens the draw is; all when nil.
  public var topK: Int?
  /// From which every draw follows.
  public var seed: UInt64

  /// Nothing is checked before a text is generated.
  public init(temperature: Double = 1, topK: Int? = nil, seed: UInt64 = 0) {
    self.temperature = temperature
    self.topK = topK
    self.seed = seed
  }

  func validate() throws {
    try require(
      temperature >= 0 && temperature.isFinite, "temperature", temperature, "a finite number of 0 or more")
    try require(topK ?? 1 >= 1, "topK", topK ?? 1, "1 or more")
  }

  /// - Parameters:
  ///   - probabilities: of every token; not empty.
  ///   - position: the number of the draw, of which it is a function.
  func draw(_ probabilities: [Float], position: Int) -> Int {
    // The likeliest first; of equal ones that with the smaller number.
    let order = probabilities.indices.sorted { (-probabilities[$0], $0) < (-probabilities[$1], $1) }
    guard temperature > 0 else { return order[0] }
    let chosen = order.prefix(topK ?? order.count)
    let largest = log(Double(max(probabilities[order[0]], .leastNormalMagnitude)))
    let weights = chosen.map { token in
      exp((log(Double(max(probabilities[token], .leastNormalMagnitude))) - largest) / temperature)
    }
    let word = Philox(seed: seed, stream: 0x7361_6D70).word(index: position, step: 0)
    var rest = weights.reduce(0, +) * (Double(word) + 0.5) / 0x1p32
    for (token, weight) in zip(chosen, weights) {
      rest -= weight
      if rest < 0 { return token }
    }
    return order[0]
  }
}
