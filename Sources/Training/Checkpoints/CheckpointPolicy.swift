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
  public var everySteps: Int?
  /// After how many seconds one is written, at the end of a step; nil does not look at the time.
  public var everySeconds: Double?
  /// Asked after every step, on the thread that computes. Where it says yes, a checkpoint is written and the run ends
  /// with `StopReason.interrupted`.
  public var shouldStop: (@Sendable () -> Bool)?
  /// The calls with which the file is written.
  public var system: AtomicFile.System

  /// Numbers are checked when a run begins: 1 step or more, more than 0 seconds. One checkpoint is always written when
  /// the run ends.
  public init(
    path: String, everySteps: Int? = nil, everySeconds: Double? = 300, shouldStop: (@Sendable () -> Bool)? = nil,
    system: AtomicFile.System = .posix
  ) {
    self.path = path
    self.everySteps = everySteps
    self.everySeconds = everySeconds
    self.shouldStop = shouldStop
    self.system = system
  }

  func validate() throws {
    try require(everySteps ?? 1 >= 1, "checkpoints.everySteps", everySteps ?? 1, "1 or more")
    try require(everySeconds ?? 1 > 0, "checkpoints.everySeconds", everySeconds ?? 1, "a number above 0")
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

  /// Whether somebody asks for the run to end.
  var shouldStop: Bool { policy.shouldStop?() ?? false }

  func isDue(stepCount: Int) -> Bool {
    if let steps = policy.everySteps, stepCount.isMultiple(of: steps) { return true }
    return due.map { ContinuousClock.now >= $0 } ?? false
  }

  mutating func write(_ state: RunState, best: [Safetensors.NamedTensor]) throws {
    try Checkpoint(recipe: recipe, variables: variables.tensors(), best: best, state: state).write(to: file)
    scheduleNext()
  }

  private mutating func scheduleNext() {
    due = policy.everySeconds.map { ContinuousClock.now + .seconds($0) }
  }
}
