import FixtureSupport
import Optimizers
import ReferenceBackend
import Testing

struct ScheduleTests {
  struct Rates: Decodable {
    let learningRate: Double
    let rates: [String: [Double]]
  }

  static let schedules: [(String, LearningRateSchedule)] = [
    ("stepDecay", .stepDecay(factor: 0.3, every: 7)),
    ("exponential", .exponential(factor: 0.93)),
    ("cosine", .cosine(steps: 30, finalFactor: 0.1)),
    ("warmUp", .warmUp(steps: 6)),
    ("warmUpThenCosine", .warmUp(steps: 5, startFactor: 0.1, then: .cosine(steps: 20))),
    ("oneCycle", .oneCycle(steps: 40)),
  ]

  @Test(arguments: schedules.indices)
  func `learning rates match PyTorch's`(index: Int) throws {
    let (name, schedule) = Self.schedules[index]
    let fixture: Rates = try Fixture.load("schedules")
    let expected = try #require(fixture.rates[name])
    let optimizer = Optimizer.sgd(learningRate: fixture.learningRate).scheduled(schedule)
    let actual = try expected.indices.map { try optimizer.learningRate(atStep: $0) }
    #expect(worstDifference(actual, expected, scale: 1e-9) < 1e-10)
    #expect(expected.count >= 20)
  }

  @Test func `the end of a schedule holds`() throws {
    let cosine = Optimizer.sgd(learningRate: 2).scheduled(.cosine(steps: 10, finalFactor: 0.25))
    #expect(try cosine.learningRate(atStep: 1000) == 0.5)
    let cycle = Optimizer.sgd(learningRate: 1).scheduled(.oneCycle(steps: 10))
    #expect(try cycle.learningRate(atStep: 9) == cycle.learningRate(atStep: 500))
    #expect(try Optimizer.sgd(learningRate: 0.3).learningRate(atStep: 7) == 0.3)
    // A cycle that only rises.
    let rise = Optimizer.sgd(learningRate: 1).scheduled(.oneCycle(steps: 10, peakFraction: 1))
    #expect(try rise.learningRate(atStep: 9) == 1)
  }

  @Test(arguments: LearningRateSchedule.kinds, [1, 2, 3, 1000])
  func `words choose schedules that fit a run`(kind: String, totalSteps: Int) throws {
    let schedule = try #require(LearningRateSchedule(kind: kind, totalSteps: totalSteps))
    let optimizer = Optimizer.sgd(learningRate: 1).scheduled(schedule)
    let rates = try [0, totalSteps / 2, totalSteps - 1].map { try optimizer.learningRate(atStep: $0) }
    #expect(rates.allSatisfy { $0 > 0 && $0 <= 1 })
    #expect(LearningRateSchedule(kind: "nothing", totalSteps: totalSteps) == nil)
    guard totalSteps == 1000 else { return }
    let last = ["constant": 1, "stepDecay": 0.01, "exponential": 0.01, "cosine": 0, "warmUp": 0, "oneCycle": 0]
    #expect(abs(rates[2] - (last[kind] ?? .nan)) < 1e-4)
  }

  @Test func `a schedule advances the step counter once a run`() throws {
    let graph = Graph()
    let weight = graph.variable("weight", TensorType([2]))
    let gradients = try gradients(of: (weight * weight).sum(), withRespectTo: [weight])
    let optimizer = Optimizer.sgd(learningRate: 0.25).scheduled(.stepDecay(factor: 0.5, every: 1))
    graph.output("rate", try optimizer.update([weight], with: gradients))
    var interpreter = Interpreter(values: ["weight": ShapedArray([1, -2]), "step": ShapedArray(scalar: 0)])
    #expect(try interpreter.run(graph)["rate"]?.scalars == [0.25])
    #expect(try interpreter.run(graph)["rate"]?.scalars == [0.125])
    #expect(interpreter.values["step"]?.scalars == [2])
    // 1 - 0.25 · 2, then 0.5 - 0.125 · 2 · 0.5.
    #expect(interpreter.values["weight"]?.scalars == [0.375, -0.75])
  }
}
