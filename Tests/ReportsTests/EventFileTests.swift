import Foundation
import Interchange
import Reports
import Testing

/// A file for TensorBoard, compared with what TensorBoard's own library writes; see `Fixtures/events.py`.
struct EventFileTests {
  @Test func `the bytes are those that TensorBoard reads`() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let file = try EventFile(path: path, time: 1.5)
    try file.append([("loss/training", 0.25), ("accuracy", -3)], step: 300, time: 2.5)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let expected = try #require(Bundle.module.url(forResource: "events", withExtension: "tfevents"))
    #expect(bytes == (try Data(contentsOf: expected)))
  }
}
