import Chainrule

extension LossView {
  /// A loss as people read it.
  func text(_ value: Double) -> String { loss(convert(value)) }
}
