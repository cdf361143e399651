"""scikit-learn's multilayer perceptron."""
import warnings

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier

from . import WORKLOADS

version = sklearn.__version__


def build(name, threads):
    """What takes one step of a workload, and the number of parameters; its products take as many threads as the
    environment says."""
    warnings.filterwarnings("ignore")
    workload = WORKLOADS[name]
    inputs, *hidden, classes = workload.sizes
    random = np.random.default_rng(0)
    x = random.normal(size=(workload.batch, inputs)).astype(np.float32)
    y = random.integers(0, classes, workload.batch)
    network = MLPClassifier(
        hidden, solver="sgd", batch_size=workload.batch, learning_rate_init=workload.optimizer[1], momentum=0)
    network.partial_fit(x, y, classes=range(classes))
    count = sum(array.size for array in network.coefs_ + network.intercepts_)
    return lambda: network.partial_fit(x, y), count
