// swift-tools-version: 6.2
import PackageDescription

let numerics: Target.Dependency = .product(name: "RealModule", package: "swift-numerics")

/// Each library target may import only those above it: the order of this list is the way of the data.
let package = Package(
  name: "Chainrule",
  platforms: [.macOS(.v14)],
  products: [
    .library(name: "Chainrule", targets: ["Chainrule"]),
    .executable(name: "chainrule", targets: ["ChainruleCommand"]),
    .executable(name: "chainrule-bench", targets: ["ChainruleBench"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.0.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(name: "CDeflate", providers: [.apt(["libdeflate-dev"]), .brew(["libdeflate"])]),
    // oneDNN (Debian: libdnnl-dev, Homebrew: onednn) and the OpenMP runtime that it runs on.
    .target(
      name: "CKernels",
      linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp", .when(platforms: [.linux]))]),
    // libpng and libjpeg-turbo (Debian: libpng-dev, libjpeg62-turbo-dev; Homebrew: libpng, jpeg-turbo).
    .target(name: "CImages", linkerSettings: [.linkedLibrary("png"), .linkedLibrary("jpeg")]),
    .target(name: "CBatches"),
    .target(name: "CTables"),
    .target(name: "CPatience"),
    .target(name: "CMeasures"),
    .target(name: "CDigits", exclude: ["optical-digits.csv.gz", "LICENSE-optical-digits.md"]),

    .target(name: "Tensors"),
    .target(name: "Graphs", dependencies: ["Tensors"]),
    .target(name: "ReferenceBackend", dependencies: ["Graphs"]),
    .target(name: "Operations", dependencies: ["Graphs", numerics]),
    .target(name: "Differentiation", dependencies: ["Operations", "ReferenceBackend"]),
    .target(name: "Compilation", dependencies: ["Operations", "ReferenceBackend"]),
    .target(name: "CPUBackend", dependencies: ["Compilation", "CKernels"]),
    .target(name: "Descriptions"),
    .target(name: "NeuralNetworks", dependencies: ["Descriptions", "Differentiation", numerics]),
    .target(name: "Optimizers", dependencies: ["NeuralNetworks", "ReferenceBackend", numerics]),
    .target(
      name: "Datasets",
      dependencies: [
        "Tensors", "CZlib", "CDeflate", "CBatches", "CTables", "CDigits", "CImages",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .target(name: "Interchange", dependencies: ["Descriptions", "Tensors", "Yams"]),
    .target(
      name: "Training",
      dependencies: ["NeuralNetworks", "Optimizers", "Datasets", "CPUBackend", "Interchange"]),
    .target(name: "Reports", dependencies: ["Training"]),
    .target(name: "Chainrule", dependencies: ["Reports"]),

    .executableTarget(
      name: "ChainruleCommand",
      dependencies: [
        "Chainrule", "CPatience", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .executableTarget(
      name: "ChainruleBench",
      dependencies: [
        "CMeasures", "CPUBackend", "CPatience", "Datasets", "Optimizers", "Reports", "Training",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(name: "OneStep", dependencies: ["Chainrule"], path: "Examples/OneStep"),
    .executableTarget(name: "GlorotBengio", dependencies: ["Chainrule"], path: "Examples/GlorotBengio"),
    .executableTarget(name: "DigitsPicture", dependencies: ["Chainrule"], path: "Examples/DigitsPicture"),

    .testTarget(
      name: "CommandTests",
      dependencies: [
        "ChainruleCommand", "ChainruleBench", "Training", "FixtureSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      exclude: ["Faults"]),
    .testTarget(name: "PublishedRunsTests", dependencies: ["Chainrule", "FixtureSupport"]),
    .testTarget(
      name: "DatasetsTests",
      dependencies: ["Datasets", "CZlib", "FixtureSupport", .product(name: "GRDB", package: "GRDB.swift")]),
    .testTarget(name: "InterchangeTests", dependencies: ["Interchange", "NeuralNetworks"]),
    .target(name: "FixtureSupport", dependencies: ["Tensors", "CZlib"], path: "Tests/FixtureSupport"),
    .testTarget(
      name: "NeuralNetworksTests",
      dependencies: ["NeuralNetworks", "ReferenceBackend", "CPUBackend", "FixtureSupport"]),
    .testTarget(name: "OptimizersTests", dependencies: ["Optimizers", "ReferenceBackend", "FixtureSupport"]),
    .testTarget(name: "CompilationTests", dependencies: ["CPUBackend", "Differentiation"]),
    .testTarget(name: "CPUBackendTests", dependencies: ["CPUBackend", "Differentiation"]),
    .testTarget(name: "OperationsTests", dependencies: ["Operations", "ReferenceBackend"]),
    .testTarget(
      name: "ReportsTests", dependencies: ["Reports"], exclude: ["Fixtures/events.py"],
      resources: [.copy("Fixtures/events.tfevents")]),
    .testTarget(
      name: "TrainingTests", dependencies: ["Training"], exclude: ["Fixtures/scores.py"],
      resources: [.copy("Fixtures/scores.json")]),
    .testTarget(name: "DifferentiationTests", dependencies: ["Differentiation"], resources: [.copy("Fixtures")]),
  ]
)

// Not in packages that depend on this one: there, SwiftPM drops it.
for target in package.targets where target.type != .system {
  target.swiftSettings = (target.swiftSettings ?? []) + [.treatAllWarnings(as: .error)]
}
