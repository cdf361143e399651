extension Graph {
  /// The name of the variable that counts training steps.
  public static let stepCounterName = "step"

  /// The number of training steps that are done: an int32 scalar variable, 0 while the first step runs.
  ///
  /// Dropout draws its masks from it, learning-rate schedules and bias corrections follow it, and a checkpoint that
  /// holds it resumes all of them.
  public var stepCounter: Tensor { variable(Graph.stepCounterName, TensorType(.scalar, .int32)) }

  /// Whether anything in the graph reads the step counter.
  public var usesStepCounter: Bool {
    nodes.contains { ($0.operation as? Variable)?.variableName == Graph.stepCounterName }
  }

  /// Adds one to the step counter at the end of each run, if anything reads it; a program without randomness or a
  /// schedule is spared the work. Doing it again changes nothing.
  public func advanceStepCounter() {
    guard usesStepCounter, !updates.contains(where: { $0.variable == stepCounter.value }) else { return }
    update(stepCounter, to: stepCounter + constant(1, .int32))
  }
}
