import Foundation

/// Data that are too large for the package, in the folder `shared` beside it or where CHAINRULE_SHARED says.
public enum SharedData {
  /// The folder, whether it is there or not.
  public static let folder =
    ProcessInfo.processInfo.environment["CHAINRULE_SHARED"]
    ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../shared")
      .standardizedFileURL.path

  /// The path of something in it; nil when that is not there.
  public static func path(_ name: String) -> String? {
    let path = folder + "/" + name
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }
}
