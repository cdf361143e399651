/// Every operation that there is, in the order of the folders. Tests, printing and parsing, and the documentation's table
/// go through this list.
public enum Catalog {
  public static let operations: [any Operation.Type] = [
    Input.self, Variable.self, Constant.self,
    // Elementwise
    Add.self, Subtract.self, Multiply.self, Divide.self, Negate.self, Power.self, Exp.self, Log.self, SquareRoot.self,
    Reciprocal.self, Sine.self, Cosine.self, Tanh.self, Sigmoid.self, ReLU.self, Softplus.self, ErrorFunction.self,
    AbsoluteValue.self, Sign.self, Minimum.self, Maximum.self, Clamp.self, Compare.self, Select.self, Floor.self,
    Step.self, Cast.self, StopGradient.self,
    // Indexing
    Gather.self, ScatterAdd.self, OneHot.self,
    // Layout
    Broadcast.self, Reshape.self, Transpose.self, Slice.self, Concatenate.self, Pad.self,
    // Linear
    MatrixMultiply.self,
    // Normalization
    Softmax.self, LogSoftmax.self, SoftmaxCrossEntropy.self,
    // Random
    RandomUniform.self, RandomNormal.self, DropoutMask.self,
    // Reduction
    ReduceSum.self, ReduceMean.self, ReduceMaximum.self, ReduceMinimum.self, ReduceProduct.self, LogSumExp.self,
    ArgumentMaximum.self,
  ]
}
