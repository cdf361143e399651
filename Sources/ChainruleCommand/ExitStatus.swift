import ArgumentParser
import Chainrule
import Foundation

/// The process's status for an error, as `sysexits.h` numbers them, so that scripts can tell what to look at.
func exitStatus(for error: any Error) -> Int32 {
  switch error {
  case let error as DatasetError:
    switch error.kind {
    case .missing, .unreadable: EX_NOINPUT
    case .invalidArgument: EX_USAGE
    default: EX_DATAERR
    }
  case let error as SafetensorsError:
    error.kind == .missing || error.kind == .unreadable ? EX_NOINPUT : EX_DATAERR
  case let error as YAMLError: error.kind == .missing || error.kind == .unreadable ? EX_NOINPUT : EX_DATAERR
  case is FileWriteError, is StoreError: EX_CANTCREAT
  // What a shell reports of a program that a closed pipe has ended.
  case let error as OutputError: error.code == EPIPE ? 128 + SIGPIPE : EX_IOERR
  case let error as Interruption: 128 + error.signal
  case let error as TrainingError: error.kind == .invalidOption ? EX_USAGE : EX_DATAERR
  case is OptimizerError, is LossError, is LayerError: EX_USAGE
  case _ where isUsageError(error): Root.exitCode(for: error).rawValue
  default: EXIT_FAILURE
  }
}

/// Whether the words on the command line are at fault, or ask for help.
func isUsageError(_ error: any Error) -> Bool {
  // What the parser finds, it wraps in an error that is not public.
  error is UsageError || error is CleanExit || String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
}
