// One training step with every arrow of the chain rule spelled out in plain numbers, and then the same step through the
// library. The network and its numbers are those of Matt Mazur's "A Step by Step Backpropagation Example":
//
//   i1 ──w1──▶ h1 ──w5──▶ o1        every unit is a sigmoid of its weighted sum:
//      ╲w3 ╱w2    ╲w7 ╱w6             zh1 = w1·i1 + w2·i2 + b1,   h1 = sigmoid(zh1),   and so on;
//       ╳          ╳                the error is
//      ╱w2 ╲w3    ╱w6 ╲w7             E = ½(o1 − t1)² + ½(o2 − t2)²
//   i2 ──w4──▶ h2 ──w8──▶ o2
//
// Run it with:  swift run OneStep

import Chainrule
import Foundation

/// Remembers numbers by name, and writes each down as a formula, as the formula with its numbers, and as a result.
struct Notebook {
  private(set) var values: [String: Double] = [:]

  mutating func given(_ name: String, _ value: Double) -> Double {
    values[name] = value
    print("  \(name) = \(value)")
    return value
  }

  mutating func write(_ name: String, _ formula: String, _ value: Double) -> Double {
    let withNumbers = formula.replacing(/d?[a-z]+[0-9]/) { name in
      values[String(name.output)].map { String(format: $0 < 0 ? "(%.4g)" : "%.4g", $0) } ?? String(name.output)
    }
    values[name] = value
    print("  \(name) = \(formula) = \(withNumbers) = \(String(format: "%.10g", value))")
    return value
  }
}

func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

var page = Notebook()

print("Given: inputs, targets, weights, biases")
let (i1, i2) = (page.given("i1", 0.05), page.given("i2", 0.10))
let (t1, t2) = (page.given("t1", 0.01), page.given("t2", 0.99))
let (w1, w2, w3, w4) = (page.given("w1", 0.15), page.given("w2", 0.20), page.given("w3", 0.25), page.given("w4", 0.30))
let (w5, w6, w7, w8) = (page.given("w5", 0.40), page.given("w6", 0.45), page.given("w7", 0.50), page.given("w8", 0.55))
let (b1, b2) = (page.given("b1", 0.35), page.given("b2", 0.60))
let learningRate = 0.5

print("\n1. Forward: each unit's weighted sum z, and its sigmoid")
let zh1 = page.write("zh1", "w1·i1 + w2·i2 + b1", w1 * i1 + w2 * i2 + b1)
let zh2 = page.write("zh2", "w3·i1 + w4·i2 + b1", w3 * i1 + w4 * i2 + b1)
let h1 = page.write("h1", "sigmoid(zh1)", sigmoid(zh1))
let h2 = page.write("h2", "sigmoid(zh2)", sigmoid(zh2))
let zo1 = page.write("zo1", "w5·h1 + w6·h2 + b2", w5 * h1 + w6 * h2 + b2)
let zo2 = page.write("zo2", "w7·h1 + w8·h2 + b2", w7 * h1 + w8 * h2 + b2)
let o1 = page.write("o1", "sigmoid(zo1)", sigmoid(zo1))
let o2 = page.write("o2", "sigmoid(zo2)", sigmoid(zo2))

print("\n2. The error")
let e1 = page.write("e1", "½(o1 − t1)²", 0.5 * (o1 - t1) * (o1 - t1))
let e2 = page.write("e2", "½(o2 − t2)²", 0.5 * (o2 - t2) * (o2 - t2))
let error = page.write("E", "e1 + e2", e1 + e2)

print("\n3. Backward: dx stands for ∂E/∂x. Each is the one after it, times the local derivative of one arrow")
let do1 = page.write("do1", "o1 − t1", o1 - t1)
let do2 = page.write("do2", "o2 − t2", o2 - t2)
print("  The slope of a sigmoid, in terms of its own value y, is y·(1 − y):")
let dzo1 = page.write("dzo1", "do1 · o1·(1 − o1)", do1 * o1 * (1 - o1))
let dzo2 = page.write("dzo2", "do2 · o2·(1 − o2)", do2 * o2 * (1 - o2))
print("  Two arrows leave each hidden unit, so two contributions come back and are added:")
let dh1 = page.write("dh1", "dzo1·w5 + dzo2·w7", dzo1 * w5 + dzo2 * w7)
let dh2 = page.write("dh2", "dzo1·w6 + dzo2·w8", dzo1 * w6 + dzo2 * w8)
let dzh1 = page.write("dzh1", "dh1 · h1·(1 − h1)", dh1 * h1 * (1 - h1))
let dzh2 = page.write("dzh2", "dh2 · h2·(1 − h2)", dh2 * h2 * (1 - h2))

