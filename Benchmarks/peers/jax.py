"""JAX with Optax, each step one jitted function that gives its buffers away."""
import functools
import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")
import jax
import numpy as np
import optax
from jax import lax, nn, numpy as jnp

from . import RESIDUAL_BLOCKS, WORKLOADS, Recurrent, Transformer, limit_processors

version = jax.__version__
random = np.random.default_rng(0)


def normal(*shape, deviation=0.05):
    return jnp.asarray(random.normal(0, deviation, shape).astype(np.float32))


def integers(bound, *shape):
    return jnp.asarray(random.integers(0, bound, shape))


def dense(sizes, activation=nn.relu):
    weights = [dict(w=normal(width, units), b=jnp.zeros(units)) for width, units in zip(sizes, sizes[1:])]

    def apply(layers, x):
        for layer in layers[:-1]:
            x = activation(x @ layer["w"] + layer["b"])
        return x @ layers[-1]["w"] + layers[-1]["b"]
    return weights, apply


def convolve(x, w, stride=1, padding="SAME"):
    return lax.conv_general_dilated(x, w, (stride, stride), padding, dimension_numbers=("NHWC", "HWIO", "NHWC"))


def lenet():
    head, apply_head = dense((400, 120, 84, 10))
    weights = dict(first=normal(5, 5, 1, 6), first_bias=jnp.zeros(6), second=normal(5, 5, 6, 16),
                   second_bias=jnp.zeros(16), head=head)

    def pool(x):
        return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def apply(weights, x):
        x = pool(nn.relu(convolve(x, weights["first"]) + weights["first_bias"]))
        x = pool(nn.relu(convolve(x, weights["second"], padding="VALID") + weights["second_bias"]))
        return apply_head(weights["head"], x.reshape(len(x), -1))
    return weights, apply


def resnet20():
    def normalized(inputs, outputs, size):
        return dict(w=normal(size, size, inputs, outputs), scale=jnp.ones(outputs), shift=jnp.zeros(outputs))

    def apply_normalized(layer, x, stride=1):
        x = convolve(x, layer["w"], stride)
        mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
        return (x - mean) * lax.rsqrt(variance + 1e-5) * layer["scale"] + layer["shift"]

    blocks, channels = [], 16
    for outputs, stride in RESIDUAL_BLOCKS:
        block = dict(first=normalized(channels, outputs, 3), second=normalized(outputs, outputs, 3))
        if stride != 1 or channels != outputs:
            block["shortcut"] = normalized(channels, outputs, 1)
        blocks.append(block)
        channels = outputs
    head, apply_head = dense((64, 10))

    def apply(weights, x):
        x = nn.relu(apply_normalized(weights["stem"], x))
        for block, (_, stride) in zip(weights["blocks"], RESIDUAL_BLOCKS):
            inner = nn.relu(apply_normalized(block["first"], x, stride))
            shortcut = apply_normalized(block["shortcut"], x, stride) if "shortcut" in block else x
            x = nn.relu(apply_normalized(block["second"], inner) + shortcut)
        return apply_head(weights["head"], x.mean((1, 2)))
    return dict(stem=normalized(3, 16, 3), blocks=blocks, head=head), apply


