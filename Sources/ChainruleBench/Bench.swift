import ArgumentParser
import Foundation

/// Measures what Chainrule computes: times, counts, the machine's limits, growth.
@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chainrule-bench",
    abstract: "Measures training steps and predictions.",
    discussion: "Workloads: \(Workload.names.joined(separator: ", ")).",
    subcommands: [Time.self, List.self, Counts.self, Limits.self, Growth.self, Loops.self, Read.self],
    defaultSubcommand: Time.self)
}

/// What all measurements of programs ask for.
struct CommonOptions: ParsableArguments {
  @Option(help: "How many threads kernels may use.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1024).contains(threads) else { throw ValidationError("--threads must be from 1 to 1,024") }
  }

  /// Prints a result as one line of JSON, its keys in alphabetical order, or as a sentence.
  func show(_ result: some Encodable, _ sentence: @autoclosure () -> String) throws {
    try output.show(result, sentence())
  }
}

/// How results are printed.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print JSON objects, one a line, instead of sentences.")
  var json = false

  /// Prints a result as one line of JSON, its keys in alphabetical order, or as a sentence.
  func show(_ result: some Encodable, _ sentence: @autoclosure () -> String) throws {
    guard json else { return print(sentence()) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.keyEncodingStrategy = .convertToSnakeCase
    print(String(decoding: try encoder.encode(result), as: UTF8.self))
  }
}
