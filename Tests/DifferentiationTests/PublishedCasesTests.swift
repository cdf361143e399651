import Differentiation
import Foundation
import Testing

/// Numbers that other people published; the file names each source.
@Suite struct PublishedCasesTests {
  private struct Cases: Decodable {
    struct Micrograd: Decodable {
      struct Sanity: Decodable {
        let y: Double
        let dy_dx: Double
      }
      let g: Double
      let dg_da: Double
      let dg_db: Double
      let sanity: Sanity
    }
    struct CS231n: Decodable {
      struct Product: Decodable {
        let at: [Double]
        let value: Double
        let gradient: [Double]
      }
      struct Neuron: Decodable {
        let w: [Double]
        let x: [Double]
        let f: Double
        let dx: [Double]
        let dw: [Double]
      }
      let product: Product
      let sigmoid_neuron: Neuron
    }
    let micrograd: Micrograd
    let cs231n: CS231n
  }

  private let cases: Cases

  init() throws {
    let url = try #require(
      Bundle.module.url(forResource: "reference-cases", withExtension: "json", subdirectory: "Fixtures"))
    cases = try JSONDecoder().decode(Cases.self, from: Data(contentsOf: url))
  }

  private func expectClose(_ a: Double, _ b: Double) {
    #expect((a - b).magnitude <= 1e-12 * max(1, b.magnitude), "\(a) is not \(b)")
  }

  @Test func micrograd() throws {
    let (value, (byA, byB)) = try valueWithGradient(at: -4, 2) { a, b in
      var c = a + b
      var d = a * b + pow(b, 3)
      c += c + 1
      c += 1 + c + (-a)
      d += d * 2 + relu(b + a)
      d += 3 * d + relu(b - a)
      let e = c - d
      let f = pow(e, 2)
      var g = f / 2
      g += 10 / f
      return g
    }
    expectClose(value, cases.micrograd.g)
    expectClose(byA, cases.micrograd.dg_da)
    expectClose(byB, cases.micrograd.dg_db)
  }

  @Test func microgradSanity() throws {
    let (value, slope) = try valueWithGradient(at: -4.0) { x in
      let z = 2 * x + 2 + x
      let q = relu(z) + z * x
      let h = relu(z * z)
      return h + q + q * x
    }
    expectClose(value, cases.micrograd.sanity.y)
    expectClose(slope, cases.micrograd.sanity.dy_dx)
  }

  @Test func cs231nProduct() throws {
    let product = cases.cs231n.product
    let (value, gradient) = try valueWithGradient(at: product.at[0], product.at[1], product.at[2]) { x, y, z in
      (x + y) * z
    }
    expectClose(value, product.value)
    for (a, b) in zip([gradient.0, gradient.1, gradient.2], product.gradient) { expectClose(a, b) }
  }

  @Test func cs231nNeuron() throws {
    let neuron = cases.cs231n.sigmoid_neuron
    let (value, gradients) = try valueWithGradient(at: [ShapedArray(neuron.w), ShapedArray(neuron.x)]) { arguments in
      let (w, x) = (arguments[0], arguments[1])
      return sigmoid((w.sliced(0..<2, alongAxis: 0) * x).sum() + w.sliced(2..<3, alongAxis: 0).sum())
    }
    expectClose(value, neuron.f)
    for (a, b) in zip(gradients[0].scalars, neuron.dw) { expectClose(a, b) }
    for (a, b) in zip(gradients[1].scalars, neuron.dx) { expectClose(a, b) }
  }
}