def gpt(form=Transformer()):
    channels, heads = form.channels, form.heads
    weights = dict(
        tokens=normal(form.vocabulary, channels), places=normal(form.length, channels), norm=jnp.ones(channels),
        blocks=[dict(before_attention=jnp.ones(channels), before_dense=jnp.ones(channels),
                     queries_keys_values=normal(channels, 3 * channels), mix=normal(channels, channels),
                     widen=normal(channels, 4 * channels), narrow=normal(4 * channels, channels))
                for _ in range(form.blocks)])
    is_past = jnp.tril(jnp.ones((form.length, form.length), bool))

    def normalize(x, scale):
        return (x - x.mean(-1, keepdims=True)) * lax.rsqrt(x.var(-1, keepdims=True) + 1e-5) * scale

    def attention(block, x):
        batch, length, _ = x.shape
        parts = jnp.split(normalize(x, block["before_attention"]) @ block["queries_keys_values"], 3, -1)
        q, k, v = (part.reshape(batch, length, heads, -1).transpose(0, 2, 1, 3) for part in parts)
        scores = jnp.where(is_past, q @ k.swapaxes(-1, -2) / np.sqrt(channels // heads), -1e30)
        return (nn.softmax(scores) @ v).transpose(0, 2, 1, 3).reshape(x.shape) @ block["mix"]

    def apply(weights, x):
        x = weights["tokens"][x] + weights["places"]
        for block in weights["blocks"]:
            x = x + attention(block, x)
            wide = normalize(x, block["before_dense"]) @ block["widen"]
            x = x + nn.gelu(wide, approximate=False) @ block["narrow"]
        return normalize(x, weights["norm"]) @ weights["tokens"].T
    return weights, apply


def lstm(form=Recurrent()):
    units = form.units
    weights = dict(tokens=normal(form.vocabulary, form.features), input=normal(form.features, 4 * units),
                   state=normal(units, 4 * units), bias=jnp.zeros(4 * units), head=dense((units, form.vocabulary))[0])
    apply_head = dense((units, form.vocabulary))[1]

    def apply(weights, x):
        inputs = (weights["tokens"][x] @ weights["input"] + weights["bias"]).swapaxes(0, 1)

        def cell(carry, given):
            output, memory = carry
            enter, keep, candidate, show = jnp.split(given + output @ weights["state"], 4, -1)
            memory = nn.sigmoid(keep) * memory + nn.sigmoid(enter) * jnp.tanh(candidate)
            output = nn.sigmoid(show) * jnp.tanh(memory)
            return (output, memory), output
        zeros = jnp.zeros((len(x), units))
        return apply_head(weights["head"], lax.scan(cell, (zeros, zeros), inputs)[1].swapaxes(0, 1))
    return weights, apply


def network_and_batch(workload):
    size = workload.batch
    if workload.network in ("gpt", "lstm"):
        form = Transformer() if workload.network == "gpt" else Recurrent()
        texts = integers(form.vocabulary, 2, size, form.length)
        return *(gpt() if workload.network == "gpt" else lstm()), texts[0], texts[1]
    labels = integers(10, size)
    if workload.network == "lenet":
        return *lenet(), normal(size, 28, 28, 1, deviation=1), labels
    if workload.network == "resnet20":
        return *resnet20(), normal(size, 32, 32, 3, deviation=1), labels
    is_real = workload.loss == "squared error"
    targets = normal(size, workload.sizes[-1], deviation=1) if is_real else labels
    activation = jnp.tanh if workload.activation == "tanh" else nn.relu
    return *dense(workload.sizes, activation), normal(size, workload.sizes[0], deviation=1), targets


def optimizer_of(kind, rate, momentum=None, decay=0):
    if kind != "sgd":
        return (optax.adamw if kind == "adamw" else optax.adam)(rate)
    descent = optax.sgd(rate, momentum=momentum)
    return optax.chain(optax.add_decayed_weights(decay), descent) if decay else descent


def build(name, threads):
    """What takes one step of a workload, and the number of parameters."""
    limit_processors(threads)
    workload = WORKLOADS[name]
    weights, apply, x, y = network_and_batch(workload)
    optimizer = optimizer_of(*workload.optimizer)
    count = sum(leaf.size for leaf in jax.tree_util.tree_leaves(weights))

    def loss(weights, x, y):
        outputs = apply(weights, x)
        if workload.loss == "squared error":
            return jnp.mean((outputs - y) ** 2)
        return optax.softmax_cross_entropy_with_integer_labels(outputs, y).mean()

    @functools.partial(jax.jit, donate_argnums=(0, 1))
    def train(weights, moments, x, y):
        value, gradient = jax.value_and_grad(loss)(weights, x, y)
        updates, moments = optimizer.update(gradient, moments, weights)
        return optax.apply_updates(weights, updates), moments, value

    state = [weights, optimizer.init(weights)]

    def step():
        state[0], state[1], value = train(state[0], state[1], x, y)
        value.block_until_ready()
    return step, count
