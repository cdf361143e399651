import CTables

/// Collects a column while a file is read. A class, since it grows in place.
protocol ColumnBuilder: AnyObject {
  /// - Throws: `TableValueError` for a value that is not to be had in this column.
  func append(_ block: FieldBlock) throws(TableValueError)
  /// What was read, which leaves the builder empty.
  func finish() -> Table.Values
  /// What does not fit the column's type.
  var strangers: Strangers { get }
}

/// Values of a column that are not of its type.
struct Strangers {
  /// How many there are, and how many values are of the type.
  var count = 0
  var fittingCount = 0
  /// The first one.
  var first: TableValueError?

  mutating func add(_ text: String, row: Int) {
    if first == nil { first = TableValueError(row: row, text: text) }
    count += 1
  }
}

/// A value that cannot be used, before its place in the file is known.
struct TableValueError: Error {
  let row: Int
  let text: String
  var isNotUTF8 = false
}

/// Numbers, or dates of one format.
final class NumberBuilder: ColumnBuilder {
  private var values: [Double] = []
  private(set) var strangers = Strangers()
  private let format: Timestamp.Format?
  private var scratch: [UInt8] = []

  /// - Parameters:
  ///   - format: of dates; nil for numbers.
  ///   - capacity: how many rows are expected.
  init(format: Timestamp.Format?, capacity: Int) {
    self.format = format
    reserve(&values, capacity)
  }

  func append(_ block: FieldBlock) {
    let start = values.count
    values.append(contentsOf: repeatElement(.nan, count: block.count))
    values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      let out = base + start
      var row = 0
      while row < block.count {
        if format == nil {
          row = chainrule_read_numbers(
            block.bytes, block.fields, block.stride, row, block.count, block.dialect.decimal, out)
          if row == block.count { break }
        }
        out[row] = value(block, row)
        row += 1
      }
    }
    strangers.fittingCount += block.count
  }

  /// A value that the quick loop has not read.
  private func value(_ block: FieldBlock, _ row: Int) -> Double {
    block.withText(row, &scratch) { text in
      if block.dialect.isMissing(text) { return .nan }
      if let format {
        if let date = Timestamp(text, format) { return date.seconds }
      } else {
        var number = 0.0
        let start = text.baseAddress?.assumingMemoryBound(to: UInt8.self)
        if chainrule_read_number(start, text.count, block.dialect.decimal, &number) { return number }
      }
      strangers.add(String(decoding: text.prefix(80), as: UTF8.self), row: block.firstRow + row)
      return .nan
    }
  }

  func finish() -> Table.Values {
    defer { values = [] }
    return format.map { .dates(values, $0.order) } ?? .numbers(values)
  }
}

/// Text, each different one once.
final class TextBuilder: ColumnBuilder {
  private var codes: [Int32] = []
  private var interner = TextInterner()
  /// The code of each text by its number, and the numbers of the codes: marks of missing values have no code.
  private var codeOfNumber: [Int32] = []
  private var numberOfCode: [Int] = []
  private var scratch: [UInt8] = []

  init(capacity: Int) { reserve(&codes, capacity) }

  let strangers = Strangers()

  func append(_ block: FieldBlock) throws(TableValueError) {
    let start = codes.count
    codes.append(contentsOf: repeatElement(Table.TextValues.missing, count: block.count))
    var row = 0
    while true {
      row = codes.withUnsafeMutableBufferPointer { codes in
        guard let base = codes.baseAddress else { return block.count }
        return interner.readCodes(block, from: row, codeOfNumber, into: base + start)
      }
      if row == block.count { return }
      codes[start + row] = try code(block, row)
      row += 1
    }
  }

  /// The code of a field that the quick loop has not read.
  private func code(_ block: FieldBlock, _ row: Int) throws(TableValueError) -> Int32 {
    let code = block.withText(row, &scratch) { text in
      Result<Int32, TableValueError> { () throws(TableValueError) in
        if text.isEmpty { return Table.TextValues.missing }
        guard let (number, isNew) = interner.number(of: text) else { return Table.TextValues.notKept }
        if isNew { try add(text, number, block, row) }
        return codeOfNumber[Int(number)]
      }
    }
    return try code.get()
  }

  private func add(
    _ text: UnsafeRawBufferPointer, _ number: Int32, _ block: FieldBlock, _ row: Int
  ) throws(TableValueError) {
    guard !block.dialect.isMissing(text) else { return codeOfNumber.append(Table.TextValues.missing) }
    let string = String(decoding: text, as: UTF8.self)
    guard string.utf8.elementsEqual(text), !text.contains(0) else {
      throw TableValueError(row: block.firstRow + row, text: String(string.prefix(80)), isNotUTF8: true)
    }
    codeOfNumber.append(Int32(numberOfCode.count))
    numberOfCode.append(Int(number))
  }

  func finish() -> Table.Values {
    defer { codes = [] }
    let texts = interner.texts()
    return .text(Table.TextValues(unchecked: codes, numberOfCode.map { texts[$0] }))
  }
}

/// Makes room for as many elements, in few large pages of memory where the system has such.
private func reserve<Element>(_ elements: inout [Element], _ capacity: Int) {
  elements.reserveCapacity(capacity)
  elements.withUnsafeMutableBufferPointer { elements in
    preferLargePages(elements.baseAddress, byteCount: capacity * MemoryLayout<Element>.stride)
  }
}
