import Datasets
import NeuralNetworks

/// What a network of dense layers is made of, where no other network is asked for. Of sequences with something to
/// predict at each step the hidden layers are recurrent ones.
///
/// ```swift
/// let network = DenseNetwork(hidden: [64, 32], activation: .tanh, dropout: 0.1).network(for: data)
/// ```
public struct DenseNetwork: Hashable, Sendable {
  /// The sizes of the hidden layers.
  public var hidden: [Int]
  /// What the hidden layers apply, other than those for sequences, which have functions of their own.
  public var activation: ActivationFunction
  /// What the last layer applies besides what the loss does.
  public var outputActivation: ActivationFunction
  /// The share of each hidden layer's outputs that is dropped while training, from 0 up to but not including 1.
  public var dropout: Double
  /// How weights start; nil for what suits the activation.
  public var weightInitializer: Initializer?
  /// How the biases of dense layers start.
  public var biasInitializer: Initializer
  /// How many such networks learn side by side, to be averaged, up to `Ensemble.greatestMemberCount`; see `Ensemble`.
  public var ensemble: Int

  /// Settings with usual values for all that is not given. What cannot be used is found out when the network is traced.
  public init(
    hidden: [Int] = [256, 128], activation: ActivationFunction = .relu,
    outputActivation: ActivationFunction = .identity, dropout: Double = 0, weightInitializer: Initializer? = nil,
    biasInitializer: Initializer = .zeros, ensemble: Int = 1
  ) {
    self.hidden = hidden
    self.activation = activation
    self.outputActivation = outputActivation
    self.dropout = dropout
    self.weightInitializer = weightInitializer
    self.biasInitializer = biasInitializer
    self.ensemble = ensemble
  }

  /// What suits the rows of a table: units are dropped but where numbers are predicted, since outputs vary less in use
  /// than with units dropped.
  public static func table(_ preprocessing: Preprocessing) -> DenseNetwork {
    DenseNetwork(
      hidden: [128, 128], dropout: preprocessing.target.task == .regression ? 0 : 0.25, ensemble: tableEnsemble)
  }

  /// What suits sequences with something to predict at each step.
  public static let sequences = DenseNetwork(hidden: [64])

  /// How many networks are averaged for a table.
  public static let tableEnsemble = 4

  /// The network for data of this form: for sequences with something to predict at each step an LSTM of each size and
  /// a dense layer at each step.
  /// - Parameter preprocessing: how the columns of a table became features, nil for other data. Columns of many
  ///   categories are given to hidden layers as vectors that are learned (`ColumnEmbeddings`), and to a single layer as
  ///   a feature for each category (`ColumnOneHot`).
  public func network(for data: Dataset, _ preprocessing: Preprocessing? = nil) -> Sequential {
    let embeddings = preprocessing?.embeddings ?? []
    let predictsEachStep = data.predictsEachStep
    let numbers = predictsEachStep ? data.targetShape[data.targetShape.rank - 1] : data.targetShape.count
    let outputs = data.predictsClasses ? data.classNames.count : numbers
    let member = Sequential {
      for size in hidden {
        if predictsEachStep { recurrent(size) } else { dense(size, activation) }
        if dropout != 0 { Dropout(dropout) }
      }
      dense(outputs, outputActivation)
    }
    return Sequential {
      if data.featureShape.rank != 1, !predictsEachStep { Flatten() }
      if !embeddings.isEmpty, hidden.isEmpty { ColumnOneHot(counts: embeddings.map(\.count)) }
      if !embeddings.isEmpty, !hidden.isEmpty {
        ColumnEmbeddings(counts: embeddings.map(\.count), sizes: embeddings.map(\.size))
      }
      if ensemble == 1 {
        member.layers
      } else {
        // One more than there may be is refused as any greater number is.
        Ensemble(Array(repeating: member, count: min(max(ensemble, 0), Ensemble.greatestMemberCount + 1)))
      }
    }
  }

  private func recurrent(_ size: Int) -> LSTM {
    var layer = LSTM(size)
    if let weightInitializer { layer.options.weightInitializer = weightInitializer }
    return layer
  }

  private func dense(_ size: Int, _ activation: ActivationFunction) -> Dense {
    Dense(size, activation: activation, weightInitializer: weightInitializer, biasInitializer: biasInitializer)
  }
}
