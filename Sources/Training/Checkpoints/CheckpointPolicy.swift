import CPUBackend
import Interchange

/// Where a run writes what it needs to be continued, and how often.
///
/// A checkpoint replaces the one before it as a whole, once it is on the disk: whatever happens meanwhile, a crash or a
/// full disk, one of the two is there and complete.
public struct CheckpointPolicy: Sendable {
  /// The file.
  public var path: String
  /// After how many steps one is written; nil does not count steps.
  public var checkpointSteps: Int?
  /// After how many minutes one is written, at the end of a step; nil does not look at the time.
  public var checkpointMinutes: Double?
  /// Asked after every step, on the thread that computes. Where it says yes, a checkpoint is written and the run ends
  /// with `StopReason.interrupted`.
  public var shouldStop: (@Sendable () -> Bool)?
  /// The calls with which the file is written.
  public var system: AtomicFile.System

  /// Numbers are checked when a run begins: 1 step or more, a finite number of minutes above 0. One checkpoint is
  /// always written when the run begins and when it ends.
  public init(
    path: String, checkpointSteps: Int? = nil, checkpointMinutes: Double? = 5,
    shouldStop: (@Sendable () -> Bool)? = nil, system: AtomicFile.System = .posix
  ) {
    self.path = path
    self.checkpointSteps = checkpointSteps
    self.checkpointMinutes = checkpointMinutes
    self.shouldStop = shouldStop
    self.system = system
  }

  func validate() throws {
    try require(checkpointSteps ?? 1 >= 1, "checkpointSteps", checkpointSteps ?? 1, "1 or more")
    let minutes = checkpointMinutes ?? 1
    try require(minutes > 0 && minutes.isFinite, "checkpointMinutes", minutes, "a finite number above 0")
  }
}

/// Writes the checkpoints of one run as its policy says.
struct CheckpointWriter {
  private let policy: CheckpointPolicy
  private let file: AtomicFile
  private let recipe: [String: String]
  private let variables: VariableStore
  private var due: ContinuousClock.Instant?

  init(_ policy: CheckpointPolicy, _ recipe: [String: String], _ variables: VariableStore) throws {
    try policy.validate()
    self.policy = policy
    self.recipe = recipe
    self.variables = variables
    file = AtomicFile(path: policy.path, system: policy.system)
    try file.checkWritable()
    scheduleNext()
  }

  var path: String { policy.path }

  /// Whether somebody asks for the run to end.
  var shouldStop: Bool { policy.shouldStop?() ?? false }

  func isDue(stepCount: Int) -> Bool {
    if let steps = policy.checkpointSteps, stepCount.isMultiple(of: steps) { return true }
    return due.map { ContinuousClock.now >= $0 } ?? false
  }

  mutating func write(_ state: RunState, best: [Safetensors.NamedTensor]) throws {
    try Checkpoint(recipe: recipe, variables: variables.tensors(), best: best, state: state).write(to: file)
    scheduleNext()
  }

  private mutating func scheduleNext() {
    // A clock does not count much further than a billion minutes.
    due = policy.checkpointMinutes.map { ContinuousClock.now + .seconds(min($0, 1e9) * 60) }
  }
}
