import ArgumentParser

/// Lists the workloads.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Print the names of the workloads, one a line.")

  func run() { print(Workload.names.joined(separator: "\n")) }
}
