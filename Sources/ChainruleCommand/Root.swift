import ArgumentParser
import Chainrule
import Foundation

/// The command `chainrule`. Each of its commands is a file of the folder `Commands`.
@main
struct Root: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chainrule",
    abstract: "Trains neural networks, and uses them.",
    discussion: """
      To begin, train a network on the handwritten digits that are part of the program:

        chainrule train digits
      """,
    version: Model.libraryVersion,
    subcommands: [
      Train.self, Evaluate.self, Predict.self, Generate.self, Inspect.self, Describe.self, Report.self,
      FindLearningRate.self, LearningCurveCommand.self, Sweep.self, Runs.self, RaceCommand.self,
    ])

  static func main() {
    // A full disk or a reader that has gone away is then an error of the call that meets it, which is reported.
    signal(SIGXFSZ, SIG_IGN)
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try parseAsRoot()
      try command.run()
      try Output.finish()
    } catch {
      end(with: error)
    }
  }

  /// Says what went wrong in a line or two, and leaves with a status that tells kinds of errors apart.
  private static func end(with error: any Error) -> Never {
    var error = error
    // Asking for help is no error, though the parser reports it as one.
    if exitStatus(for: error) == 0 {
      Output.write(fullMessage(for: error) + "\n")
      do {
        try Output.finish()
        Foundation.exit(0)
      } catch let failure {
        error = failure
      }
    }
    // A reader that has gone away wanted no more.
    if (error as? OutputError)?.code != EPIPE { Output.writeDiagnostic("chainrule: \(text(of: error))\n") }
    Foundation.exit(exitStatus(for: error))
  }

  private static func text(of error: any Error) -> String {
    guard isUsageError(error) else { return readable(String(describing: error)) }
    let command = CommandLine.arguments.dropFirst().first.flatMap { name in
      configuration.subcommands.first { $0._commandName == name }
    }
    let name = ["chainrule", command?._commandName].compactMap { $0 }.joined(separator: " ")
    let lines = message(for: error).split(separator: "\n", omittingEmptySubsequences: false)
    return "\(lines.map { readable(String($0)) }.joined(separator: "\n"))\nSee '\(name) --help' for what can be given."
  }
}