print("\n4. The gradient: z = w·x + …, so ∂z/∂w is the x at the other end of the weight")
let dw1 = page.write("dw1", "dzh1·i1", dzh1 * i1)
let dw2 = page.write("dw2", "dzh1·i2", dzh1 * i2)
let dw3 = page.write("dw3", "dzh2·i1", dzh2 * i1)
let dw4 = page.write("dw4", "dzh2·i2", dzh2 * i2)
let dw5 = page.write("dw5", "dzo1·h1", dzo1 * h1)
let dw6 = page.write("dw6", "dzo1·h2", dzo1 * h2)
let dw7 = page.write("dw7", "dzo2·h1", dzo2 * h1)
let dw8 = page.write("dw8", "dzo2·h2", dzo2 * h2)

print("\n5. The update: w ← w − learning rate · ∂E/∂w (the biases stay as they are, as in the article)")
let weights = [w1, w2, w3, w4, w5, w6, w7, w8]
let slopes = [dw1, dw2, dw3, dw4, dw5, dw6, dw7, dw8]
let updated = zip(weights, slopes).map { $0 - learningRate * $1 }
for index in weights.indices {
  print("  w\(index + 1) = \(weights[index]) − \(learningRate) · \(slopes[index]) = \(updated[index])")
}

print("\n6. The same step through the library")
let graph = Graph()
let context = LayerContext(graph, mode: .training)
let network = Sequential {
  Dense(2, activation: .sigmoid, name: "hidden")
  Dense(2, activation: .sigmoid, name: "output")
}
let outputs = try context.trace(network, graph.input("inputs", TensorType([1, 2])))
let loss = try Loss.halfSumSquaredError(outputs: outputs, targets: graph.input("targets", TensorType([1, 2])))
let weightGradients = try gradients(of: loss, withRespectTo: context.weightTensors)
try Optimizer.sgd(learningRate: learningRate).update(context.weightTensors, with: weightGradients)
graph.output("loss", loss)
for (index, gradient) in weightGradients.enumerated() { graph.output("gradient \(index)", gradient) }

/// A layer keeps its weights as `[inputs, units]`: the first row is what leaves the first input.
func matrix(_ a: Double, _ b: Double, _ c: Double, _ d: Double) throws -> ShapedArray<Double> {
  try ShapedArray(shape: [2, 2], scalars: [a, c, b, d])
}
let values = [
  "inputs": try ShapedArray(shape: [1, 2], scalars: [i1, i2]),
  "targets": try ShapedArray(shape: [1, 2], scalars: [t1, t2]),
  "hidden/weight": try matrix(w1, w2, w3, w4), "hidden/bias": ShapedArray([b1, b1]),
  "output/weight": try matrix(w5, w6, w7, w8), "output/bias": ShapedArray([b2, b2]),
]
var interpreter = Interpreter(values: values)
let results = try interpreter.run(graph)

/// The numbers of both weight matrices in the order w1 … w8.
func inOrder(_ hidden: ShapedArray<Double>?, _ output: ShapedArray<Double>?) -> [Double] {
  [hidden, output].flatMap { matrix in [0, 2, 1, 3].map { matrix?.scalars[$0] ?? .nan } }
}
let names = ["E"] + (1...8).map { "dw\($0)" } + (1...8).map { "new w\($0)" }
let byHand = [error] + slopes + updated
let byLibrary = (results["loss"]?.scalars ?? []) + inOrder(results["gradient 0"], results["gradient 1"])
  + inOrder(interpreter.values["hidden/weight"], interpreter.values["output/weight"])
for ((name, hand), library) in zip(zip(names, byHand), byLibrary) {
  print("  \(name): \(hand) by hand, \(library) by the library")
}
let differences = zip(byHand, byLibrary).map { abs($0 - $1) }
guard differences.count == names.count, differences.allSatisfy({ $0 < 1e-15 }) else {
  print("  They differ: \(differences)")
  exit(1)
}
print("  No two differ by more than \(differences.max() ?? 0): the same, in the rounding of a Double.")

print("\n7. And compiled: the step as a program of kernels, in the Float32 that networks are trained in")
let variables = VariableStore()
for name in ["hidden/weight", "hidden/bias", "output/weight", "output/bias"] {
  try variables.set(name, to: (values[name] ?? ShapedArray([])).map { Float($0) })
}
let program = try compile(graph, variables: variables, backend: CPUBackend())
for name in ["inputs", "targets"] {
  try program.setInput(name, to: (values[name] ?? ShapedArray([])).map { Float($0) })
}
try program.run()
print(program.text)
print("E = \(try program.scalar("loss")), new w5 = \(try variables.value(of: "output/weight").scalars[0])")
