import CKernels

extension CPUBackend {
  /// The library that computes, and its version as loaded: `oneDNN 2.6.3`.
  public static var libraryVersion: String {
    var version: [Int32] = [0, 0, 0]
    ck_library_version(&version)
    return "oneDNN " + version.map(String.init).joined(separator: ".")
  }
}
