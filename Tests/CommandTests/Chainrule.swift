import Foundation
import Testing

/// What a run of the built program came to.
struct Run {
  let output: String
  let diagnostics: String
  let status: Int32
  /// Whether a signal ended it: a trap, for instance.
  let wasKilled: Bool

  /// The lines of standard output, each of which must be a JSON object.
  func jsonLines() throws -> [[String: Any]] {
    try output.split(separator: "\n").map { line in
      try #require(
        JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "not a JSON object: \(line)")
    }
  }
}

extension Run {
  /// The commands that are suggested at the end.
  var suggestions: [String] {
    output.split(separator: "\n").drop { $0 != "What to try next" }.filter { $0.hasPrefix("    ") }.map(String.init)
  }
}

/// Runs the program `chainrule` as a user does, in a folder of its own that goes away with the value.
final class Chainrule {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("chainrule-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  static var program: URL { program(named: "chainrule") }

  /// A program of the package, which is built into the folder that the tests are in.
  static func program(named name: String) -> URL {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
    let builds = bundle?.bundleURL.deletingLastPathComponent() ?? Bundle.main.bundleURL
    return builds.appendingPathComponent(name)
  }

  @discardableResult
  func run(_ arguments: String...) throws -> Run { try run(arguments) }

  func run(_ arguments: [String]) throws -> Run { try launch(Self.program, arguments) }

  /// Runs the program, and meanwhile something else.
  func start(
    _ arguments: [String], _ environment: [String: String] = [:], meanwhile body: (Process) throws -> Void = { _ in }
  ) throws -> Run {
    try launch(Self.program, arguments, environment, meanwhile: body)
  }

  /// Runs a line of shell script in which `$chainrule` is the program.
  func shell(_ script: String) throws -> Run {
    try launch(URL(fileURLWithPath: "/bin/sh"), ["-c", "chainrule='\(Self.program.path)'; \(script)"])
  }

  /// The names of what is in the folder, hidden files included; without the folder of runs, which has tests of its own.
  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().filter { $0 != "runs" }
  }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(name)) }

  func write(_ bytes: [UInt8], to name: String) throws {
    let file = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  private func launch(
    _ program: URL, _ arguments: [String], _ environment: [String: String] = [:],
    meanwhile body: (Process) throws -> Void = { _ in }
  ) throws -> Run {
    // Files, not pipes: they take any amount while nobody reads. Outside of the folder, which tests look into.
    let base = folder.path + UUID().uuidString
    let paths = [base + ".out", base + ".err"]
    defer { for path in paths { try? FileManager.default.removeItem(atPath: path) } }
    let handles = try paths.map { path in
      _ = FileManager.default.createFile(atPath: path, contents: nil)
      return try #require(FileHandle(forWritingAtPath: path))
    }
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = handles[0]
    process.standardError = handles[1]
    try process.run()
    try body(process)
    process.waitUntilExit()
    let texts = try paths.map { String(decoding: try Data(contentsOf: URL(fileURLWithPath: $0)), as: UTF8.self) }
    return Run(
      output: texts[0], diagnostics: texts[1], status: process.terminationStatus,
      wasKilled: process.terminationReason == .uncaughtSignal)
  }
}

/// A file in the format of MNIST.
/// - Parameter type: 8 for unsigned bytes.
func idx(_ dimensions: [Int], _ bytes: [UInt8], type: UInt8 = 8) -> [UInt8] {
  let extents = dimensions.flatMap { extent in (0..<4).map { UInt8(extent >> (24 - 8 * $0) & 255) } }
  return [0, 0, type, UInt8(dimensions.count)] + extents + bytes
}

extension Chainrule {
  /// Writes a folder of images, bright in the upper or in the lower half, and labels that say which.
  func writeHalves(_ folder: String, count: Int = 64, side: Int = 4) throws {
    for prefix in ["train", "t10k"] {
      var images: [UInt8] = []
      for example in 0..<count {
        let bright = UInt8(200 + example % 50)
        let isUpper = example.isMultiple(of: 2)
        for pixel in 0..<(side * side) { images.append((pixel < side * side / 2) == isUpper ? bright : 7) }
      }
      try write(idx([count, side, side], images), to: "\(folder)/\(prefix)-images-idx3-ubyte")
      try write(idx([count], (0..<count).map { UInt8($0 % 2) }), to: "\(folder)/\(prefix)-labels-idx1-ubyte")
    }
  }
}
