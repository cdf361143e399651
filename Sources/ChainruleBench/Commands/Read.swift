import ArgumentParser
import Datasets
import Foundation

/// Times the reading of a table, which nothing else follows.
struct Read: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time the reading of a table.",
    discussion: """
      The memory that the columns take is 8 bytes for each number or date and 4 for each text, besides the different \
      texts. Benchmarks/make_csv.py makes a file of any size.
      """)

  @OptionGroup var output: OutputOptions

  @Argument(help: "A CSV, TSV, JSON Lines, SQLite, NPY or NPZ file.", completion: .file())
  var path: String

  func run() throws {
    let (start, processor) = (nanoseconds(), processorSeconds())
    let table = try Table(path: path)
    let seconds = Double(nanoseconds() - start) / 1e9
    let byteCount = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    let line = Line(
      rows: table.rowCount, columns: table.columns.count, bytes: byteCount, seconds: seconds,
      processorSeconds: processorSeconds() - processor, megabytesPerSecond: Double(byteCount) / 1e6 / seconds,
      columnBytes: table.columns.reduce(0) { $0 + $1.values.byteCount }, peakBytes: peakByteCount())
    try output.show(
      line,
      "\(line.rows) rows of \(line.columns) columns in \(seconds) s, \(line.processorSeconds) s of processor time: "
        + "\(Int(line.megabytesPerSecond)) MB/s; at most \(line.peakBytes / 1_000_000) MB of memory, "
        + "\(line.columnBytes / 1_000_000) of them in columns")
  }

  private struct Line: Encodable {
    let rows, columns: Int
    /// Of the file.
    let bytes: Int
    let seconds, processorSeconds, megabytesPerSecond: Double
    /// What the columns take, and what the process took at most.
    let columnBytes, peakBytes: Int
  }
}

extension Table.Values {
  fileprivate var byteCount: Int {
    switch self {
    case .numbers(let values), .dates(let values, _): values.count * MemoryLayout<Double>.stride
    case .text(let text):
      text.codes.count * MemoryLayout<Int32>.stride + text.dictionary.reduce(0) { $0 + $1.utf8.count }
    }
  }
}

/// The time that all processors together have spent on this process.
private func processorSeconds() -> Double {
  func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
  let usage = resourceUsage()
  return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}
