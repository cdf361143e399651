import Operations
import ReferenceBackend
import Testing

@Suite struct RandomTests {
  private func draw(
    _ operation: (_ step: Tensor) -> Tensor, step: Double = 0
  ) throws -> [Double] {
    try Interpreter().evaluate([operation(Graph().constant(step, .int32))])[0].scalars
  }

  @Test func uniformNumbersFillTheUnitInterval() throws {
    let numbers = try draw { randomUniform([100, 100], step: $0, seed: 1) }
    #expect(numbers.allSatisfy { (0..<1).contains($0) && $0 * 0x1p24 == ($0 * 0x1p24).rounded() })
    #expect((numbers.reduce(0, +) / 10_000 - 0.5).magnitude < 0.015)
    for tenth in 0..<10 {
      let share = numbers.filter { Int($0 * 10) == tenth }.count
      #expect((850...1150).contains(share))
    }
  }

  @Test func normalNumbersHaveTheirMoments() throws {
    let numbers = try draw { randomNormal([10_000], step: $0, seed: 1) }
    func moment(_ order: Int) -> Double {
      numbers.reduce(0) { sum, number in sum + (0..<order).reduce(1) { power, _ in power * number } } / 10_000
    }
    #expect(moment(1).magnitude < 0.04)
    #expect((moment(2) - 1).magnitude < 0.06)
    #expect(moment(3).magnitude < 0.12)
    #expect((moment(4) - 3).magnitude < 0.4)
  }

  @Test func masksKeepTheMean() throws {
    let mask = try draw { dropoutMask([10_000], rate: 0.25, step: $0, seed: 3) }
    #expect(Set(mask) == [0, 1 / 0.75])
    #expect((mask.reduce(0, +) / 10_000 - 1).magnitude < 0.03)
    #expect(try draw { dropoutMask([100], rate: 0, step: $0, seed: 3) }.allSatisfy { $0 == 1 })
  }

  @Test func drawsSeedsAndStreamsDiffer() throws {
    let first = try draw { randomUniform([8], step: $0, seed: 1) }
    #expect(try draw { randomUniform([8], step: $0, seed: 1) } == first)
    let others = [
      try draw({ randomUniform([8], step: $0, seed: 1) }, step: 1), try draw { randomUniform([8], step: $0, seed: 2) },
      try draw { randomUniform([8], step: $0, seed: 1, stream: 1) },
      try draw({ randomUniform([8], step: $0, seed: 1) }, step: -1),
    ]
    for other in others { #expect(other != first) }
    // A longer draw goes on where a shorter one ends.
    #expect(try draw { randomUniform([20], step: $0, seed: 1) }.starts(with: first))
  }
}
