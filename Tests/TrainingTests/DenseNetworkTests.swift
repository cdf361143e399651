import Datasets
import NeuralNetworks
import Testing
import Training

/// The network that is made where no other is asked for.
struct DenseNetworkTests {
  @Test func `it is made of what is asked for`() throws {
    let row = Synthetic.xor()
    let settings = DenseNetwork(hidden: [3, 4], activation: .tanh, dropout: 0.25, biasInitializer: .constant(1))
    let plain = Sequential {
      Dense(3, activation: .tanh, biasInitializer: .constant(1))
      Dropout(0.25)
      Dense(4, activation: .tanh, biasInitializer: .constant(1))
      Dropout(0.25)
      Dense(2, biasInitializer: .constant(1))
    }
    #expect(settings.network(for: row) == plain)
    #expect(DenseNetwork(hidden: []).network(for: row) == Sequential { Dense(2) })
    var several = settings
    several.ensemble = 3
    #expect(several.network(for: row) == Sequential { Ensemble([plain, plain, plain]) })
    let digits = DenseNetwork(hidden: [5]).network(for: try Digits.load().training)
    #expect(digits == Sequential { Flatten(); Dense(5, activation: .relu); Dense(10) })
    let sequences = DenseNetwork(hidden: [5], dropout: 0.5).network(for: try Synthetic.echo(count: 2, seed: 1))
    #expect(sequences == Sequential { LSTM(5); Dropout(0.5); Dense(1) })
  }

  @Test(arguments: [
    (DenseNetwork(dropout: -1), "the dropout rate must be at least 0 and less than 1, not -1.0"),
    (DenseNetwork(dropout: .nan), "the dropout rate must be at least 0 and less than 1, not nan"),
    (DenseNetwork(dropout: 1), "the dropout rate must be at least 0 and less than 1, not 1.0"),
    (DenseNetwork(ensemble: 0), "an ensemble needs from 1 to 1000 members"),
    (DenseNetwork(ensemble: -3), "an ensemble needs from 1 to 1000 members"),
    (DenseNetwork(ensemble: 1001), "an ensemble needs from 1 to 1000 members"),
    (DenseNetwork(ensemble: .max), "an ensemble needs from 1 to 1000 members"),
    (DenseNetwork(hidden: [4, 0]), "a dense layer needs at least 1 unit, not 0"),
  ])
  func `what cannot be used is found out when it is traced`(settings: DenseNetwork, reason: String) {
    let network = settings.network(for: Synthetic.xor())
    let error = #expect(throws: LayerError.self) { try network.outputType(for: TensorType([4, 2])) }
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }

  @Test func `as many networks as may be are averaged`() throws {
    let network = DenseNetwork(hidden: [], ensemble: 1000).network(for: Synthetic.xor())
    #expect(try network.parameters(for: TensorType([4, 2])).count == 2000)
  }
}
