"""MLX on the processor, each step one compiled function."""
import functools
import importlib.metadata

import mlx.core as mx
from mlx import nn, optimizers

from . import WORKLOADS, limit_processors

version = importlib.metadata.version("mlx")


def dense(sizes, activation):
    layers = []
    for width, units in zip(sizes, sizes[1:]):
        layers += [nn.Linear(width, units), mx.tanh if activation == "tanh" else nn.relu]
    return layers[:-1]


def build(name, threads):
    """What takes one step of a workload, and the number of parameters."""
    limit_processors(threads)
    mx.set_default_device(mx.cpu)
    workload = WORKLOADS[name]
    if workload.network == "lenet":
        x = mx.random.normal((workload.batch, 28, 28, 1))
        layers = [
            nn.Conv2d(1, 6, 5, padding=2), nn.relu, nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.relu, nn.MaxPool2d(2),
            lambda x: x.reshape(x.shape[0], -1), *dense((400, 120, 84, 10), "relu")]
    else:
        x = mx.random.normal((workload.batch, workload.sizes[0]))
        layers = dense(workload.sizes, workload.activation)
    network = nn.Sequential(*layers)
    is_real = workload.loss == "squared error"
    y = mx.random.normal((workload.batch, 1)) if is_real else mx.random.randint(0, 10, (workload.batch,))
    kind, rate, *momentum = workload.optimizer
    rule = optimizers.Adam(rate) if kind == "adam" else optimizers.SGD(rate, *momentum)

    def loss(network, x, y):
        outputs = network(x)
        return mx.mean((outputs - y) ** 2) if is_real else nn.losses.cross_entropy(outputs, y, reduction="mean")

    mx.eval(network.parameters())
    slope = nn.value_and_grad(network, loss)
    state = [network.state, rule.state]

    @functools.partial(mx.compile, inputs=state, outputs=state)
    def train(x, y):
        value, gradient = slope(network, x, y)
        rule.update(network, gradient)
        return value

    count = sum(array.size for _, array in nn.utils.tree_flatten(network.parameters()))
    return lambda: mx.eval(state, train(x, y)), count
