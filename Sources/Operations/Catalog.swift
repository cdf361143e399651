/// Every operation that there is, in the order of the folders. Tests, printing and parsing, and the documentation's table
/// go through this list.
public enum Catalog {
  public static let operations: [any Operation.Type] = [
    Input.self, Variable.self, Constant.self,
    // Elementwise
    Add.self, Multiply.self, Tanh.self,
    // Layout
    Broadcast.self, Reshape.self,
    // Linear
    MatrixMultiply.self,
    // Reduction
    ReduceSum.self,
  ]
}
