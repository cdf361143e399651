"""The workloads, as data that every peer's module makes its networks from.

A step is forward, loss, backward and the optimizer's update on one fixed batch of random numbers that is in memory
already; a prediction is forward alone. All numbers are float32; dense layers have biases unless said otherwise.
"""
import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Workload:
    network: str
    batch: int
    # The optimizer's name and its numbers; None for a prediction.
    optimizer: tuple | None = None
    # Of dense networks: the width of the input and of each layer, and what the hidden ones apply.
    sizes: tuple = ()
    activation: str = "relu"

    @property
    def loss(self):
        return "squared error" if self.sizes and self.sizes[-1] == 1 else "cross-entropy"


WORKLOADS = {
    "tiny": Workload("dense", 10, ("sgd", 0.03), (2, 8, 8, 1), "tanh"),
    "mlp": Workload("dense", 32, ("sgd", 0.1), (784, 128, 10)),
    "mlp-adam": Workload("dense", 128, ("adam", 1e-3), (784, 256, 256, 10)),
    "wide": Workload("dense", 256, ("adam", 1e-3), (784, 2048, 2048, 10)),
    "lenet": Workload("lenet", 64, ("sgd", 0.01, 0.9)),
    "resnet20": Workload("resnet20", 64, ("sgd", 0.1, 0.9, 1e-4)),
    "gpt": Workload("gpt", 12, ("adamw", 1e-3)),
    "lstm": Workload("lstm", 32, ("adam", 1e-3)),
    "predict-mlp-1": Workload("dense", 1, None, (784, 128, 10)),
    "predict-lenet-1": Workload("lenet", 1),
    "predict-lenet-64": Workload("lenet", 64),
}
TRAINING = [name for name, workload in WORKLOADS.items() if workload.optimizer]
PREDICTIONS = [name for name, workload in WORKLOADS.items() if not workload.optimizer]

# ResNet-20's blocks: channels and stride of each.
RESIDUAL_BLOCKS = [(channels, 2 if channels > 16 and first else 1)
                   for channels in (16, 32, 64) for first in (True, False, False)]


@dataclass(frozen=True)
class Text:
    vocabulary: int = 65
    length: int = 64


@dataclass(frozen=True)
class Transformer(Text):
    channels: int = 128
    heads: int = 4
    blocks: int = 4


@dataclass(frozen=True)
class Recurrent(Text):
    features: int = 64
    units: int = 128


def limit_processors(count):
    """For libraries whose only setting for threads is how many processors the process may use."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])
