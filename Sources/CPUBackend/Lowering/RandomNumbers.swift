import CKernels
import Compilation

extension Lowering {
  func random(_ random: any RandomOperation) -> PreparedKernel? {
    let (distribution, rate): (ck_distribution, Double)
    switch random {
    case is RandomUniform: (distribution, rate) = (CK_UNIFORM, 0)
    case is RandomNormal: (distribution, rate) = (CK_NORMAL, 0)
    case let mask as DropoutMask: (distribution, rate) = (CK_DROPOUT, mask.rate)
    default: return nil
    }
    let key = Philox(seed: random.seed, stream: random.stream).key
    let count = step.results[0].count
    let workers = workers(work: 2 * count)
    return PreparedKernel(cost: cost(operations: 0), implementation: "Philox") { buffers in
      guard let destination = buffers.results[0] else { return [] }
      return [
        BoundKernel(ck_run_random, ck_random(
          count: Int64(count), distribution: Int32(distribution.rawValue), workers: workers, key0: key.0, key1: key.1,
          // Numbers are multiples of 2^-24, and so is this bound: no rounding lies between the backends.
          threshold: Float((rate * 0x1p24).rounded(.up) * 0x1p-24), kept: Float(1 / (1 - rate)),
          step: buffers.operands[0].assumingMemoryBound(to: Int32.self),
          destination: destination.assumingMemoryBound(to: Float.self)))
      ]
    }
  }
}
