import Operations
import ReferenceBackend
import Testing

/// What moves, picks and reduces elements.
@Suite struct ArrangementTests {
  let matrix = ShapedArray<Double>(shape: [3, 4], unchecked: (0..<12).map { Double($0) })
  let cube = ShapedArray<Double>(shape: [2, 3, 4], unchecked: (0..<24).map { Double(($0 * 7) % 24) / 8 - 1 })

  @Test func transposingPlacesElements() throws {
    let result = try value(of: cube) { $0[0].transposed(permutation: [2, 0, 1]) }
    #expect(result.shape == [4, 2, 3])
    for i in 0..<2 { for j in 0..<3 { for k in 0..<4 {
      #expect(result.scalars[(k * 2 + i) * 3 + j] == cube.scalars[(i * 3 + j) * 4 + k])
    } } }
    #expect(try value(of: cube) { $0[0].transposed().transposed() } == cube)
  }

  @Test func slicesAndPaddingUndoEachOther() throws {
    #expect(try value(of: matrix) { $0[0].sliced(1..<4, alongAxis: -1, stride: 2) }.scalars == [1, 3, 5, 7, 9, 11])
    #expect(try value(of: matrix) { $0[0].sliced(starts: [1, 1], ends: [3, 3]) }.scalars == [5, 6, 9, 10])
    #expect(try value(of: ShapedArray([1, 2, 3])) {
      $0[0].padded(low: [1], high: [2], interior: [1], value: 9)
    }.scalars == [9, 1, 9, 2, 9, 3, 9, 9])
    #expect(try value(of: matrix) {
      $0[0].padded(low: [2, 1], high: [0, 3], interior: [1, 2]).sliced(starts: [2, 1], ends: [7, 11], strides: [2, 3])
    } == matrix)
  }

  @Test func concatenationUndoesSlicing() throws {
    for axis in 0..<3 {
      let joined = try value(of: cube) { x in
        concatenate(
          x[0].sliced(0..<1, alongAxis: axis), x[0].sliced(1..<1, alongAxis: axis),
          x[0].sliced(1..<cube.shape[axis], alongAxis: axis), alongAxis: axis)
      }
      #expect(joined == cube)
    }
  }

  @Test func gatheringIsAProductWithOneHotRows() throws {
    let graph = Graph()
    let table = graph.constant(matrix)
    let indices = graph.constant(ShapedArray([2, 0, 2, 1, 2]), .int32)
    let rows = oneHot(indices, depth: 3)
    let updates = graph.constant(ShapedArray(shape: [5, 4], unchecked: (0..<20).map { Double($0) }))
    let results = try Interpreter().evaluate([
      table.gathering(indices), matrixMultiply(rows, table),
      updates.scatteringAdd(indices, extent: 3), matrixMultiply(rows, updates, transposesLeft: true),
      table.transposed().gathering(indices, alongAxis: -1), table.gathering(indices).transposed(),
    ])
    for pair in stride(from: 0, to: 6, by: 2) { #expect(results[pair] == results[pair + 1]) }
    #expect(oneHot(graph.constant(3, .int32), depth: 3).shape == [3])
  }

  @Test func reductionsAgreeWithEachOther() throws {
    for axes in [[0], [1], [2], [0, 2], [1, 2], nil] as [[Int]?] {
      let count = Double((axes ?? [0, 1, 2]).reduce(1) { $0 * cube.shape[$1] })
      let pairs: [(String, (Tensor) -> Tensor, (Tensor) -> Tensor)] = [
        ("mean", { $0.mean(alongAxes: axes) }, { $0.sum(alongAxes: axes) / count }),
        ("min", { $0.min(alongAxes: axes) }, { -(-$0).max(alongAxes: axes) }),
        ("logSumExp", { $0.logSumExp(alongAxes: axes) }, { log(exp($0).sum(alongAxes: axes)) }),
        ("product", { exp($0).product(alongAxes: axes) }, { exp($0.sum(alongAxes: axes)) }),
        ("kept axes", { $0.max(alongAxes: axes, keepsDimensions: true).reshaped(to: $0.max(alongAxes: axes).shape) },
          { $0.max(alongAxes: axes) }),
      ]
      for (name, left, right) in pairs {
        let (a, b) = (try value(of: cube) { left($0[0]) }, try value(of: cube) { right($0[0]) })
        #expect(agree(a, b), "\(name) along \(axes ?? [])")
      }
    }
    #expect(try value(of: matrix) { $0[0].max(alongAxes: [-1]) }.scalars == [3, 7, 11])
    #expect(try value(of: matrix) { $0[0].sum(alongAxes: [0]) }.scalars == [12, 15, 18, 21])
    #expect(try value(of: matrix) { $0[0].sum(alongAxes: []) } == matrix)
  }

  @Test func reductionsOverNothing() throws {
    let empty = ShapedArray<Double>(shape: [0], unchecked: [])
    #expect(try value(of: empty) { $0[0].sum() }.scalars == [0])
    #expect(try value(of: empty) { $0[0].product() }.scalars == [1])
    #expect(try value(of: empty) { $0[0].max() }.scalars == [-.infinity])
    #expect(try value(of: empty) { $0[0].min() }.scalars == [.infinity])
    #expect(try value(of: empty) { $0[0].logSumExp() }.scalars == [-.infinity])
    #expect(try value(of: empty) { $0[0].mean() }.scalars[0].isNaN)
  }

  @Test func argmaxIsTheFirstOfEquals() throws {
    let operand = ShapedArray<Double>(shape: [3, 3], unchecked: [1, 5, 5, 7, 7, 7, 0, .nan, 9])
    #expect(try value(of: operand) { $0[0].argmax() }.scalars == [1, 0, 1])
    #expect(try value(of: operand) { $0[0].argmax(alongAxis: 0) }.scalars == [1, 2, 2])
  }

  @Test func softmaxIsADistribution() throws {
    for axis in 0..<3 {
      let sums = try value(of: cube) { $0[0].softmax(alongAxis: axis).sum(alongAxes: [axis]) }
      #expect(sums.scalars.allSatisfy { ($0 - 1).magnitude < 1e-14 })
      let direct = try value(of: cube) { exp($0[0]) / exp($0[0]).sum(alongAxes: [axis], keepsDimensions: true) }
      #expect(agree(try value(of: cube) { softmax($0[0], alongAxis: axis) }, direct))
      #expect(agree(try value(of: cube) { exp(logSoftmax($0[0], alongAxis: axis)) }, direct))
    }
  }

  @Test func softmaxCrossEntropyIsTheLogarithmOfTheLabelsProbability() throws {
    let graph = Graph()
    let logits = graph.constant(ShapedArray(shape: [3, 4], unchecked: (0..<12).map { Double(($0 * 5) % 12) - 6 }))
    let labels = graph.constant(ShapedArray([2, 0, 3]), .int32)
    let (losses, probabilities) = softmaxCrossEntropy(logits: logits, labels: labels)
    let expected = -(logits.logSoftmax() * oneHot(labels, depth: 4)).sum(alongAxes: [1])
    let results = try Interpreter().evaluate([losses, expected, probabilities, logits.softmax()])
    #expect(agree(results[0], results[1]))
    #expect(agree(results[2], results[3]))
  }

  @Test func productsOfMatrices() throws {
    let a = ShapedArray<Double>(shape: [2, 3], unchecked: [1, 2, 3, 4, 5, 6])
    let b = ShapedArray<Double>(shape: [3, 2], unchecked: [7, 8, 9, 10, 11, 12])
    let product = try value(of: a, b) { matrixMultiply($0[0], $0[1]) }
    #expect(product == ShapedArray(shape: [2, 2], unchecked: [58, 64, 139, 154]))
    for (left, right) in [(false, true), (true, false), (true, true)] {
      #expect(try value(of: a, b) {
        matrixMultiply(
          left ? $0[0].transposed() : $0[0], right ? $0[1].transposed() : $0[1], transposesLeft: left,
          transposesRight: right)
      } == product)
    }
    // A batch is one product after the other, and an operand without one is repeated.
    let batch = try value(of: cube, b) { matrixMultiply($0[1], $0[0], transposesLeft: true) }
    for index in 0..<2 {
      let single = try value(of: cube, b) {
        matrixMultiply($0[1], $0[0].sliced(index..<index + 1, alongAxis: 0).reshaped(to: [3, 4]), transposesLeft: true)
      }
      #expect(Array(batch.scalars[index * 8..<(index + 1) * 8]) == single.scalars)
    }
  }
}
