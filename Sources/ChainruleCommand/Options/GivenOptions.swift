import Chainrule

/// Options that belong together, and whether each was given.
typealias GivenOptions = KeyValuePairs<String, Bool>

/// Options that would be of no effect are refused rather than passed over.
/// - Parameter reason: what follows the option's name: "is for 'train'."
/// - Throws: `UsageError` when one of them was given.
func refuse(_ options: GivenOptions, _ reason: String) throws {
  if let name = options.first(where: \.value)?.key { throw UsageError("\(name) \(reason)") }
}
