extension Table {
  /// What a file of a table can be, by what it begins with; by its name where that does not tell.
  public enum Format: String, Sendable, CaseIterable {
    /// CSV, TSV and other text with a sign between fields.
    case delimited
    case jsonLines
    case sqlite
    /// One array of NumPy's.
    case npy
    /// Several arrays of NumPy's.
    case npz

    /// - Throws: `DatasetError` when the file cannot be read.
    public init(path: String) throws {
      let stream = try ByteStream(path: path)
      var start = [UInt8](repeating: 0, count: 4096)
      let count = try start.withUnsafeMutableBytes { try stream.read(into: $0) }
      let text = start.prefix(count).drop { [0xEF, 0xBB, 0xBF, 32, 9, 10, 13].contains($0) }
      if start.starts(with: SQLiteReader.mark) {
        self = .sqlite
      } else if start.starts(with: NumPyArray.mark) {
        self = .npy
      } else if start.starts(with: ZipArchive.mark) {
        self = .npz
      } else if text.first == UInt8(ascii: "{") {
        self = .jsonLines
      } else {
        self = .delimited
      }
    }
  }

  /// Reads a CSV, TSV, JSON Lines, SQLite, NPY or NPZ file, text also where it is compressed with gzip.
  ///
  /// A text is read in chunks: memory beyond that of the columns does not grow with the file.
  /// - Throws: `DatasetError` that names the file, the line, the column and the value.
  public init(path: String, options: TableOptions = TableOptions()) throws {
    switch try Format(path: path) {
    case .delimited: self = try DelimitedReader.read(path, options)
    case .jsonLines: self = try JSONLinesReader.read(path, options)
    case .sqlite: self = try SQLiteReader.read(path, options)
    case .npy: self = try NumPyTable.read(arrays: [("column", NumPyArray(path: path))], path, options)
    case .npz: self = try NumPyTable.read(arrays: ZipArchive(path: path).arrays(), path, options)
    }
    notation = TableNotation(options)
  }
}
