import Foundation

/// What standard output is connected to.
struct Terminal {
  /// Whether lines can be redrawn.
  let isInteractive: Bool
  private let usesColor: Bool

  static let current = Terminal()

  private init() {
    let environment = ProcessInfo.processInfo.environment
    isInteractive = isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb"
    // https://no-color.org
    usesColor = isInteractive && (environment["NO_COLOR"] ?? "").isEmpty
  }

  /// The number of columns, which may change while the program runs.
  var width: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  func bold(_ text: String) -> String { styled(text, "1") }
  func dim(_ text: String) -> String { styled(text, "2") }
  func green(_ text: String) -> String { styled(text, "32") }
  func red(_ text: String) -> String { styled(text, "31") }

  private func styled(_ text: String, _ code: String) -> String {
    usesColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
