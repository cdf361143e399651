import RealModule

/// Turns each pair of channels of every head by an angle in proportion to the place, so that products of queries and
/// keys depend on their distance: `[batch, time, heads * channels]`, the shape stays.
///
/// Channels `i` and `i + channels / 2` of a head make a pair, as in GPT-NeoX and LLaMA; its angle at place `t` is
/// `t / 10000^(2i / channels)`. Source: Su et al., "RoFormer" (2021).
func rotated(_ x: Tensor, heads: Int, in context: LayerContext) -> Tensor {
  let (batch, time, channels) = (x.shape[0], x.shape[1], x.shape[2] / heads)
  let half = channels / 2
  func table(_ function: (Double) -> Double) -> Tensor {
    let places = context.place?.length ?? time
    let values = (0..<places).flatMap { place in
      (0..<half).map { function(Double(place) * Double.exp(-Double.log(10_000) * Double(2 * $0) / Double(channels))) }
    }
    return context.rowsOfPlaces(x.graph.constant(ShapedArray(shape: [places, half], unchecked: values)))
      .reshaped(to: [1, time, 1, half])
  }
  let divided = x.reshaped(to: [batch, time, heads, channels])
  let first = divided.sliced(0..<half, alongAxis: 3)
  let second = divided.sliced(half..<channels, alongAxis: 3)
  let (cosine, sine) = (table(Double.cos), table(Double.sin))
  return concatenate(first * cosine - second * sine, first * sine + second * cosine, alongAxis: 3)
    .reshaped(to: x.shape)
}
