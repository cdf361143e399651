"""PyTorch with `torch.compile`."""
from . import pytorch

version = pytorch.version


def build(name, threads):
    return pytorch.build(name, threads, is_compiled=True)
