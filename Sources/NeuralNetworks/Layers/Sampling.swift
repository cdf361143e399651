/// Draws from normal distributions that the network describes, and holds them near the standard one: the middle of a
/// variational autoencoder.
///
/// Input `[batch, 2 n]`, the means and then the logarithms of the variances; output `[batch, n]`: while training
/// `mean + exp(½ logVariance) ε` with standard normal `ε`, in use the mean. Adds to the loss
/// `weight · ½ Σ (mean² + exp(logVariance) - 1 - logVariance)`, the mean over the batch of the Kullback-Leibler
/// divergence. Source: Kingma and Welling, "Auto-encoding variational Bayes" (2014), appendix B.
public struct Sampling: UnaryLayer {
  public static let kind = "sampling"
  /// What the divergence is multiplied by; 1 gives the bound on the likelihood.
  public let weight: Double
  /// nil for an automatic name.
  public let name: String?

  /// A layer without parameters; the weight, finite and not negative, is checked when it is traced.
  public init(weight: Double = 1, name: String? = nil) {
    self.weight = weight
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    guard weight >= 0, weight.isFinite else {
      throw context.error("the weight of the divergence must be finite and not negative, not \(weight)")
    }
    guard input.rank == 2, input.elementType == .float32, input.shape[1] > 0, input.shape[1].isMultiple(of: 2) else {
      throw context.error(
        "sampling takes float32 [batch, 2 n], means and logarithms of variances, but its input is \(input.type)")
    }
    let count = input.shape[1] / 2
    let mean = input.sliced(0..<count, alongAxis: 1)
    let logVariance = input.sliced(count..<(2 * count), alongAxis: 1)
    let divergences = (mean * mean + exp(logVariance) - 1 - logVariance).sum(alongAxes: [1])
    try context.addLoss(0.5 * weight * divergences.mean())
    guard context.mode == .training else { return mean }
    let noise = randomNormal(mean.shape, step: context.step, seed: context.seed, stream: context.randomStream)
    return mean + exp(0.5 * logVariance) * noise
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["weight", "name"]])
    self.init(weight: try description.value("weight", default: 1), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("weight", weight == 1 ? nil : weight)
    description.set("name", name)
    try description.write(to: encoder)
  }
}
