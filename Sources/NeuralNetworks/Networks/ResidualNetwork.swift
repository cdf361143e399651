extension Sequential {
  /// The residual network for small images: a convolution of 16 filters, three stages of residual blocks with 16, 32
  /// and 64 filters, of which the second and the third halve both sides, and a mean over what is left.
  ///
  /// Shortcuts that change the shape are projections. Input `[batch, height, width, channels]`, output
  /// `[batch, classes]`: logits. With 3 blocks a stage it is ResNet-20.
  /// Source: He, Zhang, Ren and Sun, "Deep residual learning for image recognition" (2016), section 4.2.
  public static func residualNetwork(blocksPerStage: Int, classes: Int) -> Sequential {
    Sequential {
      convolution(16, kernel: 3)
      BatchNormalization()
      Activation(.relu)
      for (stage, filters) in [16, 32, 64].enumerated() {
        for block in 0..<max(blocksPerStage, 0) {
          residualBlock(filters, stride: stage > 0 && block == 0 ? 2 : 1)
        }
      }
      GlobalAveragePooling()
      Dense(classes)
    }
  }

  private static func residualBlock(_ filters: Int, stride: Int) -> Residual {
    Residual(activation: .relu) {
      convolution(filters, kernel: 3, stride: stride)
      BatchNormalization()
      Activation(.relu)
      convolution(filters, kernel: 3)
      BatchNormalization()
    } shortcut: {
      if stride > 1 {
        convolution(filters, kernel: 1, stride: stride)
        BatchNormalization()
      }
    }
  }

  /// Without a bias, which the normalisation after it would take away.
  private static func convolution(_ filters: Int, kernel: Int, stride: Int = 1) -> Convolution {
    Convolution(
      filters, kernel: AxisNumbers(kernel), stride: AxisNumbers(stride), padding: .explicit(AxisNumbers(kernel / 2)),
      usesBias: false, weightInitializer: .heNormal)
  }
}
