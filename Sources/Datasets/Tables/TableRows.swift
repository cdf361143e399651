/// What examples of a table have beside what is learned from.
struct TableRows: Sendable {
  /// Where the examples are in the table's file.
  let places: RowPlaces
  /// Example by example the numbers to be predicted, before they were standardised; nil where none are predicted.
  let numbers: [Double]?

  /// Those of some examples, of `width` numbers each.
  func subset(_ rows: [Int], width: Int) -> TableRows {
    TableRows(places: places.subset(rows), numbers: numbers.map { gather($0, rows, width) })
  }
}

extension Dataset {
  /// The numbers to be predicted as the table has them that the examples are from, `[count] + targetShape`: what
  /// `targets` has of them is standardised and rounded. Nil for other data.
  public var tableNumbers: [Double]? { tableRows?.numbers }

  /// Where an example is in the file of the table that it is from: `line 17`; nil for other data.
  public func place(ofExample example: Int) -> String? {
    (0..<count).contains(example) ? tableRows?.places.name(of: example) : nil
  }
}
