import Chainrule

/// Data sets that the package makes, by their words on the command line.
enum SyntheticData: String, CaseIterable {
  case xor, spirals, moons, circles
  case temporalXOR = "temporal-xor"
  case parity, echo

  /// Examples to learn from, and others to test with where there can be others.
  func load() throws -> DatasetSplits {
    func splits(_ make: (_ count: Int, _ seed: UInt64) throws -> Dataset) throws -> DatasetSplits {
      DatasetSplits(training: try make(1200, 1), test: try make(600, 2))
    }
    switch self {
    case .xor: return DatasetSplits(training: Synthetic.xor(), test: nil)
    case .spirals: return try splits { try Synthetic.spirals(count: $0, noise: 0.15, seed: $1) }
    case .moons: return try splits { try Synthetic.twoMoons(count: $0, seed: $1) }
    case .circles: return try splits { try Synthetic.circles(count: $0, seed: $1) }
    case .temporalXOR: return try splits { try Synthetic.temporalXOR(count: $0, seed: $1) }
    case .parity: return try splits { try Synthetic.parity(count: $0, seed: $1) }
    case .echo: return try splits { try Synthetic.echo(count: $0, seed: $1) }
    }
  }
}
